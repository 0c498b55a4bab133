"""Sparklines: a curve in a few terminal cells, an eighth of a cell fine."""

import math
from collections.abc import Sequence

_BLOCKS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float], cells: int, floor: float = math.inf) -> str:
    """The values in so many cells at most, from the lowest, or the *floor* below it, to the highest.

    What is no number leaves a gap. Of a long curve a value a cell is looked at, so that its length
    costs nothing: give it smoothed.
    """
    count = min(cells, len(values))
    if count <= 0:
        return ""
    picked = [values[(each + 1) * len(values) // count - 1] for each in range(count)]
    numbers = [value for value in picked if math.isfinite(value)]
    low, high = min([*numbers, floor]), max(numbers, default=0.0)
    return "".join(_block(value, low, high) for value in picked)


def _block(value: float, low: float, high: float) -> str:
    if not math.isfinite(value):
        return " "
    share = (value - low) / (high - low) if high > low else 0.0
    return _BLOCKS[min(int(share * len(_BLOCKS)), len(_BLOCKS) - 1)]
