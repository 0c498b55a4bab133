"""A person's texts mixed into what a model expects, as a dial turns them up."""

from collections.abc import Sequence
from math import log

import numpy as np
from numpy.typing import NDArray

from gpt2studio.retrieval.infinigram import Infinigram

Values = NDArray[np.float32]

LEAST = 2
"""So often must a stretch go on in the texts to have a say."""

HALF = 4
"""Tokens of a match that give the texts half of what the weight allows.

With half a book indexed, the other half is foreseen best about the middle of the dial."""

LONGEST = 64
"""Tokens that a match is looked for in: a longer one says no more."""


class Blend:
    """The ∞-gram of texts, and how much it has a say beside a model."""

    def __init__(self, infinigram: Infinigram, weight: float) -> None:
        self._infinigram = infinigram
        self._weight = weight

    def share(self, length: int) -> float:
        """The share of the texts in the mix where a match of so many tokens is the longest: from 0 towards the weight.

        It stays below 1, so that the model always has a say.
        """
        return self._weight * length / (length + HALF)

    def mixed(self, values: Values, context: Sequence[int]) -> Values:
        """The logarithm of the mix of two distributions after *context*, (vocab_size,).

        One is what the logits *values* make, (vocab_size,), the other what follows the longest end of the context
        that goes on at least `LEAST` times in the texts. Where there is no such end, *values* as they are.
        """
        after = self._infinigram.continuations(context[-LONGEST:], LEAST)
        share = self.share(after.length)
        if not share or not after.total:
            return values
        top = float(values.max())
        norm = top + log(float(np.exp(values - values.max()).sum(dtype=np.float64)))
        mixed = values - np.float32(norm - log(1 - share))
        told = log(share) + np.log(after.counts / after.total)
        mixed[after.tokens] = np.logaddexp(mixed[after.tokens].astype(np.float64), told)
        return mixed
