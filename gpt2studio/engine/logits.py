"""What the sampling stages work on: the tokens that can still be drawn, and what is known beside their logits."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]
Tokens = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Logits:
    """The tokens that can still be drawn, and their logits."""

    values: Values
    tokens: Tokens | None = None
    """Their ids, ascending; None: the whole vocabulary."""

    def keep(self, which: "NDArray[np.bool_]") -> "Logits":
        """Those alone."""
        places = np.flatnonzero(which)
        if len(places) == len(self.values):
            return self
        return Logits(self.values[places], places if self.tokens is None else self.tokens[places])

    def among(self, tokens: Tokens) -> "Logits":
        """Those of *tokens*, ascending ids, that have not been cut."""
        if self.tokens is None:
            return Logits(self.values[tokens], tokens)
        return self.keep(np.isin(self.tokens, tokens, assume_unique=True))

    def without(self, token: int) -> "Logits":
        """All but one."""
        which = np.ones(len(self.values), dtype=bool)
        which[self.places(np.array([token], dtype=np.intp))[0]] = False
        return self.keep(which)

    def places(self, tokens: Tokens) -> tuple[Tokens, "NDArray[np.bool_]"]:
        """Where those of *tokens* that have not been cut stand in `values`, and which of them these are."""
        if self.tokens is None:
            there = (tokens >= 0) & (tokens < len(self.values))
            return tokens[there], there
        places = np.minimum(np.searchsorted(self.tokens, tokens), len(self.tokens) - 1)
        there = self.tokens[places] == tokens
        return places[there], there

    def ids(self) -> Tokens:
        """The ids of all."""
        return np.arange(len(self.values)) if self.tokens is None else self.tokens

    def probabilities(self) -> NDArray[np.float64]:
        """The chance of each to be drawn: their softmax, in float64."""
        weights = np.exp((self.values - self.values.max()).astype(np.float64))
        return np.asarray(weights / weights.sum())


@dataclass(frozen=True, slots=True)
class Seen:
    """What stages know beside the logits: the tokens already there, and what belongs to this one draw."""

    tokens: Tokens
    """Those that the penalties look at, each once."""
    counts: Values
    """How often each of them stands there."""
    history: Sequence[int] = ()
    """All tokens of the text so far, the latest last."""
    breakers: Collection[int] = ()
    """Tokens over which no repetition reaches."""
    banned: Collection[int] = ()
    """Tokens that would complete a banned text now."""
    coin: float = 1.0
    """A random number for this draw, in [0, 1)."""
    bound: float | None = None
    """Mirostat's: how surprising a token may be, in bits; None: as at the beginning."""

    @classmethod
    def of(cls, history: Sequence[int], reach: int | None = None) -> "Seen":
        """The text so far; the penalties look at its last *reach* tokens, None: at all."""
        counts = Counter(history if reach is None else history[max(0, len(history) - reach) :])
        tokens, times = np.array(list(counts), dtype=np.intp), np.array(list(counts.values()), dtype=np.float32)
        return cls(tokens, times, history)


NOTHING_SEEN = Seen.of(())


def changed(logits: Logits, places: Tokens, values: Values) -> Logits:
    """The same with other values at these places."""
    new = logits.values.copy()
    new[places] = values
    return Logits(new, logits.tokens)


def kth_largest(values: Values, k: int) -> np.float32:
    """The k-th largest of the values: without a sort of them all where k is small beside their number."""
    wide = 64
    rows = len(values) // wide
    if k < rows // 2:
        # Each of the k rows with the largest maxima has a value no less than the least of these: smaller ones are out.
        largest = values[: rows * wide].reshape(rows, wide).max(axis=1)
        values = values[values >= np.partition(largest, rows - k)[rows - k]]
    return np.float32(np.partition(values, len(values) - k)[len(values) - k])
