"""How fast tokens may appear: no faster than the eye can follow."""

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Pacer(Generic[T]):
    """A queue that gives out so many things a second, however many came at once."""

    def __init__(self, pace: float, clock: Callable[[], float]) -> None:
        """Give out *pace* things a second, or all at once where it is 0; *clock* tells seconds."""
        self._pace = pace
        self._clock = clock
        self._queue: deque[T] = deque()
        self._credit = 1.0
        self._asked = clock()

    def __len__(self) -> int:
        return len(self._queue)

    def put(self, thing: T) -> None:
        """Take a thing in."""
        if not self._queue:
            # Time in which there was nothing to give is not made up for.
            self._credit = min(1.0, self._credit + self._elapsed() * self._pace)
        self._queue.append(thing)

    def take(self) -> list[T]:
        """What may appear by now, in the order in which it came."""
        if self._pace <= 0:
            due = len(self._queue)
        else:
            self._credit += self._elapsed() * self._pace
            due = min(int(self._credit), len(self._queue))
            self._credit -= due
        return [self._queue.popleft() for _ in range(due)]

    def take_all(self) -> list[T]:
        """All there is, whatever the pace."""
        out = list(self._queue)
        self._queue.clear()
        return out

    def _elapsed(self) -> float:
        """Seconds since this was asked last."""
        before, self._asked = self._asked, self._clock()
        return self._asked - before
