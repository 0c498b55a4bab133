"""Text that is safe to show."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from gpt2studio.wire.terminal import visible


@given(st.text())
def test_nothing_that_a_terminal_obeys_is_left_and_no_offset_moves(text: str) -> None:
    shown = visible(text)
    assert len(shown) == len(text)
    assert all(unicodedata.category(char) != "Cc" or char in "\n\t" for char in shown)


def test_words_stay_as_they_are() -> None:
    text = "naïve 故事 🧙\u200d♂️ \t\n“quoted”"
    assert visible(text) == text


def test_a_terminal_code_becomes_readable() -> None:
    assert visible("\x1b[31mred\x07") == "␛[31mred␇"
