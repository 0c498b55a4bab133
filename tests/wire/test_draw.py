import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from gpt2studio.wire.draw import pick, uniform

WEIGHTS = st.lists(st.floats(0, 1), min_size=1, max_size=50).filter(lambda weights: sum(weights) > 0)


@given(st.integers(), st.integers(), st.integers())
def test_a_number_depends_on_seed_candidate_and_index_alone(seed: int, candidate: int, index: int) -> None:
    assert 0 <= uniform(seed, candidate, index) < 1
    assert uniform(seed, candidate, index) == uniform(seed, candidate, index)


def test_the_numbers_are_those_of_the_first_release() -> None:
    assert [uniform(0, 0, 0), uniform(7, 0, 1), uniform(7, 1, 0), uniform(-(2**80), 3, 9)] == [
        0.633398068541001,
        0.043480552168544295,
        0.9414384674458415,
        0.5373002300391239,
    ]


def test_the_numbers_are_spread_evenly() -> None:
    for numbers in (
        [uniform(seed, 0, 0) for seed in range(20_000)],
        [uniform(1, candidate, 0) for candidate in range(20_000)],
        [uniform(1, 0, index) for index in range(20_000)],
    ):
        counts, _ = np.histogram(numbers, bins=100, range=(0, 1))
        chi_square = ((counts - 200) ** 2 / 200).sum()
        assert 60 < chi_square < 150  # 99 degrees of freedom: outside these with a chance of 1 in 1000


def test_tokens_are_drawn_as_often_as_they_are_likely() -> None:
    chances = np.array([0.5, 0.0, 0.2, 0.2, 0.06, 0.04])
    picked = [pick(chances, uniform(3, 0, index)) for index in range(20_000)]
    counts = np.bincount(picked, minlength=6)
    assert counts[1] == 0
    expected = chances[chances > 0] * len(picked)
    assert ((counts[chances > 0] - expected) ** 2 / expected).sum() < 18.5  # 4 degrees of freedom, 1 in 1000


@given(WEIGHTS, st.floats(0, 1, exclude_max=True))
@example(weights=[5e-324], number=0.75)
def test_a_place_without_probability_is_never_picked(weights: list[float], number: float) -> None:
    place = pick(np.array(weights), number)
    assert weights[place] > 0


@given(WEIGHTS, st.floats(0, 1, exclude_max=True), st.floats(0, 1, exclude_max=True))
def test_a_larger_number_never_picks_an_earlier_place(weights: list[float], one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert pick(np.array(weights), low) <= pick(np.array(weights), high)
