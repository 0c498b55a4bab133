from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gpt2studio.engine.attention import CachedAttention, Piece
from gpt2studio.engine.cache import Cache
from gpt2studio.engine.load import network_of
from gpt2studio.formats.shape import ACTIVATIONS, PUBLISHED, Shape
from tests.engine.networks import (
    CPU,
    as_on_a_mac,
    computed,
    logits_of,
    random_tensors,
    small_shape,
    storyteller,
    storyteller_tensors,
    transformer,
)

TOKENS = [464, 3303, 318, 4613, 11, 475, 262, 2746, 318, 257, 5891, 30, 13]


def both(shape: Shape, tokens: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
    tensors = random_tensors(shape)
    with torch.inference_mode():
        theirs = transformer(shape, tensors)(torch.tensor([tokens])).logits[0]
    return logits_of(network_of(shape, tensors, torch.float32), shape, tokens), theirs


@pytest.mark.parametrize("name", ["124M", "355M", "774M", "1558M"])
def test_logits_are_those_of_transformers_at_the_published_widths(name: str) -> None:
    shape = replace(PUBLISHED[name], n_layer=2, vocab_size=8192, end_token=0)
    ours, theirs = both(shape, TOKENS)
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=0)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_logits_are_those_of_transformers_with_every_activation(activation: str) -> None:
    ours, theirs = both(small_shape(activation=activation), TOKENS)
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=0)


def test_settings_that_change_the_mathematics_are_kept() -> None:
    shape = small_shape(layer_norm_epsilon=0.1, n_inner=24, scale_attn_weights=False)
    ours, theirs = both(shape, TOKENS)
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=0)


def test_logits_of_the_shipped_model_are_those_of_transformers_however_they_are_computed() -> None:
    model = storyteller()
    tokens = model.language.tokenizer.encode("Once upon a time there was a king who had three daughters. " * 20)
    with torch.inference_mode():
        theirs = transformer(model.shape, storyteller_tensors())(torch.tensor([tokens])).logits[0]
    parts = [1, 1, 7, 100, 1, len(tokens) - 110]
    torch.testing.assert_close(logits_of(model.network, model.shape, tokens), theirs, atol=1e-4, rtol=0)
    torch.testing.assert_close(logits_of(model.network, model.shape, tokens, parts), theirs, atol=1e-4, rtol=0)


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_a_text_computed_in_any_parts_gives_the_logits_of_the_whole(data: st.DataObject) -> None:
    shape = small_shape()
    network = network_of(shape, random_tensors(shape), torch.float32)
    tokens = data.draw(st.lists(st.integers(0, 8191), min_size=1, max_size=shape.n_positions))
    parts: list[int] = []
    while sum(parts) < len(tokens):
        parts.append(data.draw(st.integers(1, len(tokens) - sum(parts))))
    whole = logits_of(network, shape, tokens)
    torch.testing.assert_close(logits_of(network, shape, tokens, parts), whole, atol=1e-4, rtol=0)


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_texts_of_any_lengths_computed_in_one_step_do_not_touch_each_other(data: st.DataObject) -> None:
    shape = small_shape()
    network = network_of(shape, random_tensors(shape), torch.float32)
    cache = Cache(shape, 5, CPU, torch.float32)
    slots = data.draw(st.sets(st.integers(0, 4), min_size=2))
    pieces, alone = [], []
    with torch.inference_mode():
        for slot in sorted(slots):
            text = data.draw(st.lists(st.integers(0, 8191), min_size=1, max_size=shape.n_positions))
            known = data.draw(st.integers(0, len(text) - 1))
            if known:
                computed(network, cache, cache.slots[slot], text[:known])
            pieces.append(Piece(cache.slots[slot], text[known:]))
            alone.append(logits_of(network, shape, text)[known:])
        order = sorted(range(len(pieces)), key=lambda n: len(pieces[n].tokens) > 1)
        pieces, alone = [pieces[n] for n in order], [alone[n] for n in order]
        positions = torch.tensor([at for piece in pieces for at in range(piece.start, piece.end)])
        tokens = torch.tensor([token for piece in pieces for token in piece.tokens])
        together = network.logits(network(tokens, positions, CachedAttention(cache, pieces)))
    torch.testing.assert_close(together, torch.cat(alone), atol=1e-4, rtol=0)


@pytest.mark.parametrize("scaled", [True, False])
def test_attention_of_plain_products_is_torchs_own(scaled: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    shape = small_shape(scale_attn_weights=scaled)
    network = network_of(shape, random_tensors(shape), torch.float32)

    def features() -> list[torch.Tensor]:
        cache = Cache(shape, 3, CPU, torch.float32)
        found = [computed(network, cache, slot, TOKENS[: 4 + slot.number]) for slot in cache.slots]
        found.append(computed(network, cache, cache.slots[0], TOKENS[4:9]))
        pieces = [*(Piece(slot, [7]) for slot in cache.slots[:2]), Piece(cache.slots[2], TOKENS[:3])]
        tokens = torch.tensor([token for piece in pieces for token in piece.tokens])
        positions = torch.tensor([n for piece in pieces for n in range(piece.start, piece.end)])
        return [*found, network(tokens, positions, CachedAttention(cache, pieces))]

    wanted = features()
    as_on_a_mac(monkeypatch)
    torch.testing.assert_close(features(), wanted)
