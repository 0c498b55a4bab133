"""Which of a person's edits are one step to undo: a run of typing, or of deleting, without a pause."""

from collections.abc import Callable

PAUSE = 2.0
"""Seconds after which typing is a new step."""
LONGEST = 100
"""Characters of one step."""


class UndoSteps:
    """Says of each edit whether it goes on with the one before."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._time = 0.0
        self._place: int | None = None
        """Where the next edit must be to go on with the last; None: it cannot."""
        self._deletes = False
        self._size = 0

    def end(self) -> None:
        """Whatever comes next is a new step."""
        self._place = None

    def joins(self, at: int, removed: str, inserted: str) -> bool:
        """Whether this edit goes on with the one before; the next is compared with this one."""
        deletes, size = not inserted, len(inserted) + len(removed)
        now, single = self._clock(), len(inserted) <= 1 and (not removed or not inserted) and "\n" not in inserted
        place = at + len(removed) if deletes else at
        joins = (
            single
            and deletes == self._deletes
            and (place == self._place or (deletes and at == self._place))
            and now - self._time < PAUSE
            and self._size + size <= LONGEST
        )
        self._size = self._size + size if joins else size
        self._place = at + len(inserted) if single else None
        self._time, self._deletes = now, deletes
        return joins
