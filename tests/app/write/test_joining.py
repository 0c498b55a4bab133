"""How lines join the manuscript, and the pace at which tokens appear."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2studio.app.write.joining import joined, parting
from gpt2studio.app.write.pace import Pacer


@pytest.mark.parametrize(
    ("before", "line", "added"),
    [
        ("", "Once upon a time", "Once upon a time"),
        ("Once upon a time.", "There was", " There was"),
        ("Once upon a time. ", "There was", "There was"),
        ("The end.\n", "Once", "Once"),
        ("he said", ", and left.", ", and left."),
        ("he said", "'Go!'", " 'Go!'"),
        ("the dog", "' bone", "' bone"),
        ("he said", "...and left", " ...and left"),
        ("HAMLET: Words.", "POLONIUS: What is the matter?", "\nPOLONIUS: What is the matter?"),
        ("HAMLET: Words.", "What is the matter?", "\nWhat is the matter?"),
        ("Anna: Hello.\n\nBen: Hello.", "How are you?", "\n\nHow are you?"),
        ("Anna: Hello.", "Ben: Hello.", "\nBen: Hello."),
        ("He said: go.", "And he went.", " And he went."),
        ("Note: this is prose.", "Indeed it is.", " Indeed it is."),
        ("从前", "有一个人", "有一个人"),
        ("옛날에", "한 사람이", " 한 사람이"),
        ("anything", "", ""),
    ],
)
def test_a_line_joins_as_a_person_would_have_typed_it(before: str, line: str, added: str) -> None:
    assert joined(before, line) == added


@given(st.text(), st.text())
def test_nothing_of_a_line_is_lost_and_only_blanks_are_added(before: str, line: str) -> None:
    added = joined(before, line)
    assert added.endswith(line)
    assert added.removesuffix(line).strip(" \n") == ""


@pytest.mark.parametrize(
    ("before", "written", "after", "gap"),
    [
        ("tall ", "green", "dark", " "),
        ("tall ", "said.", "He", " "),
        ("tall ", "said.", '"N', " "),
        ("“", "Come,", "Hello", " "),
        ("tall ", "green ", "dark", ""),
        ("tall", "er", " dark", ""),
        ("tall ", "green", ", dark", ""),
        ("tall ", "green", "", ""),
        ("tall ", "", "dark", ""),
        ("A", "green", "Z", ""),
        ("从前", "有", "人", ""),
    ],
)
def test_words_put_in_between_do_not_run_into_what_follows(before: str, written: str, after: str, gap: str) -> None:
    assert parting(before, written, after) == gap


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@given(st.floats(1, 200), st.lists(st.tuples(st.floats(0, 0.5), st.integers(0, 20)), max_size=30))
def test_no_more_appear_than_the_pace_allows_and_the_order_stays(pace: float, steps: list[tuple[float, int]]) -> None:
    clock = Clock()
    pacer: Pacer[int] = Pacer(pace, clock)
    put, out = 0, list[int]()
    for wait, came in steps:
        clock.now += wait
        for _ in range(came):
            pacer.put(put)
            put += 1
        out += pacer.take()
        assert len(out) <= 1 + pace * clock.now
    assert out == list(range(len(out)))
    clock.now += put / pace + 1
    assert len(out) + len(pacer.take()) == put


def test_the_first_appears_at_once_and_without_a_pace_all_do() -> None:
    paced: Pacer[str] = Pacer(60, Clock())
    free: Pacer[str] = Pacer(0, Clock())
    for each in "abc":
        paced.put(each)
        free.put(each)
    assert paced.take() == ["a"]
    assert free.take() == ["a", "b", "c"]
