"""What is at hand, and what a name means."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from gpt2studio.errors import NotFoundError, StudioError
from gpt2studio.formats.checkpoint import open_checkpoint, recognise
from gpt2studio.library.cards import Card, find, published
from gpt2studio.library.shelf import Shelf
from gpt2studio.paths import places, shipped
from tests.formats.tiny import write_tiny

STORYTELLER = shipped("models") / "storyteller"


def _install(folder: Path) -> Path:
    """A copy of the shipped model, as far as a look at it goes."""
    folder.mkdir(parents=True)
    for name in ("config.json", "model.safetensors", "vocab.json", "merges.txt"):
        shutil.copy(STORYTELLER / name, folder / name)
    return folder


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(places(), started_in=tmp_path)


def test_the_shipped_model_is_there_before_anything_is_set_up(shelf: Shelf) -> None:
    [model] = shelf.models()
    assert (model.name, model.origin) == ("storyteller", "shipped")
    assert model.parameters == 7_098_368
    assert model.n_positions == 1024
    assert model.vocab_size == 8192
    assert model.size > 14_000_000
    assert model.dtype == "float16"
    assert not model.note


def test_an_installed_model_is_listed_and_found_by_its_name(shelf: Shelf) -> None:
    folder = _install(places().models / "my-tales")
    assert [model.name for model in shelf.models()] == ["storyteller", "my-tales"]
    assert shelf.resolve("my-tales") == folder
    assert shelf.resolve("My-Tales") == folder


def test_a_path_comes_before_a_name(shelf: Shelf, tmp_path: Path) -> None:
    _install(places().models / "tales")
    elsewhere = _install(tmp_path / "elsewhere" / "tales")
    assert shelf.resolve(str(elsewhere)) == elsewhere


def test_folders_of_the_2019_tools_are_used_where_they_lie(shelf: Shelf, tmp_path: Path) -> None:
    folder = _install(tmp_path / "checkpoint" / "run1")
    assert [model.name for model in shelf.models()] == ["storyteller", "run1"]
    assert shelf.resolve("run1") == folder


def test_the_old_name_of_a_published_model_finds_the_new_one(shelf: Shelf, tmp_path: Path) -> None:
    folder = _install(tmp_path / "models" / "124M")
    assert shelf.resolve("117M") == folder
    assert shelf.resolve("gpt2") == folder


def test_a_model_in_the_cache_of_other_programs_is_listed(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    folder = _install(tmp_path / "hub" / "models--someone--tales" / "snapshots" / "abc")
    assert [(model.name, model.origin) for model in shelf.models()][1:] == [("someone/tales", "Hugging Face cache")]
    assert shelf.resolve("someone/tales") == folder


def test_a_published_model_that_is_not_installed_says_how_to_get_it(shelf: Shelf) -> None:
    with pytest.raises(NotFoundError, match="124M is not installed") as caught:
        shelf.resolve("117M")
    assert caught.value.hint == "Fetch it: gpt2studio models download 124M"


def test_an_unknown_name_says_what_there_is(shelf: Shelf) -> None:
    with pytest.raises(NotFoundError, match="no model “nonsense”") as caught:
        shelf.resolve("nonsense")
    assert "storyteller" in caught.value.hint


def test_a_folder_without_a_model_says_so(shelf: Shelf, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="holds no model"):
        shelf.resolve(str(tmp_path))


def test_a_damaged_model_is_listed_with_what_is_wrong(shelf: Shelf) -> None:
    folder = _install(places().models / "broken")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "n_embd": "wide"}))
    model = shelf.models()[1]
    assert model.name == "broken"
    assert model.note


def test_a_locked_folder_does_not_hide_the_models_beside_it(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lock: Callable[[Path], None]
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    hub = tmp_path / "hub"
    places_of_models = (places().models, tmp_path / "models", tmp_path / "checkpoint")
    for number, folder in enumerate(places_of_models):
        lock(_install(folder / "a-locked"))
        _install(folder / f"open{number}")
        (folder / "c-led-astray").symlink_to(folder / "a-locked" / "inside")
    lock(_install(hub / "models--a--locked" / "snapshots" / "abc").parents[1])
    lock(_install(hub / "models--b--locked" / "snapshots" / "abc"))
    _install(hub / "models--c--open" / "snapshots" / "abc")
    assert [model.name for model in shelf.models()] == ["storyteller", "open0", "open1", "open2", "c/open"]
    bare = tmp_path / "models" / "open1"
    (bare / "config.json").unlink()
    (bare / "merges.txt").unlink()
    assert open_checkpoint(bare).vocabulary.encoder == places().models / "open0" / "vocab.json"


@pytest.mark.parametrize(
    ("name", "text"), [("counter", "9" * 5000), ("checkpoint", f'model_checkpoint_path: "{"m" * 5000}"')]
)
def test_a_run_of_the_2019_tools_with_a_note_out_of_all_bounds_is_only_one_model_less(
    name: str, text: str, shelf: Shelf, tmp_path: Path
) -> None:
    run = tmp_path / "checkpoint" / "run1"
    run.mkdir(parents=True)
    (run / name).write_text(text)
    assert [model.name for model in shelf.models()] == ["storyteller"]
    assert recognise(run) is None


def test_every_card_is_whole() -> None:
    cards = published()
    assert [card.name for card in cards] == ["distilgpt2", "124M", "355M", "774M", "1558M"]
    for card in cards:
        assert card.about
        assert card.licence
        assert card.hub
        assert card.weights_bytes == 4 * card.parameters


def test_a_card_is_found_by_any_of_its_names() -> None:
    for name in ("124M", "117m", "gpt2", "openai-community/gpt2"):
        card = find(name)
        assert card is not None
        assert card.name == "124M"
    assert find("gpt-5") is None


BAD_CARDS = (
    *("name = ", "title = 'no name'", "\xff\xfe", "name = 'x'\na = " + "[" * 20_000),
    *("name = 7", "name = 'x'\naliases = 5", "name = 'x'\nparameters = 'many'", "name = 'x'\nsampling = 'hot'"),
    *("name = 'x'\n[sampling]\ntemperature = 'hot'", "name = 'x'\n[sampling]\ntemperature = -1"),
)


@pytest.mark.parametrize("text", BAD_CARDS)
def test_a_bad_card_is_an_error_that_names_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(StudioError, match=r"bad\.toml"):
        Card.read(path)


@pytest.mark.parametrize("text", BAD_CARDS)
def test_a_bad_card_does_not_keep_the_other_models_from_being_listed(tmp_path: Path, text: str) -> None:
    folder = write_tiny(places().models / "bad")
    (folder / "card.toml").write_text(text, encoding="latin-1")
    first, bad = Shelf(places(), started_in=tmp_path).models()
    assert (first.note, bad.label) == ("", "damaged")
    assert "card.toml" in bad.note
