"""Splices moved to where the text before them is another."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gpt2studio.stories.document import Document
from gpt2studio.stories.rebase import carried, shifted
from gpt2studio.stories.splice import Pieces, Splice, by_model, plain
from tests.stories.strategies import PIECES, splice_of


@given(PIECES, PIECES, st.text("xyz", min_size=1, max_size=3), st.data())
def test_growth_before_the_edits_gives_the_same_as_growth_after_them(
    head: Pieces, tail: Pieces, growth: str, data: st.DataObject
) -> None:
    plainly, grown = Document((*head, *tail)), Document((*head, *tail))
    mark = len(plain(head))
    grown.apply(Splice(mark, (), by_model(growth)))
    row, place = [], mark
    for _ in range(data.draw(st.integers(1, 4))):
        splice = data.draw(splice_of(plainly))
        assume(not splice.at < place < splice.at + splice.taken)
        plainly.apply(splice)
        row.append(splice)
        _, place = shifted([splice], place, 0)
    rebased, after = shifted(row, mark, len(growth))
    assert after == place
    for splice in rebased:
        assert grown.pieces(splice.at, splice.at + splice.taken) == splice.removed
        grown.apply(splice)
    plainly.apply(Splice(place, (), by_model(growth)))
    assert grown.pieces(0, len(grown)) == plainly.pieces(0, len(plainly))


@given(PIECES, PIECES, PIECES, st.data())
def test_what_is_carried_over_is_the_text_without_the_region(
    head: Pieces, region: Pieces, tail: Pieces, data: st.DataObject
) -> None:
    whole, without = Document((*head, *region, *tail)), Document((*head, *tail))
    start, end = len(plain(head)), len(plain(head)) + len(plain(region))
    row = []
    for _ in range(data.draw(st.integers(0, 5))):
        row.append(data.draw(splice_of(whole, most=12)))
        whole.apply(row[-1])
    others, start, end = carried(row, start, end)
    for splice in others:
        assert without.pieces(splice.at, splice.at + splice.taken) == splice.removed
        without.apply(splice)
    whole.apply(Splice(start, whole.pieces(start, end)))
    assert without.pieces(0, len(without)) == whole.pieces(0, len(whole))


def test_what_is_typed_at_the_mark_comes_after_the_growth_and_before_it_stays() -> None:
    at_mark, before = Splice(5, (), by_model("x")), Splice(4, (), by_model("x"))
    assert shifted([at_mark], 5, 2) == ([Splice(7, (), by_model("x"))], 5)
    assert shifted([before], 5, 2) == ([before], 6)


@pytest.mark.parametrize(
    ("at", "removed", "kept", "region"),
    [
        (4, 0, "HEADxTAIL", "abcd"),  # at the start: before it
        (8, 0, "HEADxTAIL", "abcd"),  # at the end: after it
        (5, 1, "HEADTAIL", "axcd"),
        (4, 4, "HEADTAIL", "x"),
        (3, 2, "HEAxTAIL", "bcd"),
        (3, 1, "HEAxTAIL", "abcd"),
        (7, 2, "HEADxAIL", "abc"),
        (8, 1, "HEADxAIL", "abcd"),
        (3, 6, "HEAxAIL", ""),
        (4, 5, "HEADxAIL", ""),
    ],
)
def test_what_is_inside_a_region_stays_with_it_and_all_else_is_carried(
    at: int, removed: int, kept: str, region: str
) -> None:
    document, without = Document(by_model("HEADabcdTAIL")), Document(by_model("HEADTAIL"))
    splice = Splice(at, document.pieces(at, at + removed), by_model("x"))
    document.apply(splice)
    others, start, end = carried([splice], 4, 8)
    for each in others:
        without.apply(each)
    assert without.text == kept
    assert start <= end
    assert document.slice(start, end) == region
