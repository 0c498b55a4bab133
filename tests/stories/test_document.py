"""A long text with its ink against a plain string and plain bytes."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2studio.stories.document import CHUNK, Document
from gpt2studio.stories.splice import Author, Piece, Splice, joined
from tests.stories.strategies import PIECES, splice_of


def same(document: Document, text: str, ink: bytes) -> bool:
    return document.text == text and document.ink(0, len(text)) == ink and len(document) == len(text)


@given(st.data())
def test_small_changes_give_what_slicing_gives(data: st.DataObject) -> None:
    document, text, ink = Document(), "", b""
    for _ in range(data.draw(st.integers(0, 12))):
        splice = data.draw(splice_of(document))
        document.apply(splice)
        put = "".join(piece.text for piece in splice.inserted)
        marks = b"".join(bytes([piece.author.ink]) * len(piece.text) for piece in splice.inserted)
        text = text[: splice.at] + put + text[splice.at + splice.taken :]
        ink = ink[: splice.at] + marks + ink[splice.at + splice.taken :]
        assert same(document, text, ink)


@pytest.mark.parametrize("seed", range(4))
def test_changes_of_any_size_across_many_chunks_give_what_slicing_gives(seed: int) -> None:
    dice = random.Random(seed)
    document, text, ink = Document(), "", b""
    for _ in range(300):
        at = dice.randint(0, len(text))
        end = min(len(text), at + dice.choice([0, 1, 3, CHUNK // 3, CHUNK, 5 * CHUNK]))
        put = dice.choice(["", "a", "狐狸", "b" * 50, "é" * CHUNK, "word " * CHUNK])
        author = dice.choice(list(Author))
        document.apply(Splice(at, document.pieces(at, end), joined([Piece(author, put)])))
        text, ink = text[:at] + put + text[end:], ink[:at] + bytes([author.ink]) * len(put) + ink[end:]
        start, stop = sorted((dice.randint(0, len(text)), dice.randint(0, len(text))))
        assert document.slice(start, stop) == text[start:stop]
        assert document.ink(start, stop) == ink[start:stop]
        assert len(document) == len(text)
    assert same(document, text, ink)
    assert all(len(chunk) <= 2 * CHUNK for chunk in document._texts)


@given(PIECES)
def test_the_pieces_of_a_document_are_those_that_it_was_made_of(pieces: tuple[Piece, ...]) -> None:
    document = Document(pieces)
    assert document.pieces(0, len(document)) == pieces
    assert document.pieces(3, 2) == ()


@pytest.mark.parametrize("at", [-1, 1, 4])
def test_a_splice_beyond_the_text_is_refused_and_changes_nothing(at: int) -> None:
    document = Document((Piece(Author.PERSON, "abc"),))
    with pytest.raises(ValueError, match="beyond"):
        document.apply(Splice(at, (Piece(Author.PERSON, "bcd"),), ()))
    assert document.text == "abc"
