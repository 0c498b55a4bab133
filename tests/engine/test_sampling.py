from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from transformers.generation import logits_process as theirs

from gpt2studio.engine.sampling import (
    FUNCTIONS,
    NOTHING_SEEN,
    Logits,
    Seen,
    kth_largest,
    shaped,
)
from gpt2studio.wire.sampling import NEUTRAL, STAGES, Sampling

Floats = NDArray[np.float32]

# Apart by more than rounding, so that no implementation takes one for another.
LOGITS = st.lists(st.integers(-4000, 4000), min_size=2, max_size=60, unique=True).map(
    lambda numbers: np.array(numbers, dtype=np.float32) / 100
)
ANY_LOGITS = st.lists(st.integers(-40, 40), min_size=1, max_size=60).map(
    lambda numbers: np.array(numbers, dtype=np.float32) / 4
)
SAMPLINGS = st.builds(
    Sampling,
    temperature=st.sampled_from([0.0, 0.3, 1.0, 2.0]),
    top_k=st.sampled_from([0, 1, 3, 40]),
    top_p=st.sampled_from([0.1, 0.7, 1.0]),
    min_p=st.sampled_from([0.0, 0.05, 1.0]),
    typical_p=st.sampled_from([0.2, 0.9, 1.0]),
    repetition_penalty=st.sampled_from([0.5, 1.0, 1.3]),
    presence_penalty=st.sampled_from([-1.0, 0.0, 0.6]),
    frequency_penalty=st.sampled_from([0.0, 0.2]),
    order=st.permutations(STAGES).map(tuple),
)


def dense(logits: Logits, size: int) -> Floats:
    """The logits of the whole vocabulary, those that were cut at minus infinity."""
    values = np.full(size, -np.inf, dtype=np.float32)
    values[logits.ids()] = logits.values
    return values


def by_transformers(processor: theirs.LogitsProcessor, values: Floats, history: Sequence[int] = (0,)) -> Floats:
    processed = processor(torch.tensor([list(history)]), torch.from_numpy(values.copy())[None])
    return np.asarray(processed[0].numpy())


def agree(stage: str, values: Floats, sampling: Sampling, expected: Floats, history: Sequence[int] = ()) -> None:
    ours = dense(FUNCTIONS[stage](Logits(values), Seen.of(history), sampling), len(values))
    np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-5)


@given(LOGITS, st.floats(0.01, 10))
def test_temperature_is_that_of_transformers(values: Floats, temperature: float) -> None:
    expected = by_transformers(theirs.TemperatureLogitsWarper(temperature), values)
    agree("temperature", values, replace(NEUTRAL, temperature=temperature), expected)


@given(ANY_LOGITS, st.integers(1, 70))
def test_top_k_is_that_of_transformers(values: Floats, k: int) -> None:
    agree("top_k", values, replace(NEUTRAL, top_k=k), by_transformers(theirs.TopKLogitsWarper(k), values))


@given(LOGITS, st.floats(0.01, 0.99))
def test_top_p_is_that_of_transformers(values: Floats, p: float) -> None:
    assume(clear_of(np.sort(softmax(values))[::-1], p))
    agree("top_p", values, replace(NEUTRAL, top_p=p), by_transformers(theirs.TopPLogitsWarper(p), values))


@given(LOGITS, st.floats(0.001, 1))
def test_min_p_is_that_of_transformers(values: Floats, p: float) -> None:
    assume(np.abs(softmax(values) / softmax(values).max() - p).min() > 1e-5 or p == 1)
    agree("min_p", values, replace(NEUTRAL, min_p=p), by_transformers(theirs.MinPLogitsWarper(p), values))


@given(LOGITS, st.floats(0.01, 0.99))
def test_typical_is_that_of_transformers(values: Floats, p: float) -> None:
    chances = softmax(values)
    surprise = -np.log(np.maximum(chances, 1e-300))
    away = np.abs(surprise - (chances * surprise).sum())
    order = np.argsort(away)
    assume(np.diff(away[order]).min() > 1e-4)
    assume(clear_of(chances[order], p))
    agree("typical", values, replace(NEUTRAL, typical_p=p), by_transformers(theirs.TypicalLogitsWarper(p), values))


@given(LOGITS, st.floats(0.1, 3), st.data())
def test_the_repetition_penalty_is_that_of_transformers(values: Floats, penalty: float, data: st.DataObject) -> None:
    history = data.draw(st.lists(st.integers(0, len(values) - 1), min_size=1))
    expected = by_transformers(theirs.RepetitionPenaltyLogitsProcessor(penalty), values, history)
    agree("repetition", values, replace(NEUTRAL, repetition_penalty=penalty), expected, history)


@given(LOGITS, st.floats(-2, 2), st.floats(-2, 2), st.data())
def test_presence_and_frequency_penalties_follow_their_formulas(
    values: Floats, presence: float, frequency: float, data: st.DataObject
) -> None:
    history = data.draw(st.lists(st.integers(0, len(values) - 1)))
    counts = np.array([history.count(token) for token in range(len(values))], dtype=np.float32)
    agree("presence", values, replace(NEUTRAL, presence_penalty=presence), values - presence * (counts > 0), history)
    agree("frequency", values, replace(NEUTRAL, frequency_penalty=frequency), values - frequency * counts, history)


