"""Whose turn it is: always the person's own requests, and those of guests as far as nobody is kept waiting by it."""

from collections.abc import Sequence
from typing import TypeVar

from gpt2studio.retrieval.stitcher.jobs import Job

_SHARE = 0.25
"""How much longer the person's tokens may take on account of guests."""

Named = TypeVar("Named", bound=tuple[object, Job])


class Turns:
    """Lends guests a share of the time that the person's own requests take."""

    def __init__(self) -> None:
        self._credit = 0.0
        """Seconds that guests may cost now."""
        self._beside = False
        """Whether the person waits for something in this step."""

    def next(self, requests: Sequence[Named]) -> list[Named]:
        """Whose piece is done in this step: everybody's, where the person waits for nothing.

        Else a guest has one now and then: of those, the first, which goes to the end of the line by its turn.
        """
        own = [each for each in requests if not each[1].guest]
        self._beside = bool(own)
        if not own:
            return list(requests)
        guests = sorted((each for each in requests if each[1].guest), key=lambda each: each[1].pieces)
        return own + guests[: int(self._credit > 0)]

    def took(self, job: Job, seconds: float) -> None:
        """A piece of this has taken so long."""
        if job.guest:
            self._credit -= seconds if self._beside else 0.0
        else:
            self._credit = min(self._credit, 0.0) + _SHARE * seconds
