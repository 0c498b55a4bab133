"""The queue before the engine: places for so many continuations at once, given to visitors in turn."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from gpt2studio.web.limits import Limits
from gpt2studio.web.refusals import busy


@dataclass(slots=True, eq=False)
class _Ticket:
    visitor: str
    user: str
    rows: int
    turn: asyncio.Event = field(default_factory=asyncio.Event)

    def likeness(self, other: "_Ticket") -> int:
        """2: of the same user, 1: of the same visitor at least."""
        return (self.visitor == other.visitor) * (1 + (self.user == other.user))


class Admission:
    """Gives a free place to the visitor who has the fewest, of equals to the one who was served longest ago.

    Among the users whom one visitor names (a program that asks for many people, say) it is the same: whoever makes
    up users gains nothing by it, since they share that visitor's places.

    A request that needs many places is not passed by smaller ones for ever: when its turn has come, others wait.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        # What is free and who has how much follows from these two: there is no account that could go wrong.
        self._waiting: list[_Ticket] = []
        """Of visitors, or one visitor's users, with equally many places, the next one first."""
        self._inside: list[_Ticket] = []
        self._seconds = 2.0
        """How long a place is held, lately."""

    @property
    def running(self) -> int:
        """Continuations under way."""
        return sum(ticket.rows for ticket in self._inside)

    @property
    def waiting(self) -> int:
        """Requests that wait for a place."""
        return len(self._waiting)

    @contextlib.asynccontextmanager
    async def place(self, visitor: str, rows: int, user: str = "") -> AsyncIterator[None]:
        """Room for so many continuations, as soon as it is this visitor's turn. Raises Refused where too many wait."""
        mine = sum(each.visitor == visitor for each in self._waiting)
        if self.waiting >= self._limits.waiting or mine >= self._limits.waiting_each:
            raise busy(self._expected())
        ticket = _Ticket(visitor, user, min(rows, self._limits.running))
        self._waiting.append(ticket)
        try:
            self._grant()
            await self._turn(ticket)
            began = time.monotonic()
            try:
                yield
            finally:
                self._seconds += 0.2 * (time.monotonic() - began - self._seconds)
        finally:
            self._leave(ticket)

    async def _turn(self, ticket: _Ticket) -> None:
        try:
            async with asyncio.timeout(self._limits.seconds):
                await ticket.turn.wait()
        except TimeoutError:
            raise busy(self._expected()) from None

    def _expected(self) -> float:
        """Seconds until there is room again, as far as one can tell."""
        return min(60.0, max(1.0, self._seconds * self.waiting / self._limits.running))

    def _grant(self) -> None:
        while self._waiting:
            ticket = min(self._waiting, key=self._held)
            if self.running + ticket.rows > self._limits.running:
                return
            self._waiting.remove(ticket)
            self._inside.append(ticket)
            self._waiting.sort(key=ticket.likeness)  # behind all others
            ticket.turn.set()

    def _held(self, ticket: _Ticket) -> tuple[int, int]:
        """Places that the visitor has already, and of those the user's."""
        alike = [(each.rows, each.likeness(ticket)) for each in self._inside]
        return sum(rows for rows, likeness in alike if likeness), sum(rows for rows, likeness in alike if likeness == 2)

    def _leave(self, ticket: _Ticket) -> None:
        """Take the ticket back from wherever it is: whoever goes may just have been let in without knowing it yet."""
        (self._inside if ticket in self._inside else self._waiting).remove(ticket)
        self._grant()
