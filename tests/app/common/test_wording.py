"""Counts, sizes, times and stray characters as people read them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from gpt2studio.app.common import wording


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 words"), (1, "1 word"), (2, "2 words"), (100_000, "100,000 words")]
)
def test_a_count_agrees_with_its_noun(number: int, words: str) -> None:
    assert wording.counted(number, "word") == words


def test_a_noun_may_have_its_own_plural() -> None:
    assert wording.counted(3, "story", "stories") == "3 stories"


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        (7_098_368, "7.1M"),
        (124_439_808, "124M"),
        (81_912_576, "81.9M"),
        (774_030_080, "774M"),
        (1_557_611_200, "1.56B"),
        (999_960_000, "1B"),
        (50_257, "50.3K"),
        (999, "999"),
        (0, "0"),
    ],
)
def test_a_model_is_named_by_its_parameters(parameters: int, name: str) -> None:
    assert wording.magnitude(parameters) == name


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (14_386_130, "14.4 MB"),
        (497_759_232, "498 MB"),
        (999_600_000, "1.0 GB"),
        (6_230_444_800, "6.2 GB"),
        (10**15, "1000 TB"),
    ],
)
def test_a_size_is_in_decimal_units(octets: int, words: str) -> None:
    assert wording.size(octets) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "0.0 s"),
        (0.44, "0.4 s"),
        (9.96, "10 s"),
        (59.7, "1 min"),
        (200, "3 min 20 s"),
        (7500, "2 h 5 min"),
        (3600, "1 h"),
        (86400 * 3 + 3600 * 4 + 59, "3 d 4 h"),
    ],
)
def test_a_duration_is_told_in_its_two_largest_units(seconds: float, words: str) -> None:
    assert wording.duration(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (7200, "2 hours ago"),
        (86400, "yesterday"),
        (86400 * 5, "5 days ago"),
    ],
)
def test_a_time_past_is_told_roughly(seconds: float, words: str) -> None:
    assert wording.ago(seconds) == words


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0, "0%"),
        (1e-9, "<0.1%"),
        (0.023, "2.3%"),
        (0.0994, "9.9%"),
        (0.0996, "10%"),
        (0.5, "50%"),
        (0.9999, ">99%"),
        (1, "100%"),
    ],
)
def test_a_share_is_told_in_percent(share: float, words: str) -> None:
    assert wording.percent(share) == words


@pytest.mark.parametrize(
    ("speed", "words"), [(3.21, "3.2 tokens/s"), (9.96, "10 tokens/s"), (57.4, "57 tokens/s"), (1234, "1,234 tokens/s")]
)
def test_speed_is_told_as_fine_as_it_matters(speed: float, words: str) -> None:
    assert wording.speed(speed) == words


@pytest.mark.parametrize(
    ("token", "shown"),
    [
        (" castle", "·castle"),
        ("\n\n", "⏎⏎"),
        ("\t", "⇥"),
        ("森林", "森林"),
        ("[red]", "[red]"),
        ("\x1b[2J", "‹1B›[2J"),
        ("\u202e", "‹202E›"),
        ("\u0301", "◌\u0301"),
        ("", ""),
    ],
)
def test_a_token_is_shown_so_that_one_can_see_it(token: str, shown: str) -> None:
    assert wording.visible(token) == shown


@given(st.text())
def test_nothing_that_a_terminal_obeys_is_left_in_a_shown_token(text: str) -> None:
    shown = wording.visible(text)
    assert {unicodedata.category(character)[0] for character in shown} <= set("LMNPS")


@given(st.text(), st.integers(0, 30))
def test_a_clipped_text_fits_and_keeps_its_beginning(text: str, cells: int) -> None:
    text = wording.visible(text)
    clipped = wording.clipped(text, cells)
    assert cell_len(clipped) <= cells
    assert clipped == text or text.startswith(clipped.removesuffix("…"))
    if cell_len(text) <= cells:
        assert clipped == text


@given(st.lists(st.text()), st.integers(0, 30))
def test_the_first_saying_that_fits_is_said(sayings: list[str], cells: int) -> None:
    said = wording.fitting(sayings, cells)
    assert cell_len(said) <= cells
    assert said in sayings or not said
    assert all(cell_len(each) > cells for each in sayings[: sayings.index(said) if said in sayings else None])
