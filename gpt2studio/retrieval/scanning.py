"""How much of a short text stands in a long one that is read through: exact, in bounded memory, without an index.

Equal stretches of the short text get equal numbers, first those of one token, then of two, four and so on, each number
made of two before it (Karp, Miller, Rosenberg 1972). Reading the long text, the same numbers tell at each place which
stretch stands there; most places are settled by their first two tokens.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from gpt2studio.retrieval.copied import GRAM, Memorisation

Numbers = NDArray[np.int64]

_CHUNK = 1 << 18
"""Places that are looked at together."""


def scanned(text: NDArray[np.integer], tokens: Sequence[int], gram: int = GRAM) -> Memorisation:
    """How much of *tokens* stands in *text*, (places,), which may be memory-mapped: what `memorisation` tells.

    *gram* is a power of two.
    """
    stretches = _Stretches(tokens)
    best = Memorisation(0, 0, -1, 0.0)
    grams = stretches.numbers(gram) if len(tokens) >= gram else np.empty(0, np.int64)
    there = np.zeros(len(grams) + 1, np.bool_)
    for start in range(0, len(text), _CHUNK):
        part = np.asarray(text[start : start + _CHUNK + max(len(tokens) - 1, 0)])
        levels = list(stretches.levels(part))
        if len(grams) and len(levels) > gram.bit_length() - 1:
            seen = levels[gram.bit_length() - 1]
            there[seen[seen >= 0]] = True
        if len(levels) and len(part) > best.longest:
            best = _better(best, stretches.longest(levels), start)
    share = float(there[grams].mean()) if len(grams) else 0.0
    return Memorisation(best.longest, best.begin, best.place, share)


def _better(best: Memorisation, found: Memorisation, start: int) -> Memorisation:
    if found.longest <= best.longest:
        return best
    return Memorisation(found.longest, found.begin, start + found.place, 0.0)


class _Stretches:
    """The stretches of a short text, numbered for each length; -1 is none of them."""

    def __init__(self, tokens: Sequence[int]) -> None:
        self._tokens = np.array(tokens, np.int64)
        kinds, first = np.unique(self._tokens, return_inverse=True)
        # Of every token that is not there the number is -1; one beyond the highest stands for all beyond it.
        self._single = np.full(int(kinds[-1]) + 2 if len(kinds) else 1, -1, np.int64)
        self._single[kinds] = np.arange(len(kinds))
        self._numbers: dict[int, Numbers] = {1: first.astype(np.int64)}
        self._pairs: dict[tuple[int, int], Numbers] = {}

    def numbers(self, length: int) -> Numbers:
        """The number of the stretch of so many tokens, a power of two, at each place of the text."""
        if length not in self._numbers:
            self._pair(length // 2, length // 2)
        return self._numbers[length]

    def levels(self, part: NDArray[np.integer]) -> Iterator[Numbers]:
        """The numbers of the stretches of one, two, four … tokens at each place, as long as there are any."""
        level = np.take(self._single, np.minimum(part, len(self._single) - 1))
        length = 1
        while (level >= 0).any():
            yield level
            if 2 * length > len(self._tokens):
                return
            places = np.flatnonzero(level[: max(len(level) - length, 0)] >= 0)
            places = places[level[places + length] >= 0]
            longer = np.full(len(level), -1, np.int64)
            longer[places] = self._joined(level[places], length, level[places + length], length)
            level, length = longer, 2 * length

    def longest(self, levels: Sequence[Numbers]) -> Memorisation:
        """The longest stretch at any of the places that have these levels; its share is left open."""
        length = 1 << (len(levels) - 1)
        places = np.flatnonzero(levels[-1] >= 0)
        found = levels[-1][places]
        for exponent in reversed(range(len(levels) - 1)):
            more = 1 << exponent
            if length + more > len(self._tokens):
                continue
            fits = places + length < len(levels[0])
            after = levels[exponent][places[fits] + length]
            longer = self._joined(found[fits], length, after, more)
            if (longer >= 0).any():
                places, found = places[fits][longer >= 0], longer[longer >= 0]
                length += more
        begin = int(np.flatnonzero(self._numbers[length] == found[0])[0])
        return Memorisation(length, begin, int(places[0]), 0.0)

    def _joined(self, first: Numbers, length: int, second: Numbers, more: int) -> Numbers:
        """The numbers of the stretches that are made of two, one behind the other."""
        pairs = self._pair(length, more)
        wanted = first * len(self._tokens) + second
        at = np.minimum(np.searchsorted(pairs, wanted), len(pairs) - 1)
        return np.where((pairs[at] == wanted) & (second >= 0), at, -1)

    def _pair(self, length: int, more: int) -> Numbers:
        """Which pairs of numbers make a stretch of the text of *length* and *more* tokens, ascending."""
        if (length, more) not in self._pairs:
            places = len(self._tokens) - length - more + 1
            first, second = self.numbers(length)[:places], self.numbers(more)[length : length + places]
            pairs, inverse = np.unique(first * len(self._tokens) + second, return_inverse=True)
            self._pairs[length, more] = pairs
            self._numbers[length + more] = inverse.astype(np.int64)
        return self._pairs[length, more]
