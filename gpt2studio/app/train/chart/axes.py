"""Axes: values as shares of a height, and the round numbers to write beside it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

_ROUND = (1.0, 2.0, 5.0)
_STRETCH = 1.25
"""How much wider a scale may become for the sake of its ticks."""
_LEAST = 0.02
"""Of a value, how much a scale spans at least."""


@dataclass(frozen=True, slots=True)
class Scale:
    """From a value to its share of a height, 0 at the foot; *low* is below *high*."""

    low: float
    high: float
    log: bool = False
    gap: float = 0.0
    """How far apart its ticks are; 0: as many as there is room for."""

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


def evened(scale: Scale, rows: int) -> Scale:
    """The scale over so many rows of four dots, stretched so that its ticks stand whole rows apart; where that
    would take too much of the room, and where it is logarithmic, as it is."""
    span, dots = scale.high - scale.low, 4 * rows - 1
    found = []
    for apart in range(2, dots // 8 + 1):  # so that there are two of them at least
        gap = next(each for each in _gaps(span * 4 * apart / dots) if each >= span * 4 * apart / dots)
        dot = gap / (4 * apart)
        # At a whole number of dots, so that all ticks fall on a dot, and none between two rows.
        low = round((scale.low - (dot * dots - span) / 2) / dot) * dot
        if low <= scale.low and low + dot * dots >= scale.high:
            found.append((dot * dots, low, gap))
    wide, low, gap = min(found, default=(math.inf, 0.0, 0.0))
    if scale.log or wide > _STRETCH * span:
        return scale
    return replace(scale, low=low, high=low + wide, gap=gap)


def ticks(low: float, high: float, most: int) -> list[float]:
    """Up to so many round numbers between these, evenly apart: by 1, 2 or 5 times a power of ten."""
    if not high > low or most < 1:
        return []
    for gap in _gaps((high - low) / most):
        if len(found := ticks_by(gap, low, high)) <= most:
            return found
    return []


def ticks_by(gap: float, low: float, high: float) -> list[float]:
    """All multiples of *gap* between these."""
    first, last = math.ceil(low / gap - 1e-9), math.floor(high / gap + 1e-9)
    return [round(number * gap, 12) for number in range(first, last + 1)]


def _gaps(rough: float) -> Iterator[float]:
    """Round numbers about this one, the smallest first."""
    power = 10.0 ** math.floor(math.log10(rough))
    return (unit * power * ten for ten in (1.0, 10.0) for unit in _ROUND)


def marks(values: list[float]) -> list[str]:
    """The numbers as labels, with as many decimals as tell them apart."""
    gap = min((later - earlier for earlier, later in pairwise(values)), default=0.1)
    decimals = max(0, -math.floor(math.log10(gap) + 1e-9)) if gap > 0 else 1
    return [f"{value:,.{decimals}f}" for value in values]
