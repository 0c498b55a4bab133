"""Files found, and their bytes read as text."""

import codecs
from pathlib import Path

import pytest

from gpt2studio.errors import FormatError, NotFoundError, StudioError
from gpt2studio.runs.sources import PIECE, find_files, open_sources, read_pieces


def text_of(path: Path, encoding: str = "auto") -> str:
    (source,) = open_sources([str(path)], encoding)
    return "".join(read_pieces(source))


def test_a_folder_gives_its_texts_sorted_and_without_hidden_ones(tmp_path: Path) -> None:
    for name in ("b.txt", "a.md", "deep/c.TXT", ".hidden.txt", ".git/d.txt", "picture.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert find_files([str(tmp_path)]) == [tmp_path / "a.md", tmp_path / "b.txt", tmp_path / "deep" / "c.TXT"]


def test_a_pattern_and_a_name_give_each_file_once(tmp_path: Path) -> None:
    for name in ("one.txt", "two.txt"):
        (tmp_path / name).write_text("x")
    found = find_files([str(tmp_path / "two.txt"), str(tmp_path / "*.txt")])
    assert found == [tmp_path / "two.txt", tmp_path / "one.txt"]


def test_a_name_that_means_nothing_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="holds no texts"):
        find_files([str(tmp_path / "nothing*")])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_the_encoding_is_told_from_the_bytes(tmp_path: Path, encoding: str) -> None:
    text = "“Café,” she said — and the naïve crêpe was gone.\n" * 3
    path = tmp_path / "text.txt"
    path.write_bytes(text.encode(encoding))
    assert text_of(path) == text


def test_newlines_of_all_systems_become_one_kind(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_bytes(b"one\r\ntwo\rthree\n")
    assert text_of(path) == "one\ntwo\nthree\n"


def test_a_bad_byte_is_named_with_its_place(tmp_path: Path) -> None:
    good = "Ein Märchen über Öl.\n".encode()
    data = good * (PIECE // len(good) + 5) + b"bad \xff byte\n" + good
    path = tmp_path / "text.txt"
    path.write_bytes(data)
    position = data.index(b"\xff")
    line = data.count(b"\n", 0, position) + 1
    with pytest.raises(FormatError, match=rf"text.txt, line {line}: byte 0xff at position {position} "):
        open_sources([str(path)])


def test_a_character_that_the_end_cuts_in_two_is_named(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_bytes("Märchen ".encode() + "…".encode()[:2])
    with pytest.raises(FormatError, match="position 9"):
        open_sources([str(path)])


@pytest.mark.parametrize("encoding", ["klingon", "base64", "rot13", "undefined", "", "a\0", "\udce9"])
def test_what_is_no_encoding_of_texts_is_refused(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "text.txt"
    path.write_text("the sea was grey")
    with pytest.raises(StudioError, match="There is no encoding"):
        open_sources([str(path)], encoding)


def test_a_codec_that_names_no_place_still_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_bytes(b"the sea-was grey")
    with pytest.raises(FormatError, match=r"text.txt is not PUNYCODE"):
        open_sources([str(path)], "punycode")


def test_an_encoding_that_is_named_is_the_one(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_bytes("永远".encode("gb18030"))
    assert text_of(path, "gb18030") == "永远"
    with pytest.raises(FormatError, match="is not ASCII"):
        open_sources([str(path)], "ascii")
    with pytest.raises(StudioError, match="no encoding"):
        open_sources([str(path)], "klingon")


def test_a_mark_at_the_beginning_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_bytes(codecs.BOM_UTF8 + b"Once")
    assert text_of(path) == "Once"
    assert text_of(path, "utf-8") == "Once"
