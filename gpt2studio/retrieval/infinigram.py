"""What came next in the texts after the longest end of a context that they hold: the ∞-gram (Liu et al. 2024)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpt2studio.retrieval.corpus import Corpus, Found

_LARGE = 1 << 14
"""So many places take longer to count than is worth doing again."""

_DOUBT = 6
"""How much each kind of token that follows a stretch speaks for yet another kind.

Witten and Bell have 1. Over 114 books of stories 6 is best for one more: 1.64 bits a byte instead of 1.82."""


@dataclass(frozen=True, slots=True)
class Continuations:
    """The tokens that follow a stretch in the texts."""

    length: int
    """Tokens of the stretch."""
    tokens: NDArray[np.int64]
    """Each once, ascending."""
    counts: NDArray[np.int64]
    """How often each of them follows."""

    @property
    def total(self) -> int:
        """How often any of them follows."""
        return int(self.counts.sum())

    def probabilities(self, vocabulary: int) -> NDArray[np.float64]:
        """The share of each token of a vocabulary: (vocabulary,). All 0 where nothing follows."""
        shares = np.zeros(vocabulary)
        shares[self.tokens] = self.counts / max(self.total, 1)
        return shares


class Infinigram:
    """The ∞-gram model of a corpus."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self._counted_large = lru_cache(maxsize=64)(self._counted)

    def continuations(self, context: Sequence[int], at_least: int = 2) -> Continuations:
        """What follows the longest end of *context* that is continued *at_least* times in the texts.

        Where not even single tokens are: how often each token stands in the texts.
        """
        return self.following(self.corpus.longest_suffix(context, at_least, continued=True))

    def following(self, found: Found) -> Continuations:
        """What follows a stretch where it stands, ends of texts left out."""
        tokens, counts = (self._counted_large if found.count > _LARGE else self._counted)(found)
        return Continuations(found.length, tokens, counts)

    def smoothed(self, context: Sequence[int], longest: int = 16) -> NDArray[np.float64]:
        """A probability above 0 for every token: (vocabulary,).

        All ends of *context*, up to *longest* tokens, are mixed; each gives the shorter ones a say by how many kinds
        of tokens follow it (Witten, Bell 1991).
        """
        size = self.corpus.lexicon.border
        probabilities = np.full(size, 1 / size)
        for length in range(min(self.corpus.longest_suffix(context[-longest:]).length, longest) + 1):
            after = self.following(self.corpus.find(context[len(context) - length :]))
            if total := after.total:
                doubt = _DOUBT * len(after.tokens)
                probabilities *= doubt / (total + doubt)
                probabilities[after.tokens] += after.counts / (total + doubt)
        return probabilities

    def _counted(self, found: Found) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        if found.length == 0:
            counts = self.corpus.counts[:-1]
            kinds = np.flatnonzero(counts)
            return kinds, counts[kinds]
        following: NDArray[Any] = self.corpus.following(self.corpus.before_borders(found))
        # Ascending already, as the suffixes are.
        starts = np.flatnonzero(np.diff(following.astype(np.int64), prepend=-1))
        return following[starts].astype(np.int64), np.diff(starts, append=len(following))
