"""The mix of a model and a person's texts, against counting and adding by hand."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2studio.retrieval.blend import HALF, LEAST, Blend, Values
from gpt2studio.retrieval.infinigram import Infinigram
from gpt2studio.retrieval.lexicon import Lexicon
from tests.retrieval.strategies import Texts, corpus_of, following, texts, tokens


def some_logits(seed: int, size: int) -> Values:
    return np.random.default_rng(seed).normal(0, 3, size).astype(np.float32)


def probabilities(logits: Values) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    weights = np.exp(logits.astype(np.float64) - float(logits.max()))
    return np.asarray(weights / weights.sum())


@given(texts, tokens, st.floats(0, 1), st.integers(0, 9))
def test_the_mix_is_what_counting_by_hand_adds_to_the_model(
    lexicon: Lexicon, texts: Texts, context: list[int], weight: float, seed: int
) -> None:
    logits = some_logits(seed, lexicon.border + 3)  # some checkpoints pad their vocabulary
    expected = probabilities(logits)
    ends = [context[len(context) - length :] for length in range(len(context), 0, -1)]
    end, after = next(((end, found) for end in ends if len(found := following(end, texts)) >= LEAST), ([], []))
    share = weight * len(end) / (len(end) + HALF)
    expected *= 1 - share
    for token, count in Counter(after).items():
        expected[token] += share * count / len(after)
    mixed = Blend(Infinigram(corpus_of(texts, lexicon)), weight).mixed(logits, context)
    np.testing.assert_allclose(probabilities(mixed), expected, rtol=1e-4, atol=1e-9)
    assert expected.sum() == pytest.approx(1)
    assert mixed.dtype == np.float32


@given(texts, tokens, st.floats(0.01, 1))
def test_the_mix_is_itself_a_distribution(lexicon: Lexicon, texts: Texts, context: list[int], weight: float) -> None:
    logits = some_logits(1, lexicon.border)
    mixed = Blend(Infinigram(corpus_of(texts, lexicon)), weight).mixed(logits, context)
    assert mixed is logits or np.exp(mixed.astype(np.float64)).sum() == pytest.approx(1, abs=1e-5)


def test_the_longer_the_match_the_more_the_texts_have_a_say_but_never_all(lexicon: Lexicon) -> None:
    blend = Blend(Infinigram(corpus_of([[1, 2, 3, 1, 2, 3]], lexicon)), 1.0)
    shares = [blend.share(length) for length in (0, 1, 2, 8, 64)]
    assert shares == sorted(set(shares))
    assert shares[0] == 0
    assert shares[-1] < 1


def test_where_nothing_matches_the_model_is_left_alone(lexicon: Lexicon) -> None:
    logits = some_logits(1, lexicon.border)
    blend = Blend(Infinigram(corpus_of([[1, 2, 3, 1, 2, 3]], lexicon)), 1.0)
    assert blend.mixed(logits, [9, 9]) is logits
    assert blend.mixed(logits, []) is logits
