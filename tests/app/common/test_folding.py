"""Folding: rows that fit, words kept whole, and the same folds however they were come by."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len, get_character_cell_size
from textual.geometry import Offset

from gpt2studio.app.common import folding
from gpt2studio.app.common.folding import cells, column_at, folds, spread
from gpt2studio.app.manuscript import wrapping
from gpt2studio.app.manuscript.plain_document import PlainDocument
from gpt2studio.app.manuscript.wrapping import Wrapping

EVEN = st.text(alphabet="ab é—“”, ", max_size=120)
ANY = st.text(alphabet="ab ,。「」你好\tе\u0301❤\ufe0f👩\u200d👧\u0e33é", max_size=120)
WIDTHS = st.integers(min_value=2, max_value=30)


def rows(text: str, width: int) -> list[str]:
    at = [0, *folds(text, width, 4), len(text)]
    return [text[start:end] for start, end in pairwise(at)]


@given(ANY, WIDTHS)
def test_rows_join_to_the_text_and_none_is_empty(text: str, width: int) -> None:
    parts = rows(text, width)
    assert "".join(parts) == text
    assert all(parts[1:])


@given(EVEN, WIDTHS)
def test_every_row_fits_but_for_one_hanging_space(text: str, width: int) -> None:
    assert all(cells(row.removesuffix(" "), 4) <= width for row in rows(text, width))


@given(st.text(alphabet="ab 你好，吗", max_size=120), WIDTHS)
def test_rows_with_wide_characters_fit_too(text: str, width: int) -> None:
    assert all(cells(row.removesuffix(" "), 4) <= width for row in rows(text, width))


@given(EVEN, WIDTHS)
def test_the_quick_way_folds_as_the_general_way(text: str, width: int) -> None:
    assert folding._fold_even(text, width) == folding._fold_any(text, width, 4)


@given(st.lists(st.sampled_from(["a", "bb", "ccc"]), max_size=40), st.integers(3, 20))
def test_no_word_that_fits_a_row_is_cut(words: list[str], width: int) -> None:
    assert [word for row in rows(" ".join(words), width) for word in row.split()] == words


def test_the_plain_characters_take_one_cell_each() -> None:
    plain = [chr(code) for code in range(0x110000) if not folding._UNEVEN.match(chr(code))]
    assert {character for character in plain if get_character_cell_size(character) != 1} == set()


def test_chinese_is_folded_between_characters_and_not_before_a_full_stop() -> None:
    assert rows("你好吗。你好", 6) == ["你好", "吗。你", "好"]


@given(ANY)
def test_a_tab_reaches_to_its_stop(text: str) -> None:
    assert cells(text, 4) == cell_len(spread(text, 4))
    assert "\t" not in spread(text, 4)


@given(st.text(alphabet="ab你\t", max_size=30), st.integers(0, 60))
def test_the_column_at_a_cell_is_drawn_there(text: str, x: int) -> None:
    column = column_at(text, x, 4)
    assert cells(text[:column], 4) <= x
    assert column == len(text) or cells(text[: column + 1], 4) > x


@given(st.data())
def test_folding_again_after_an_edit_is_folding_anew(data: st.DataObject) -> None:
    words = data.draw(st.sampled_from(["word ", "x", "long" * 30, "你好 ", "a b "]))
    document = PlainDocument("first\n" + words * 40 + "\nlast")
    width = data.draw(WIDTHS)
    wrapped = Wrapping(document, width)
    stretch = wrapping._STRETCH
    try:
        wrapping._STRETCH = 64
        for _ in range(4):
            a, b = (data.draw(st.integers(0, document.length)) for _ in range(2))
            top, bottom = sorted((document.location_of(a), document.location_of(b)))
            if data.draw(st.booleans()):
                bottom = top
            text = data.draw(st.text(alphabet="ab 你\n", max_size=12))
            end = document.replace_range(top, bottom, text).end_location
            wrapped.wrap_range(top, bottom, end)
            fresh = Wrapping(document, width)
            assert [wrapped.get_offsets(row) for row in range(document.line_count)] == [
                fresh.get_offsets(row) for row in range(document.line_count)
            ]
            assert wrapped.height == fresh.height
    finally:
        wrapping._STRETCH = stretch


@given(st.text(alphabet="ab 你\n\t", max_size=200), WIDTHS)
def test_every_place_is_found_again_at_its_cell(text: str, width: int) -> None:
    document = PlainDocument(text)
    wrapped = Wrapping(document, width)
    assert wrapped.height == sum(len(wrapped.get_sections(row)) for row in range(document.line_count))
    for offset in range(document.length + 1):
        place = document.location_of(offset)
        x, y = wrapped.location_to_offset(place)
        assert wrapped.row(y)[0] == place[0]
        assert wrapped.offset_to_location(Offset(x, y)) == place
