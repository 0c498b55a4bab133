"""How far a continuation runs ahead of the one who reads it."""

import time
from collections.abc import Callable

AHEAD = 64
"""Tokens that come as fast as they can, before the pace counts: a second's worth, or a usual continuation."""


class Lead:
    """Says when the next token is wanted, at so many a second and a few ahead; at 0: always."""

    def __init__(self, pace: float, clock: Callable[[], float] = time.perf_counter) -> None:
        self._pace = pace
        self._clock = clock
        self._began: float | None = None
        self.due = 0.0
        """The time, by the clock, before which nothing more is wanted."""
        self._rests = 0.0
        """Seconds of rest up to then."""

    @property
    def rested(self) -> float:
        """Seconds in which nothing was wanted so far: they say nothing of the speed."""
        return self._rests - max(0.0, self.due - self._clock())

    def took(self, tokens: int) -> None:
        """So many have come in all."""
        now = self._clock()
        if self._began is None:
            self._began = now
        due = self._began + (tokens - AHEAD) / self._pace if self._pace else 0.0
        if due > max(now, self.due):
            self._rests += due - max(now, self.due)
            self.due = due
