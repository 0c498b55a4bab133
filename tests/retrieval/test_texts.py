"""Texts as they are read from files and folders."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2studio.errors import FormatError, NotFoundError
from gpt2studio.retrieval.texts import Text, named_apart, read, read_texts, straight
from tests.retrieval.conftest import WEST


@given(st.text())
def test_straight_quotes_move_nothing(text: str) -> None:
    assert len(straight(text)) == len(text)


def test_quotes_become_those_of_a_keyboard() -> None:
    assert straight("“It’s ‘so’,” he said…") == "\"It's 'so',\" he said…"


def test_a_chinese_text_keeps_its_quotes() -> None:
    assert straight(WEST) == WEST


@pytest.mark.parametrize(
    "data", ["é雪\nb\n".encode(), b"\xef\xbb\xbf" + "é雪\r\nb\r\n".encode(), "é雪\rb\n".encode("utf-16")]
)
def test_a_text_is_read_whatever_unicode_it_is_in(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "text.txt"
    path.write_bytes(data)
    assert read(path) == "é雪\nb\n"


def test_a_bad_byte_is_named_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "latin.txt"
    path.write_bytes("first\nsecond caf\u00e9".encode("latin-1"))
    with pytest.raises(FormatError, match="byte 0xe9 at position 16, line 2"):
        read(path)


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "picture.txt"
    path.write_bytes(b"GIF89a\0\0\0")
    with pytest.raises(FormatError, match="not a text"):
        read(path)


def test_a_folder_gives_its_texts_sorted_and_hidden_ones_left_out(tmp_path: Path) -> None:
    for name in ("b.txt", "a/c.md", ".hidden/d.txt", "picture.png", ".e.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    assert [text.name for text in read_texts([tmp_path])] == ["a/c.md", "b.txt"]


def test_a_file_that_is_named_is_read_whatever_it_is_called(tmp_path: Path) -> None:
    path = tmp_path / "chapter"
    path.write_text("Once")
    assert read_texts([path, path]) == [Text("chapter", "Once")]


def test_files_without_a_word_are_left_out_and_nothing_but_them_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("")
    (tmp_path / "b.txt").write_text(" \n\n")
    with pytest.raises(FormatError, match="no words"):
        read_texts([tmp_path])
    (tmp_path / "c.txt").write_text("The sea.")
    assert [text.name for text in read_texts([tmp_path])] == ["c.txt"]


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no file"):
        read_texts([tmp_path / "nowhere.txt"])
    with pytest.raises(NotFoundError, match="holds no"):
        read_texts([tmp_path])


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="cannot be read"):
        read(tmp_path)  # as if it had been a file when it was looked for


def test_texts_of_one_name_are_told_apart() -> None:
    texts = [Text("a.txt", "one"), Text("a.txt", "two"), Text("b.txt", "three")]
    assert [text.name for text in named_apart(texts, ["a.txt"])] == ["a.txt (2)", "a.txt (3)", "b.txt"]
