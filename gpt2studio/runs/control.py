"""What may be asked of a trainer at work, besides all that an engine answers with the model as it stands."""

from dataclasses import dataclass
from typing import ClassVar

from gpt2studio.wire.messages import ANSWERS, Answer, Continue, Hello, Next, Request, Score, Stop

LIVE = "@live"
"""Stands behind a run's name where its weights as they are at the moment are meant, not a checkpoint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause(Request):
    """Wait, weights in memory. Answered by `Done`."""

    KIND: ClassVar[str] = "pause"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoOn(Request):
    """End the pause. Answered by `Done`."""

    KIND: ClassVar[str] = "go_on"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndRun(Request):
    """Save a checkpoint and end; the run can be resumed. Answered by `Done` at once."""

    KIND: ClassVar[str] = "end_run"


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveNow(Request):
    """Save a checkpoint and go on. Answered by `Done` when it is in its place."""

    KIND: ClassVar[str] = "save_now"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleNow(Request):
    """Write the samples and go on. Answered by `Done`."""

    KIND: ClassVar[str] = "sample_now"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRate(Request):
    """Make this the learning rate; the schedule goes on from it. Answered by `Done`."""

    KIND: ClassVar[str] = "change_rate"

    learning_rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Answer):
    """It is done."""

    KIND: ClassVar[str] = "done"
    CLOSES: ClassVar[bool] = True

    step: int
    """Where the run stands."""


CONTROLS: tuple[type[Request], ...] = (Pause, GoOn, EndRun, SaveNow, SampleNow, ChangeRate)
TO_A_TRAINER: tuple[type[Request], ...] = (*CONTROLS, Hello, Continue, Next, Score, Stop)
FROM_A_TRAINER: tuple[type[Answer], ...] = (*ANSWERS, Done)
