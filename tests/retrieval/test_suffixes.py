"""The suffix array, against sorting the suffixes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2studio.retrieval.suffixes import COMPILED, suffix_array

BUILDERS = [
    False,
    pytest.param(True, marks=pytest.mark.skipif(not COMPILED, reason="pydivsufsort is not installed")),
]


@pytest.mark.parametrize("compiled", BUILDERS)
@pytest.mark.parametrize("highest", [0, 1, 5, 50_257, 2**32 - 2])
@given(data=st.data())
def test_suffixes_stand_in_their_order(compiled: bool, highest: int, data: st.DataObject) -> None:
    tokens = data.draw(st.lists(st.integers(0, highest), max_size=60))
    order = suffix_array(np.array(tokens, dtype=np.uint32), compiled=compiled)
    assert order.tolist() == sorted(range(len(tokens)), key=lambda place: tokens[place:])


@pytest.mark.parametrize("compiled", BUILDERS)
@pytest.mark.parametrize("text", ["a" * 3000, "ab" * 1500, "abc" * 700 + "b" + "abc" * 700])
def test_texts_that_repeat_themselves_are_sorted_too(compiled: bool, text: str) -> None:
    tokens = np.frombuffer(text.encode(), dtype=np.uint8).astype(np.uint16)
    assert suffix_array(tokens, compiled=compiled).tolist() == sorted(range(len(text)), key=lambda at: text[at:])
