"""A curve of any length brought to the width of a screen: how far it swings in each column, and where it runs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

_REACH = 40
"""A smoothed value is the mean of its neighbours, on either side so many-th a part of what is in view."""

_FINEST = 16384
"""Values that are looked at one by one; more are taken together first."""


@dataclass(frozen=True, slots=True)
class Span:
    """The steps that are in view, and the columns that they are spread over."""

    first: int
    last: int
    columns: int

    def column_of(self, steps: Numbers) -> NDArray[np.int64]:
        """The column of each step, from 0 on."""
        room = max(1, self.last - self.first)
        return np.clip(np.rint((steps - self.first) * (self.columns - 1) / room), 0, self.columns - 1).astype(np.int64)

    def step_of(self, column: float) -> float:
        """The step that stands at this column."""
        return self.first + column * (self.last - self.first) / max(1, self.columns - 1)


@dataclass(frozen=True, slots=True)
class Envelope:
    """The curve in columns: not-a-number where it does not reach."""

    low: Numbers
    high: Numbers
    middle: Numbers
    """The smoothed curve."""


def smoothed(values: Numbers, reach: int) -> Numbers:
    """The mean of each value with up to *reach* on either side, as many on the one as on the other."""
    if reach <= 0 or len(values) < 3:
        return values
    places = np.arange(len(values))
    arms = np.minimum(np.minimum(places, len(values) - 1 - places), reach)
    sums = np.concatenate(([0.0], np.cumsum(values)))
    means: Numbers = (sums[places + arms + 1] - sums[places - arms]) / (2 * arms + 1)
    return means


def envelope(steps: Numbers, values: Numbers, span: Span) -> Envelope:
    """The curve's envelope. *steps* rise; both have as many numbers, all of them finite."""
    if not len(steps):
        nothing = np.full(span.columns, np.nan)
        return Envelope(nothing, nothing, nothing)
    steps, lows, highs, means = _blocks(steps, values)
    columns = span.column_of(steps)
    low, high = np.full(span.columns, np.inf), np.full(span.columns, -np.inf)
    np.minimum.at(low, columns, lows)
    np.maximum.at(high, columns, highs)
    places = np.arange(span.columns)
    at = span.first + places * (span.last - span.first) / max(1, span.columns - 1)
    between = np.interp(at, steps, means)
    empty = np.isinf(low)
    low[empty], high[empty] = between[empty], between[empty]
    middle = np.interp(at, steps, smoothed(means, -(-len(means) // _REACH)))
    within = (places >= columns[0]) & (places <= columns[-1])
    return Envelope(*(np.where(within, each, np.nan) for each in (low, high, middle)))


def _blocks(steps: Numbers, values: Numbers) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Steps, least, greatest and mean values; of a long curve so many neighbours together as no eye can tell apart."""
    size = len(values) // _FINEST
    if size < 2:
        return steps, values, values, values
    whole = len(values) // size * size
    blocks = values[:whole].reshape(-1, size)
    # The few at the end that make no whole block stay as they are: the end is what people look at.
    rest = values[whole:]
    return (
        np.concatenate((steps[:whole:size], steps[whole:])),
        np.concatenate((blocks.min(axis=1), rest)),
        np.concatenate((blocks.max(axis=1), rest)),
        np.concatenate((blocks.mean(axis=1), rest)),
    )
