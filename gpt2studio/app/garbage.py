"""Garbage in circles is looked for while the person rests: a look at all that there is takes longer than a key may."""

import gc
import time
from collections.abc import Callable

_REST = 3.0
"""Seconds without a key after which a person rests."""
_OFTEN = 30.0
"""Seconds between two looks."""
_NEVER = 1 << 30
"""Collections of young objects until Python itself would look at all of them."""


class Garbage:
    """Takes the full collections of Python's collector over; the quick ones, of young objects, go on by themselves."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._looked_at = clock()
        self._before = gc.get_threshold()

    def begin(self) -> None:
        """From now on nothing but `rest` looks at old objects."""
        gc.set_threshold(*self._before[:2], _NEVER)

    def end(self) -> None:
        """Leave it to Python again."""
        gc.set_threshold(*self._before)

    def rest(self, since: float) -> None:
        """The last key came at *since*: look, if that and the last look are a while ago."""
        now = self._clock()
        if now - since >= _REST and now - self._looked_at >= _OFTEN:
            gc.collect()
            self._looked_at = now
