"""A request under way, and what those share that need rows of the batch."""

import math
from abc import ABC, abstractmethod

from gpt2studio.engine.batch import Batch, Row
from gpt2studio.engine.sampling import Values
from gpt2studio.wire.messages import Answer, Continue, Ended, Failed, Finished, Request


class Job(ABC):
    """A request under way."""

    def __init__(self, id: str) -> None:
        self.id = id
        self.closed = False
        """Whether its closing line has been given out."""

    @property
    def guest(self) -> bool:
        """Whether it gives way to those that are not."""
        return False

    def rest(self, batch: Batch) -> float:
        """Seconds for which a step would do nothing for it; what its rows in the batch want apart."""
        return 0.0

    @abstractmethod
    def stop(self) -> list[Answer]:
        """End now, as asked, with what there is."""

    def release(self) -> None:
        """Leave the batch and say no more."""
        self.closed = True


class Seated(Job):
    """One that needs rows of the batch."""

    def rest(self, batch: Batch) -> float:
        """No end of them, unless it can have one more row now."""
        return 0.0 if self.waits and batch.has_room(self.guest) else math.inf

    @property
    @abstractmethod
    def rows(self) -> int:
        """How many it has."""

    @property
    @abstractmethod
    def waits(self) -> bool:
        """Whether it could use one more now."""

    @abstractmethod
    def seat(self) -> list[Answer]:
        """Join the batch with one more."""

    @abstractmethod
    def owns(self, row: Row) -> bool:
        """Whether the row is this request's."""

    @abstractmethod
    def take(self, row: Row, values: Values) -> list[Answer]:
        """Use the logits of what comes next in its row, (vocab_size,)."""


def stopped_unbegun(request: Request) -> list[Answer]:
    """What closes a request that is stopped before it has begun."""
    if not isinstance(request, Continue):
        return [stopped(request.id)]
    numbers = range(request.first_candidate, request.first_candidate + request.candidates)
    ends = [Ended(id=request.id, candidate=number, finish="stopped") for number in numbers]
    return [*ends, Finished(id=request.id, tokens=0, seconds=0.0, tokens_per_second=0.0)]


def stopped(id: str) -> Failed:
    """What closes a request that has no answer when it is stopped."""
    return Failed(id=id, message="Stopped, as asked.")
