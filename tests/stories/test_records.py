"""Records as lines of JSON and back."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2studio.stories.lines import from_line, to_line
from gpt2studio.stories.records import (
    KINDS,
    Begin,
    DamagedError,
    Edit,
    Empty,
    End,
    Entry,
    Go,
    Made,
    Mark,
    Name,
    NewerError,
    Note,
    Record,
    Redo,
    Rename,
    Skipped,
    Take,
    TokenRecord,
    Tokens,
    Trash,
    Undo,
)
from tests.stories.strategies import PIECES

NUMBERS = st.integers(0, 2**40)
TEXT = st.text()
JSON = st.recursive(st.none() | st.booleans() | st.integers() | TEXT, lambda each: st.lists(each, max_size=3))
TOKENS = st.builds(TokenRecord, NUMBERS, TEXT, st.none() | st.floats(-100, 0), st.none() | NUMBERS, NUMBERS, NUMBERS)
RECORDS: st.SearchStrategy[Record] = st.one_of(
    st.builds(Made, TEXT, TEXT),
    st.builds(Edit, NUMBERS, NUMBERS, PIECES, TEXT, st.booleans()),
    st.builds(Begin, NUMBERS, st.dictionaries(TEXT, JSON, max_size=3), st.none() | NUMBERS, st.booleans()),
    st.builds(Tokens, NUMBERS, st.lists(TOKENS, max_size=3).map(tuple)),
    st.builds(End, NUMBERS, TEXT, TEXT),
    st.builds(Undo, st.none() | NUMBERS),
    st.builds(Redo),
    st.builds(Go, NUMBERS),
    st.builds(Take, NUMBERS, NUMBERS),
    st.builds(Trash, NUMBERS, st.booleans()),
    st.builds(Empty),
    st.builds(Mark, NUMBERS, st.booleans()),
    st.builds(Name, NUMBERS, TEXT),
    st.builds(Rename, TEXT),
    st.builds(Note, TEXT, JSON),
)


@given(RECORDS, NUMBERS, st.floats(0, 2.5e11))
def test_a_record_is_one_line_and_comes_back_the_same(record: Record, seq: int, time: float) -> None:
    line = to_line(Entry(seq, time, record))
    assert line.count(b"\n") == 1
    assert from_line(line, 40) == Entry(seq, time, record, 40, 40 + len(line))


def test_a_line_is_text_that_people_can_read_unless_half_a_character_is_in_it() -> None:
    assert "狐狸" in to_line(Entry(1, 2.0, Rename("狐狸"))).decode()
    line = to_line(Entry(1, 2.0, Rename("狐\ud800")))
    assert line.isascii()
    assert from_line(line).record == Rename("狐\ud800")


def test_a_probability_of_nothing_is_null_in_the_line() -> None:
    line = to_line(Entry(1, 2.0, Tokens(3, (TokenRecord(5, "x", float("-inf"), 9, 0, 1),))))
    assert json.loads(line)["tokens"] == [[5, None, 9, 0, 1, "x"]]


@given(st.binary(max_size=40))
def test_bytes_that_are_no_record_are_damaged_and_nothing_worse(line: bytes) -> None:
    with pytest.raises((DamagedError, NewerError)):
        from_line(line)


WHOLE: dict[str, Any] = {"v": 1, "seq": 3, "time": 1.0, "kind": "edit", "at": 0}


@given(
    st.sampled_from(list(KINDS)),
    st.dictionaries(st.sampled_from(["v", "seq", "time", "at", "inserted", "node", "tokens", "over", "title"]), JSON),
)
def test_any_values_in_a_record_are_taken_or_damage_and_nothing_worse(kind: str, data: dict[str, Any]) -> None:
    try:
        entry = from_line(json.dumps({**WHOLE, "kind": kind, **data}).encode())
    except (DamagedError, NewerError):
        return
    assert kind == entry.record.KIND


@pytest.mark.parametrize(
    "wrong",
    [
        {"at": -1},
        {"at": True},
        {"at": "0"},
        {"at": None},
        {"time": "now"},
        {"time": True},
        {"time": -1},
        {"time": 1e18},
        {"time": 10**400},
        {"time": float("inf")},
        {"time": float("nan")},
        {"seq": 1.5},
        {"inserted": [["nobody", "x"]]},
        {"inserted": [["model"]]},
        {"inserted": 5},
        {"cause": 1},
        {"join": 1},
        {"kind": "tokens", "node": 1, "tokens": [[1, 2]]},
        {"kind": "tokens", "node": 1, "tokens": [[1, "-0.5", 2, 0, 1, "x"]]},
        {"kind": "tokens", "node": 1, "tokens": [[1, float("-inf"), 2, 0, 1, "x"]]},
        {"kind": "tokens", "node": 1, "tokens": [[1, -(10**400), 2, 0, 1, "x"]]},
        {"kind": "tokens", "node": 1, "tokens": [[1, -0.5, [], 0, 1, "x"]]},
        {"kind": "begin", "request": []},
        {"kind": "go"},
        {"kind": None},
    ],
)
def test_a_field_of_another_type_is_damage(wrong: dict[str, Any]) -> None:
    assert isinstance(from_line(json.dumps(WHOLE).encode()).record, Edit)
    with pytest.raises(DamagedError):
        from_line(json.dumps({**WHOLE, **wrong}).encode())


def test_brackets_without_end_are_damage() -> None:
    with pytest.raises(DamagedError):
        from_line(b"[" * 100_000)


@pytest.mark.parametrize("newer", [{"v": 2}, {"kind": "dream"}, {"v": 7, "kind": "dream", "optional": True}])
def test_what_a_newer_program_wrote_is_not_taken_for_damage(newer: dict[str, Any]) -> None:
    with pytest.raises(NewerError):
        from_line(json.dumps({**WHOLE, **newer}).encode())


def test_a_kind_that_is_not_known_is_skipped_where_it_says_that_it_may_be() -> None:
    assert from_line(json.dumps({**WHOLE, "kind": "dream", "optional": True}).encode()).record == Skipped()


def test_a_field_that_is_not_known_is_no_harm() -> None:
    assert from_line(json.dumps({**WHOLE, "mood": "blue"}).encode()).record == Edit(0)
