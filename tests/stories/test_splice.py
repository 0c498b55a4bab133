"""Splices: taken back, made one, cut."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from gpt2studio.stories.document import Document
from gpt2studio.stories.splice import Author, Piece, Pieces, Splice, compact, cut, joined, length, plain
from tests.stories.strategies import PIECES, splice_of


def inked(pieces: Pieces) -> list[tuple[str, int]]:
    return [(char, piece.author.ink) for piece in pieces for char in piece.text]


@given(PIECES, st.data())
def test_a_splice_and_its_inverse_leave_the_text_as_it_was(pieces: Pieces, data: st.DataObject) -> None:
    document = Document(pieces)
    before = document.pieces(0, len(document))
    splice = data.draw(splice_of(document))
    document.apply(splice)
    document.apply(splice.inverse())
    assert document.pieces(0, len(document)) == before
    assert splice.inverse().inverse() == splice


@given(PIECES, st.data())
def test_two_splices_that_touch_are_one_that_does_the_same_and_undoes_the_same(
    pieces: Pieces, data: st.DataObject
) -> None:
    document, other = Document(pieces), Document(pieces)
    before = document.pieces(0, len(document))
    first = data.draw(splice_of(document))
    document.apply(first)
    second = data.draw(splice_of(document))
    document.apply(second)
    both = first.then(second)
    apart = second.at + second.taken < first.at or second.at > first.at + first.put
    assert (both is None) == apart
    if both is not None:
        other.apply(both)
        assert other.pieces(0, len(other)) == document.pieces(0, len(document))
        other.apply(both.inverse())
        assert other.pieces(0, len(other)) == before


@given(PIECES, st.data())
def test_a_row_of_splices_does_the_same_when_it_is_compacted(pieces: Pieces, data: st.DataObject) -> None:
    document, other = Document(pieces), Document(pieces)
    row = []
    for _ in range(data.draw(st.integers(0, 6))):
        row.append(data.draw(splice_of(document)))
        document.apply(row[-1])
    short = compact(row)
    assert len(short) <= len(row)
    assert not any(splice.nothing for splice in short)
    for splice in short:
        assert other.pieces(splice.at, splice.at + splice.taken) == splice.removed
        other.apply(splice)
    assert other.pieces(0, len(other)) == document.pieces(0, len(document))


def test_what_is_typed_letter_by_letter_becomes_one_splice() -> None:
    row = [Splice(place, (), (Piece(Author.PERSON, letter),)) for place, letter in enumerate("hello")]
    assert compact(row) == [Splice(0, (), (Piece(Author.PERSON, "hello"),))]


@given(PIECES, st.integers(-3, 20), st.integers(-3, 20))
def test_a_cut_has_the_characters_between_its_ends(pieces: Pieces, start: int, end: int) -> None:
    assert inked(cut(pieces, start, end)) == inked(pieces)[max(start, 0) : max(end, 0)]


@given(st.lists(st.builds(Piece, st.sampled_from(Author), st.text(max_size=3))))
def test_joined_pieces_keep_every_character_and_have_no_neighbours_of_one_author(parts: list[Piece]) -> None:
    row = joined(parts)
    assert inked(row) == inked(tuple(parts))
    assert all(piece.text for piece in row)
    assert all(one.author is not other.author for one, other in itertools.pairwise(row))
    assert length(row) == len(plain(row))
