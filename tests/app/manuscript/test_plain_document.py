"""The document: the text character for character, places as offsets, and what a terminal would obey made visible."""

from hypothesis import given
from hypothesis import strategies as st

from gpt2studio.app.common.shown import shown, typed
from gpt2studio.app.manuscript.plain_document import PlainDocument
from gpt2studio.app.manuscript.totals import Totals

TEXTS = st.text(alphabet="ab\n\r\x0b\x0c\x1b\x85\u2028你👩\u200d\u0301", max_size=60)


@given(st.lists(TEXTS, min_size=1, max_size=6), st.data())
def test_a_document_stays_the_text_through_edits(inserts: list[str], data: st.DataObject) -> None:
    text = inserts[0]
    document = PlainDocument(text)
    for inserted in inserts:
        a, b = sorted(data.draw(st.integers(0, len(text))) for _ in range(2))
        result = document.replace_range(document.location_of(a), document.location_of(b), inserted)
        assert result.replaced_text == text[a:b]
        text = text[:a] + inserted + text[b:]
        assert document.offset_of(result.end_location) == a + len(inserted)
        assert document.text == text
        assert document.length == len(text)
        assert document.exact_lines == text.split("\n")
        assert [len(line) for line in document.lines] == [len(line) for line in document.exact_lines]


@given(TEXTS)
def test_offsets_and_places_are_one_to_one(text: str) -> None:
    document = PlainDocument(text)
    for offset in range(len(text) + 1):
        place = document.location_of(offset)
        assert document.offset_of(place) == offset
        assert document.before(place) == text[:offset]


def test_an_edit_beyond_the_last_line_is_an_edit_at_the_end() -> None:
    document = PlainDocument("one\ntwo")
    document.replace_range((1, 0), (2, 0), "")
    assert document.text == "one\n"


@given(st.lists(st.integers(0, 5), max_size=40), st.data())
def test_totals_are_sums_whatever_was_replaced(sizes: list[int], data: st.DataObject) -> None:
    totals = Totals(sizes)
    for _ in range(3):
        start, stop = sorted(data.draw(st.integers(0, len(sizes))) for _ in range(2))
        totals.before(data.draw(st.integers(0, len(sizes))))
        new = data.draw(st.lists(st.integers(0, 5), max_size=4))
        sizes[start:stop] = new
        totals.replace(start, stop, new)
        assert [totals.before(index) for index in range(len(sizes) + 1)] == [
            sum(sizes[:index]) for index in range(len(sizes) + 1)
        ]
        for position in range(sum(sizes)):
            index = totals.find(position)
            assert totals.before(index) <= position < totals.before(index) + sizes[index]


@given(st.text())
def test_what_is_shown_has_no_terminal_codes_and_keeps_its_length(text: str) -> None:
    visible = shown(text)
    assert len(visible) == len(text)
    assert not any(
        (character < " " and character != "\t") or "\x7f" <= character <= "\x9f" or "\ud800" <= character <= "\udfff"
        for character in visible
    )
    assert shown(visible) == visible


def test_an_escape_is_seen_and_a_carriage_return_at_the_end_is_not() -> None:
    assert shown("\x1b[31mred\r") == "␛[31mred "


def test_pasted_text_has_plain_line_ends_and_no_codes() -> None:
    assert typed("a\r\nb\rc\x1b[0m\td\u2028e") == "a\nb\nc[0m\td\ne"