@given(LOGITS, st.floats(-50, 50), st.data())
def test_bias_is_added_to_its_tokens_alone(values: Floats, added: float, data: st.DataObject) -> None:
    token = data.draw(st.integers(0, len(values) - 1))
    expected = values.copy()
    expected[token] += added
    agree("bias", values, replace(NEUTRAL, bias={str(token): added, "99999999": 5.0}), expected)


@given(ANY_LOGITS, SAMPLINGS, st.data())
def test_neutral_parameters_change_nothing(values: Floats, sampling: Sampling, data: st.DataObject) -> None:
    history = data.draw(st.lists(st.integers(0, len(values) - 1)))
    np.testing.assert_array_equal(
        dense(shaped(Logits(values), Seen.of(history), sampling.neutral()), len(values)), values
    )


@given(ANY_LOGITS, SAMPLINGS, st.data())
def test_in_any_order_something_is_left_and_what_was_cut_stays_cut(
    values: Floats, sampling: Sampling, data: st.DataObject
) -> None:
    seen = Seen.of(data.draw(st.lists(st.integers(0, len(values) - 1))))
    left = Logits(values)
    for stage in sampling.order:
        before, left = left, FUNCTIONS[stage](left, seen, sampling)
        assert len(left.values) > 0
        assert set(left.ids()) <= set(before.ids())
        assert np.all(np.diff(left.ids()) > 0)
        assert np.isfinite(left.values).all()
        assert left.probabilities().sum() == pytest.approx(1)


@given(ANY_LOGITS, st.integers(1, 60))
def test_top_k_keeps_k_tokens_or_ties_with_the_last_of_them(values: Floats, k: int) -> None:
    left = FUNCTIONS["top_k"](Logits(values), NOTHING_SEEN, replace(NEUTRAL, top_k=k))
    wanted = min(k, len(values))
    assert len(left.values) >= wanted
    assert (left.values > left.values.min()).sum() < wanted or len(left.values) == wanted


@given(ANY_LOGITS, st.floats(0.01, 0.99))
def test_top_p_keeps_the_least_that_reaches_p(values: Floats, p: float) -> None:
    chances = softmax(values)
    kept = FUNCTIONS["top_p"](Logits(values), NOTHING_SEEN, replace(NEUTRAL, top_p=p)).ids()
    assert chances[kept].sum() >= p - 1e-6
    assert chances[kept].sum() - chances[kept][chances[kept] == chances[kept].min()].sum() < p + 1e-6


@given(ANY_LOGITS)
def test_temperature_0_leaves_the_likeliest(values: Floats) -> None:
    left = FUNCTIONS["temperature"](Logits(values), NOTHING_SEEN, replace(NEUTRAL, temperature=0))
    assert left.ids().tolist() == [values.argmax()]


def test_the_order_is_the_users() -> None:
    values = np.log(np.array([0.5, 0.3, 0.15, 0.05], dtype=np.float32))
    both = replace(NEUTRAL, temperature=3.0, top_p=0.65)
    hot_first = shaped(Logits(values), NOTHING_SEEN, replace(both, order=("temperature", "top_p")))
    hot_last = shaped(Logits(values), NOTHING_SEEN, replace(both, order=("top_p", "temperature")))
    assert (len(hot_first.values), len(hot_last.values)) == (3, 2)


@given(LOGITS)
def test_cuts_by_rank_commute(values: Floats) -> None:
    sampling = replace(NEUTRAL, top_k=5, min_p=0.02, temperature=1.0)
    results = {
        tuple(shaped(Logits(values), NOTHING_SEEN, replace(sampling, order=order)).ids().tolist())
        for order in permutations(("top_k", "min_p"))
    }
    assert len(results) == 1


def test_where_top_p_replaces_top_k_only_one_of_them_acts() -> None:
    values = np.log(np.array([0.4, 0.3, 0.2, 0.1], dtype=np.float32))
    old = replace(NEUTRAL, top_k=1, top_p_replaces_top_k=True)
    assert len(shaped(Logits(values), NOTHING_SEEN, old).values) == 1
    assert len(shaped(Logits(values), NOTHING_SEEN, replace(old, top_p=0.8)).values) == 3
    assert len(shaped(Logits(values), NOTHING_SEEN, replace(old, top_p=0.8, top_p_replaces_top_k=False)).values) == 1


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=900), st.data())
def test_the_kth_largest_is_that_of_a_sort(numbers: list[int], data: st.DataObject) -> None:
    k = data.draw(st.integers(1, len(numbers)))
    assert kth_largest(np.array(numbers, dtype=np.float32), k) == sorted(numbers, reverse=True)[k - 1]


@given(ANY_LOGITS, st.sets(st.integers(0, 59)), st.data())
def test_taking_tokens_out_leaves_the_others_as_they_were(values: Floats, out: set[int], data: st.DataObject) -> None:
    some = np.array(sorted(set(range(len(values))) - out), dtype=np.intp)
    assume(len(some) > 1)
    token = data.draw(st.integers(0, 70))
    left = Logits(values).among(some).without(token)
    assert left.ids().tolist() == [each for each in some.tolist() if each != token]
    np.testing.assert_array_equal(left.values, values[left.ids()])


def softmax(values: Floats) -> NDArray[np.float64]:
    weights = np.exp(values.astype(np.float64) - values.max())
    return np.asarray(weights / weights.sum())


def clear_of(chances: NDArray[np.float64], p: float) -> bool:
    """Whether no running sum lies so near p that rounding decides."""
    return bool(np.abs(np.cumsum(chances) - p).min() > 1e-5)
