"""Running totals of a list of sizes, added up again only from the first change on."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate, islice


class Totals:
    """How much stands before each part of a whole, and which part a position lies in.

    Changing a part costs nothing; the next question pays for the parts between the first change and the answer.
    """

    def __init__(self, sizes: Iterable[int]) -> None:
        self._sizes = list(sizes)
        self._before = [0]

    def __len__(self) -> int:
        return len(self._sizes)

    @property
    def total(self) -> int:
        """All sizes together."""
        return self.before(len(self._sizes))

    def before(self, index: int) -> int:
        """What stands before this part."""
        known = len(self._before) - 1
        if index > known:
            self._extend(index)
        return self._before[index]

    def find(self, position: int) -> int:
        """The part that the position lies in; the last one for positions beyond the end. Empty parts hold nothing."""
        while self._before[-1] <= position and len(self._before) <= len(self._sizes):
            self._extend(min(len(self._sizes), 2 * len(self._before)))
        return min(bisect_right(self._before, position), len(self._sizes)) - 1

    def replace(self, start: int, stop: int, sizes: Sequence[int]) -> None:
        """Put *sizes* in the place of the parts from *start* to *stop*."""
        self._sizes[start:stop] = sizes
        del self._before[start + 1 :]

    def _extend(self, index: int) -> None:
        known = len(self._before) - 1
        sums = accumulate(islice(self._sizes, known, index), initial=self._before[known])
        next(sums)
        self._before.extend(sums)
