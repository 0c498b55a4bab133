"""Files as documents."""

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpt2studio.errors import FormatError
from gpt2studio.runs import documents
from gpt2studio.runs.documents import read_documents
from gpt2studio.runs.recipe import Texts
from gpt2studio.runs.sources import open_sources
from gpt2studio.text.tokenizer import Tokenizer

MODEL = Path(__file__).parents[2] / "models" / "storyteller"


def read(path: Path, **how: object) -> list[str]:
    """The documents' texts."""
    texts = Texts(paths=(str(path),), **how)  # type: ignore[arg-type]
    (source,) = open_sources(texts.paths)
    found, text = [], ""
    for piece in read_documents(source, texts):
        assert isinstance(piece.content, str)
        text += piece.content
        if piece.ends:
            found.append(text)
            text = ""
    assert text == ""
    return [each for each in found if each]


def file(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@settings(max_examples=40)
@given(st.text(alphabet="ab é\n \t'1.", min_size=1, max_size=400), st.integers(1, 20))
def test_pieces_encode_as_the_whole_would(tmp_path_factory: pytest.TempPathFactory, text: str, longest: int) -> None:
    tokenizer = Tokenizer.of_folder(MODEL)
    path = file(tmp_path_factory.mktemp("text"), "text.txt", text)
    (source,) = open_sources([str(path)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents, "LONGEST", longest)
        pieces = [piece.content for piece in read_documents(source, Texts(paths=(str(path),)))]
    tokens = [token for piece in pieces if isinstance(piece, str) for token in tokenizer.encode(piece)]
    assert tokens == tokenizer.encode(path.read_text(encoding="utf-8"))


def test_a_text_is_a_document_and_the_end_word_divides_it(tmp_path: Path) -> None:
    path = file(tmp_path, "a.txt", "One.\n<|endoftext|>\nTwo.<|endoftext|>Three.\n")
    assert read(path) == ["One.", "Two.", "Three.\n"]


def test_the_2019_form_leaves_the_words_in_the_text(tmp_path: Path) -> None:
    path = file(tmp_path, "a.txt", "One.<|endoftext|>Two.")
    assert read(path, separator="2019") == ["One.<|endoftext|>Two.<|endoftext|>"]
    rows = file(tmp_path, "a.csv", "text\nfirst\n\nsecond\n")
    assert read(rows, separator="2019") == [f"<|startoftext|>{row}<|endoftext|>\n" for row in ("first", "second")]


def test_lines_can_be_documents(tmp_path: Path) -> None:
    assert read(file(tmp_path, "a.txt", "first\n\n  \nsecond"), lines=True) == ["first", "second"]


def test_csv_has_quotes_newlines_blank_rows_and_columns(tmp_path: Path) -> None:
    path = file(tmp_path, "a.csv", '\N{BYTE ORDER MARK}id,text\n1,"He said ""no"",\nand left."\n\n2,Short\n3\n')
    assert read(path) == ['He said "no",\nand left.', "Short"]
    assert read(path, column="id") == ["1", "2", "3"]
    assert read(path, column="0") == ["1", "2", "3"]
    assert read(path, header=False) == ["id", "1", "2", "3"]
    with pytest.raises(FormatError, match="no column “mood”"):
        read(path, column="mood")


def test_json_lines_give_the_named_text_or_the_first(tmp_path: Path) -> None:
    path = file(tmp_path, "a.jsonl", '{"id": 1, "title": "T", "text": "One."}\n\n"Two."\n{"n": 1, "body": "Three."}\n')
    assert read(path) == ["One.", "Two.", "Three."]
    with pytest.raises(FormatError, match="line 4 has no text “title”"):
        read(path, column="title")
    with pytest.raises(FormatError, match="line 1: this is not JSON"):
        read(file(tmp_path, "b.jsonl", "{'id': 1}\n"))


def test_encoded_texts_of_2019_are_taken_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez_compressed(path, np.array([1, 2, 3]), np.array([4, 5]))
    (source,) = open_sources([str(path)])
    pieces = list(read_documents(source, Texts(paths=(str(path),))))
    assert [list(piece.content) for piece in pieces] == [[1, 2, 3], [4, 5]]
    assert all(piece.ends for piece in pieces)
    path.write_bytes(b"PK not really")
    with pytest.raises(FormatError, match="not a file of encoded tokens"):
        list(read_documents(source, Texts(paths=(str(path),))))


def _zipped(*, damaged: bool) -> bytes:
    """Arrays as numpy packs them."""
    packed = io.BytesIO()
    np.savez_compressed(packed, np.arange(5000) % 977)
    data = bytearray(packed.getvalue())
    if damaged:
        data[len(data) // 2] ^= 0xFF
    return bytes(data)


def _single() -> bytes:
    """One array as numpy saves it."""
    saved = io.BytesIO()
    np.save(saved, np.arange(5000))
    return saved.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.npz", b"", "not a file of encoded tokens"),
        ("a.npz", b"The sea.", "not a file of encoded tokens"),
        ("a.npz", _single(), "it holds a single array"),
        ("a.npz", _zipped(damaged=True), "not a file of encoded tokens"),
        ("a.jsonl", b'{"text": "x"}\n' + b"[" * 100_000, "line 2: this is not JSON"),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    (source,) = open_sources([str(path)])
    with pytest.raises(FormatError, match=rf"{name}.* {said}"):
        list(read_documents(source, Texts(paths=(str(path),))))
