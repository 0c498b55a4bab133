"""The ∞-gram, against counting by brute force."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2studio.retrieval.infinigram import Infinigram
from gpt2studio.retrieval.lexicon import Lexicon
from tests.retrieval.strategies import Texts, corpus_of, following, texts, tokens


@given(texts, tokens, st.integers(1, 4))
def test_continuations_are_what_counting_finds(
    lexicon: Lexicon, texts: Texts, context: list[int], at_least: int
) -> None:
    found = Infinigram(corpus_of(texts, lexicon)).continuations(context, at_least)
    ends = [context[len(context) - length :] for length in range(len(context), 0, -1)]
    counted = next((after for end in ends if len(after := following(end, texts)) >= at_least), None)
    expected = Counter(counted if counted is not None else [token for text in texts for token in text])
    assert dict(zip(found.tokens.tolist(), found.counts.tolist(), strict=True)) == expected
    assert found.total == expected.total()
    shares = found.probabilities(lexicon.border)
    assert shares.sum() == pytest.approx(1.0 if expected else 0.0)
    assert all(shares[token] == pytest.approx(count / expected.total()) for token, count in expected.items())


@given(texts, tokens)
def test_the_smoothed_distribution_is_one_and_leaves_nothing_out(
    lexicon: Lexicon, texts: Texts, context: list[int]
) -> None:
    smoothed = Infinigram(corpus_of(texts, lexicon)).smoothed(context)
    assert smoothed.shape == (lexicon.border,)
    assert smoothed.sum() == pytest.approx(1.0)
    assert (smoothed > 0).all()


def test_a_longer_match_makes_what_follows_it_likelier(lexicon: Lexicon) -> None:
    infinigram = Infinigram(corpus_of([[1, 2, 3, 4, 5], [9, 3, 7], [8, 3, 7]], lexicon))
    chances = [infinigram.smoothed(context)[4] for context in ([], [3], [2, 3], [1, 2, 3])]
    assert chances == sorted(chances)
    assert chances[-1] > infinigram.smoothed([1, 2, 3])[7]


def test_large_counts_are_the_same_the_second_time(lexicon: Lexicon) -> None:
    rows = np.random.default_rng(1).integers(0, 3, (1, 60_000)).tolist()
    infinigram = Infinigram(corpus_of(rows, lexicon))
    first, second = (infinigram.continuations([1], at_least=2) for _ in range(2))
    expected = Counter(following([1], rows))
    assert dict(zip(first.tokens.tolist(), first.counts.tolist(), strict=True)) == expected
    assert second.counts.tolist() == first.counts.tolist()
