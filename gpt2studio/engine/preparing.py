"""A request that waits for its style: until the texts are ready in the model's vocabulary, it has no row."""

from gpt2studio.engine.batch import Batch
from gpt2studio.engine.jobs import Job, stopped_unbegun
from gpt2studio.engine.styles import Preparation
from gpt2studio.wire.messages import Answer, Continue, Next, Preparing, Score

Styled = Continue | Next | Score

PATIENCE = 0.02
"""Seconds to wait for texts that are made ready, where there is nothing else to do."""


class Waiting(Job):
    """A request whose texts are being made ready."""

    def __init__(self, request: Styled, preparation: Preparation) -> None:
        super().__init__(request.id)
        self.request = request
        self.preparation = preparation
        self._told = ("", 0, 0)

    def rest(self, batch: Batch) -> float:
        """Until it is looked again."""
        return PATIENCE

    def look(self, seconds: float) -> list[Answer]:
        """What there is to tell of the texts, having waited so long for them at most."""
        self.preparation.wait(seconds)
        progress = self.preparation.progress
        if progress == self._told or not progress[0]:
            return []
        self._told = progress
        what, done, total = progress
        return [Preparing(id=self.id, what=what, done=done, total=total)]

    def stop(self) -> list[Answer]:
        """End as the request would that has not begun."""
        self.release()
        return stopped_unbegun(self.request)

    def release(self) -> None:
        """Let the texts be."""
        super().release()
        self.preparation.stop()
