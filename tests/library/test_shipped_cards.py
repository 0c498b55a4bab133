"""The cards that ship agree with the models that they are of."""

import json
import math
import struct

import pytest

from gpt2studio.formats.shape import Shape
from gpt2studio.library.cards import Card, card_of, find, published
from gpt2studio.paths import shipped
from gpt2studio.wire.lines import build
from gpt2studio.wire.sampling import Sampling

STORYTELLER = card_of(shipped("models") / "storyteller")
CARDS = [*published(), *([STORYTELLER] if STORYTELLER else [])]


def test_there_is_a_card_for_each_published_size_and_for_the_model_that_ships() -> None:
    names = [card.name for card in CARDS]
    assert names == ["distilgpt2", "124M", "355M", "774M", "1558M", "storyteller"]


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_a_cards_parameters_are_those_of_its_shape(card: Card) -> None:
    shape = Shape(
        vocab_size=card.vocab_size,
        n_positions=card.n_positions,
        n_embd=card.n_embd,
        n_layer=card.n_layer,
        n_head=card.n_head,
        end_token=None,
    )
    assert card.parameters == shape.parameters
    assert card.n_embd % card.n_head == 0


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_a_card_says_what_the_model_is_and_under_which_licence(card: Card) -> None:
    assert card.title
    assert len(card.about) > 200
    assert "  " not in card.about
    assert "\n" not in card.about
    assert card.licence in ("MIT", "Modified MIT", "Apache-2.0")


@pytest.mark.parametrize("card", published(), ids=lambda card: card.name)
def test_a_published_model_can_be_fetched_and_found_by_all_its_names(card: Card) -> None:
    assert card.hub.count("/") == 1
    assert card.weights_bytes == 4 * card.parameters
    for name in (card.name, card.hub, *card.aliases):
        assert find(name) == card


@pytest.mark.parametrize(
    ("alias", "name"), [("117M", "124M"), ("345m", "355M"), ("gpt2-xl", "1558M"), ("gpt2", "124M")]
)
def test_the_names_of_2019_and_of_hugging_face_are_known(alias: str, name: str) -> None:
    card = find(alias)
    assert card is not None
    assert card.name == name


def test_no_name_means_two_models() -> None:
    names = [name.casefold() for card in CARDS for name in (card.name, *card.aliases)]
    assert len(names) == len(set(names))


def test_the_storytellers_card_agrees_with_its_files() -> None:
    assert STORYTELLER is not None
    folder = shipped("models") / STORYTELLER.name
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    for key in ("vocab_size", "n_positions", "n_embd", "n_layer", "n_head"):
        assert config[key] == getattr(STORYTELLER, key)
    with (folder / "model.safetensors").open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
    tensors = [tensor for name, tensor in header.items() if name != "__metadata__"]
    assert sum(math.prod(tensor["shape"]) for tensor in tensors) == STORYTELLER.parameters
    ends = [tensor["data_offsets"][1] for tensor in tensors]
    assert max(ends) == STORYTELLER.weights_bytes


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_a_cards_sampling_can_be_used(card: Card) -> None:
    assert isinstance(build(Sampling, dict(card.sampling)), Sampling)
