"""How far a continuation runs ahead of the one who reads it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2studio.wire.lead import AHEAD, Lead


@given(st.floats(0.5, 200), st.floats(1e-4, 2), st.integers(1, 300))
def test_no_more_come_than_are_read_and_a_few_ahead(pace: float, step: float, tokens: int) -> None:
    now = 100.0
    lead = Lead(pace, lambda: now)
    computed = 0.0
    for told in range(1, tokens + 1):
        now = max(now, lead.due)
        assert told - 1 <= AHEAD + pace * (now - 100.0 - step) + 1e-6 or told == 1
        now += step
        computed += step
        lead.took(told)
    assert now - 100.0 - lead.rested == pytest.approx(computed)


def test_without_a_pace_all_is_wanted_always() -> None:
    lead = Lead(0.0)
    for told in range(1000):
        lead.took(told)
    assert (lead.due, lead.rested) == (0.0, 0.0)
