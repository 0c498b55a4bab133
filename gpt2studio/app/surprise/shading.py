"""Which stretches of a text are shaded how deeply, kept in place while the text is edited."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from gpt2studio.app.surprise.scores import UNKNOWN


class Shading:
    """Stretches of a text with their bands, in the order of the text; places are offsets in code points."""

    def __init__(self, starts: NDArray[np.int64], ends: NDArray[np.int64], bands: NDArray[np.uint8]) -> None:
        self._starts, self._ends = starts.copy(), ends.copy()
        self._bands = bands

    def edited(self, at: int, removed: int, inserted: int) -> None:
        """Move what stands after an edit along with the text; what was put in is not shaded."""
        if not len(self._ends):
            return
        first = int(np.searchsorted(self._ends, at, side="right"))  # those before it stay where they are
        starts, ends = self._starts[first:], self._ends[first:]
        shift = inserted - removed
        within = starts < at
        beyond = ends >= at + removed
        starts[:] = np.where(within, starts, np.maximum(starts + shift, at + inserted))
        ends[:] = np.where(beyond, ends + shift, at)
        if len(starts) and inserted and bool(within[0]) and bool(beyond[0]):
            ends[0] = at  # typed within a stretch: its end is not shaded until it is known again
        np.maximum(starts, 0, out=starts)
        np.maximum(ends, starts, out=ends, where=ends < starts)

    def between(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """The stretches that reach between two places, whole, each with its band; what is unknown is left out."""
        low = int(np.searchsorted(self._ends, start, side="right"))
        for n in range(low, len(self._ends)):
            first = int(self._starts[n])
            if first >= end:
                return
            last, band = int(self._ends[n]), int(self._bands[n])
            if band != UNKNOWN and last > first:
                yield first, last, band
