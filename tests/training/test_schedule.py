"""The learning rate of each step."""

import math
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gpt2studio.runs.recipe import Optimization
from gpt2studio.training.schedule import learning_rate

steps_and_warmups = st.integers(1, 500).flatmap(lambda steps: st.tuples(st.just(steps), st.integers(0, steps // 10)))


@given(st.sampled_from(["constant", "linear", "cosine"]), steps_and_warmups, st.floats(0, 1))
def test_it_rises_to_the_peak_then_falls_to_the_final_share(
    schedule: str, amounts: tuple[int, int], final: float
) -> None:
    steps, warmup = amounts
    how = Optimization(learning_rate=1.0, schedule=schedule, warmup=warmup, final_rate=final)
    rates = [learning_rate(how, step, steps) for step in range(steps)]
    assert all(a < b for a, b in pairwise(rates[: warmup + 1]))
    assert rates[warmup] == 1.0
    falling = rates[warmup:]
    assert all(a >= b for a, b in pairwise(falling))
    if steps > warmup + 1:
        assert math.isclose(rates[-1], 1.0 if schedule == "constant" else final, abs_tol=1e-12)
    assert all(0 < rate <= 1.0 or final == 0 for rate in rates)


def test_halfway_a_cosine_is_halfway_down() -> None:
    how = Optimization(learning_rate=2.0, schedule="cosine", warmup=0, final_rate=0.0)
    assert math.isclose(learning_rate(how, 50, 101), 1.0)
