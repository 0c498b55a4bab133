"""Models kept: their family, their names, whether they are whole, what they need."""

import dataclasses
import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2studio.errors import StudioError
from gpt2studio.formats.shape import PUBLISHED
from gpt2studio.library.adopt import adopt
from gpt2studio.library.cards import find
from gpt2studio.library.family import children_of, family
from gpt2studio.library.installed import InstalledModel
from gpt2studio.library.keeping import annotate, removal, remove, rename
from gpt2studio.library.needs import Needs
from gpt2studio.library.provenance import FILE, Provenance, read_provenance, write_provenance
from gpt2studio.library.shelf import Shelf
from gpt2studio.library.verify import verify
from gpt2studio.paths import places, shipped
from tests.formats.tiny import write_tiny


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    for name, parent in (("tales", ""), ("darker", "tales"), ("darkest", "darker@500")):
        folder = adopt(write_tiny(tmp_path / name), name, places())
        write_provenance(folder, dataclasses.replace(read_provenance(folder) or Provenance(), parent=parent))
    return Shelf(places(), started_in=tmp_path / "elsewhere")


def drawn(shelf: Shelf) -> list[str]:
    return ["·" * depth + each.name for tree in family(shelf.models()) for depth, each in tree.walk()]


def test_a_family_is_drawn_from_parents_to_children(shelf: Shelf) -> None:
    assert drawn(shelf) == ["storyteller", "tales", "·darker", "··darkest"]


def test_children_find_a_parent_that_was_renamed(shelf: Shelf) -> None:
    renamed = rename(shelf.get("tales"), "fairy", places())
    assert (renamed.name, renamed.path) == ("fairy", places().models / "fairy")
    assert drawn(shelf) == ["storyteller", "fairy", "·darker", "··darkest"]
    rename(shelf.get("fairy"), "tales", places())
    assert drawn(shelf) == ["storyteller", "tales", "·darker", "··darkest"]


def test_a_parent_that_is_gone_is_still_named(shelf: Shelf) -> None:
    remove(shelf.get("tales"))
    assert drawn(shelf) == ["storyteller", "tales", "·darker", "··darkest"]
    assert [each.model for tree in family(shelf.models()) for _, each in tree.walk() if each.name == "tales"] == [None]


def of(name: str, parent: str) -> InstalledModel:
    return InstalledModel(name=name, path=Path(name), provenance=Provenance(parent=parent))


@given(st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("abcdefx")))
def test_every_model_stands_in_its_family_once_whatever_the_records_say(parents: dict[str, str]) -> None:
    models = [of(name, parent) for name, parent in parents.items()]
    names = [each.name for tree in family(models) for _, each in tree.walk()]
    assert sorted(name for name in names if name in parents) == sorted(parents)
    assert len(names) == len(set(names))


def test_a_published_model_is_the_parent_of_what_names_it_by_another_of_its_names() -> None:
    published = dataclasses.replace(of("124M", ""), card=find("124M"))
    assert children_of("124M", [published, of("a", "gpt2"), of("b", "openai-community/gpt2"), of("c", "355M")]) == [
        "a",
        "b",
    ]


def test_removing_says_what_it_frees_and_what_was_made_from_it(shelf: Shelf) -> None:
    model = shelf.get("tales")
    would = removal(model, shelf.models())
    assert would.children == ("darker",)
    assert would.frees == sum(path.stat().st_size for path in model.path.iterdir()) > 0
    remove(model)
    assert not model.path.exists()
    assert [path.name for path in places().models.glob(".tales*")] == []


def test_what_is_not_the_studios_is_not_removed_renamed_or_noted(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    cached = write_tiny(tmp_path / "hub" / "models--someone--tales" / "snapshots" / "abc")
    old = write_tiny(tmp_path / "elsewhere" / "checkpoint" / "run1")
    names = ("storyteller", "someone/tales", "run1", str(write_tiny(tmp_path / "by-path")))
    for name in names:
        model = shelf.get(name)
        for change in (lambda m: remove(m), lambda m: rename(m, "new", places()), lambda m: annotate(m, "x")):
            with pytest.raises(StudioError) as caught:
                change(model)
            assert caught.value.hint
    assert cached.exists()
    assert old.exists()
    assert shipped("models").exists()


def test_a_model_cannot_take_the_name_of_another(shelf: Shelf) -> None:
    for name, words in (("Darker", "already"), ("storyteller", "already"), ("../x", "cannot be"), ("con", "cannot be")):
        with pytest.raises(StudioError, match=words):
            rename(shelf.get("tales"), name, places())
    assert rename(shelf.get("tales"), "Tales", places()).name == "Tales"


def test_a_note_is_kept_with_what_else_is_known(shelf: Shelf) -> None:
    path = shelf.get("darker").path
    (path / FILE).write_text(json.dumps({**json.loads((path / FILE).read_text()), "best": True}))
    annotate(shelf.get("darker"), "for winter evenings ❄")
    facts = read_provenance(path)
    assert facts is not None
    assert (facts.note, facts.parent) == ("for winter evenings ❄", "tales")
    assert json.loads((path / FILE).read_text())["best"] is True


@pytest.mark.parametrize("text", ["", "[", "[]", "null", '{"files": 3}', "[" * 100_000])
def test_a_record_that_cannot_be_read_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(text)
    assert read_provenance(tmp_path) is None


def test_a_whole_model_is_verified_and_a_changed_byte_is_found(shelf: Shelf) -> None:
    path = shelf.get("tales").path
    assert verify(path).summed == ("model.safetensors",)
    weights = path / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.unlink()
    weights.write_bytes(data)
    with pytest.raises(StudioError, match=r"model\.safetensors is damaged"):
        verify(path)
    weights.unlink()
    with pytest.raises(StudioError, match="is missing"):
        verify(path)


def test_a_model_whose_vocabulary_is_none_is_not_whole(tmp_path: Path) -> None:
    folder = write_tiny(tmp_path / "tiny")
    (folder / "vocab.json").write_text("[]")
    with pytest.raises(StudioError, match="is not a vocabulary"):
        verify(folder)


def test_a_model_without_a_noted_sum_is_said_to_be_so(tmp_path: Path) -> None:
    assert "no checksum of it was ever noted" in verify(write_tiny(tmp_path / "tiny")).sentence


def test_a_model_of_hugging_faces_cache_is_held_against_the_names_of_its_files(tmp_path: Path) -> None:
    folder = write_tiny(tmp_path / "snapshot")
    (folder / "model.safetensors").rename(tmp_path / ("0" * 64))
    (folder / "model.safetensors").symlink_to(tmp_path / ("0" * 64))
    with pytest.raises(StudioError, match="is damaged"):
        verify(folder)


def test_larger_models_and_longer_numbers_need_more() -> None:
    needs = [Needs.of(PUBLISHED[name]) for name in ("distilgpt2", "124M", "355M", "774M", "1558M")]
    for smaller, larger in pairwise(needs):
        assert smaller.disk < larger.disk
        assert smaller.writing < larger.writing
        assert smaller.training < larger.training
    for each in needs:
        assert each.disk < each.writing < each.training
    half = Needs.of(PUBLISHED["124M"], dtype="float16", stored="float16")
    assert half.disk * 2 == needs[1].disk
    assert half.writing < needs[1].writing
