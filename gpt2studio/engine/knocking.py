"""A guest's request that has not begun: to read a long text takes time, which may be the person's."""

import math

from gpt2studio.engine.batch import Batch
from gpt2studio.engine.jobs import Job, stopped_unbegun
from gpt2studio.wire.messages import Answer, Continue


class Knocking(Job):
    """A request that waits until guests may cost something."""

    def __init__(self, request: Continue) -> None:
        super().__init__(request.id)
        self.request = request

    @property
    def guest(self) -> bool:
        """Whether it gives way to those that are not."""
        return True

    def rest(self, batch: Batch) -> float:
        """No end of them, unless guests may cost something now."""
        return 0.0 if batch.guests_may_cost else math.inf

    def stop(self) -> list[Answer]:
        """End as the request would that has not begun."""
        self.release()
        return stopped_unbegun(self.request)
