"""The queue before the engine: places for so many continuations at once, given to visitors in turn."""

import asyncio
import contextlib
import time
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from gpt2studio.web.limits import Limits
from gpt2studio.web.refusals import busy


@dataclass(slots=True, eq=False)
class _Ticket:
    rows: int
    turn: "asyncio.Future[None]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Admission:
    """Gives a free place to the visitor who has the fewest, of equals to the one who was served longest ago.

    A request that needs many places is not passed by smaller ones for ever: when its turn has come, others wait.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._free = limits.running
        self._queues: OrderedDict[str, deque[_Ticket]] = OrderedDict()
        self._holding: Counter[str] = Counter()
        self._seconds = 2.0
        """How long a place is held, lately."""

    @property
    def running(self) -> int:
        """Continuations under way."""
        return self._limits.running - self._free

    @property
    def waiting(self) -> int:
        """Requests that wait for a place."""
        return sum(map(len, self._queues.values()))

    @contextlib.asynccontextmanager
    async def place(self, visitor: str, rows: int) -> AsyncIterator[None]:
        """Room for so many continuations, as soon as it is this visitor's turn. Raises Refused where too many wait."""
        ticket = _Ticket(min(rows, self._limits.running))
        await self._turn(visitor, ticket)
        began = time.monotonic()
        try:
            yield
        finally:
            self._seconds += 0.2 * (time.monotonic() - began - self._seconds)
            self._give_back(visitor, ticket)

    async def _turn(self, visitor: str, ticket: _Ticket) -> None:
        mine = self._queues.get(visitor, ())
        if self.waiting >= self._limits.waiting or len(mine) >= self._limits.waiting_each:
            raise busy(self._expected())
        self._queues.setdefault(visitor, deque()).append(ticket)
        self._grant()
        try:
            async with asyncio.timeout(self._limits.seconds):
                await ticket.turn
        except TimeoutError:
            self._withdraw(visitor, ticket)
            raise busy(self._expected()) from None
        except asyncio.CancelledError:
            if ticket.turn.done() and not ticket.turn.cancelled():
                self._give_back(visitor, ticket)
            else:
                self._withdraw(visitor, ticket)
            raise

    def _expected(self) -> float:
        """Seconds until there is room again, as far as one can tell."""
        return min(60.0, max(1.0, self._seconds * self.waiting / self._limits.running))

    def _grant(self) -> None:
        while self._queues:
            visitor = min(self._queues, key=lambda each: self._holding[each])
            ticket = self._queues[visitor][0]
            if ticket.rows > self._free:
                return
            self._queues[visitor].popleft()
            if self._queues[visitor]:
                self._queues.move_to_end(visitor)
            else:
                del self._queues[visitor]
            self._free -= ticket.rows
            self._holding[visitor] += ticket.rows
            ticket.turn.set_result(None)

    def _give_back(self, visitor: str, ticket: _Ticket) -> None:
        self._free += ticket.rows
        self._holding[visitor] -= ticket.rows
        if not self._holding[visitor]:
            del self._holding[visitor]
        self._grant()

    def _withdraw(self, visitor: str, ticket: _Ticket) -> None:
        queue = self._queues[visitor]
        queue.remove(ticket)
        if not queue:
            del self._queues[visitor]
        self._grant()
