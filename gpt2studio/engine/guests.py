"""Guests' texts beside the person's own: they go on at a small cost to who waits at the machine, and never stop."""

SHARE = 0.25
"""How much longer the person's tokens may take on account of guests."""

TOKENS = 4
"""Guests' tokens in one step with the person's: more would be a pause that can be seen."""


def seats(slots: int) -> int:
    """How many of so many rows guests may have: some are always left for the person.

    Where there is but one, a guest has it until the person wants it, and again after that.
    """
    return max(1, slots * 5 // 8)


class Courtesy:
    """Says which steps of the person's texts guests may share.

    Time is lent, not counted in tokens: what a further row costs is a tenth of a step on one machine and half of one
    on another.
    """

    def __init__(self) -> None:
        self._credit = 0.0
        """Seconds that guests may cost now."""
        self._alone = float("inf")
        """Seconds that a step of the person's own takes, about."""

    @property
    def allows(self) -> bool:
        """Whether guests may share the next step."""
        return self._credit > 0

    def cost(self, seconds: float) -> None:
        """Something else for guests has taken so long."""
        self._credit -= seconds

    def took(self, seconds: float, *, shared: bool) -> None:
        """A step has taken so long."""
        if shared:
            self._credit -= max(seconds - self._alone, 0.0)
        else:
            # The shortest of late: a step that the system held up is no measure.
            self._alone = min(seconds, 1.05 * self._alone)
            self._credit = min(self._credit, 0.0) + SHARE * seconds
