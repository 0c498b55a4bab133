"""Axes: values as shares of a height, and the round numbers to write beside it."""

import math
from dataclasses import dataclass
from itertools import pairwise

_ROUND = (1.0, 2.0, 5.0)
_LEAST = 0.02
"""Of a value, how much a scale spans at least."""


@dataclass(frozen=True, slots=True)
class Scale:
    """From a value to its share of a height, 0 at the foot; *low* is below *high*."""

    low: float
    high: float
    log: bool = False

    def share(self, value: float) -> float:
        """Where the value stands: from 0 to 1 where it is in view."""
        low, high = self._bent(self.low), self._bent(self.high)
        return (self._bent(value) - low) / (high - low)

    def _bent(self, value: float) -> float:
        return math.log(max(value, 1e-12)) if self.log else value


def scale_over(low: float, high: float, log: bool = False) -> Scale:
    """A scale with a little room around these values; of values that are close, not every trifle fills it."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return Scale(0.0, 1.0)
    if (short := max(1e-3, _LEAST * abs(high)) - (high - low)) > 0:
        low, high = low - short / 2, high + short / 2
    if log and low > 0:
        edge = (high / low) ** 0.04
        return Scale(low / edge, high * edge, True)
    edge = (high - low) * 0.04
    return Scale(low - edge, high + edge)


def ticks(low: float, high: float, most: int) -> list[float]:
    """Up to so many round numbers between these, evenly apart: by 1, 2 or 5 times a power of ten."""
    if not high > low or most < 1:
        return []
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    gaps = (unit * power * ten for ten in (1.0, 10.0) for unit in _ROUND)
    for gap in gaps:
        first, last = math.ceil(low / gap - 1e-9), math.floor(high / gap + 1e-9)
        if last - first + 1 <= most:
            return [round(number * gap, 12) for number in range(first, last + 1)]
    return []


def marks(values: list[float]) -> list[str]:
    """The numbers as labels, with as many decimals as tell them apart."""
    gap = min((later - earlier for earlier, later in pairwise(values)), default=0.1)
    decimals = max(0, -math.floor(math.log10(gap) + 1e-9)) if gap > 0 else 1
    return [f"{value:,.{decimals}f}" for value in values]
