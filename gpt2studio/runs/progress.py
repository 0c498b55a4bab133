"""A run's events added up: where it stands, its curve, its samples and checkpoints."""

from collections.abc import Iterable

from gpt2studio.runs.copying import Copying, copying_along
from gpt2studio.runs.curve import Curve
from gpt2studio.runs.events import (
    COMPLETE,
    Device,
    Encoding,
    Event,
    Failed,
    Finished,
    HeldOut,
    Noted,
    Paused,
    Prepared,
    RateChanged,
    Resumed,
    Sampled,
    Saved,
    Started,
    Stepped,
    WentOn,
)


class Progress:
    """The fold over a run's events: add each as it comes, read what they come to."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self.curve = Curve()
        self.held_out: list[HeldOut] = []
        self.samples: list[Sampled] = []
        self.checkpoints: list[Saved] = []
        """As they were written; older ones may be gone from the disk."""
        self.rate_changes: list[RateChanged] = []
        self.notes: list[Noted] = []
        self.data: Prepared | None = None
        self.device: Device | None = None
        self.started: Started | None = None
        """The last launch."""
        self.encoding: Encoding | None = None
        """While the texts are being encoded."""
        self.paused = False
        self.failed: Failed | None = None
        self.finished: Finished | None = None
        """How the last launch ended; None while it goes on, or where it was killed."""
        self.last_time = 0.0
        self._earlier = 0.0
        for event in events:
            self.add(event)

    def add(self, event: Event) -> None:
        """Take one more event in."""
        if isinstance(event, Started):
            self._earlier += self.elapsed
        # A sample is told of once its copying is measured, perhaps some steps later.
        self.last_time = max(self.last_time, event.time)
        match event:
            case Stepped():
                self.curve.add(event)
            case HeldOut():
                self.held_out.append(event)
            case Sampled():
                self.samples.append(event)
            case Saved():
                self.checkpoints.append(event)
            case Resumed():
                self._cut(event.step)
            case Noted():
                self.notes.append(event)
            case RateChanged():
                self.rate_changes.append(event)
            case _:
                self._turn(event)

    def _turn(self, event: Event) -> None:
        """Events after which the run is in another state."""
        match event:
            case Started():
                self.started, self.finished, self.failed, self.paused = event, None, None, False
            case Encoding():
                self.encoding = event
            case Prepared():
                self.data, self.encoding = event, None
            case Device():
                self.device = event
            case Paused():
                self.paused = True
            case WentOn():
                self.paused = False
            case Failed():
                self.failed = event
            case Finished():
                self.finished, self.paused = event, False

    def _cut(self, step: int) -> None:
        if step == 0:
            step = -1  # it begins anew, and tells of its beginning again
        self.curve.cut(step)
        self.held_out = [each for each in self.held_out if each.step <= step]
        self.samples = [each for each in self.samples if each.step <= step]
        self.checkpoints = [each for each in self.checkpoints if each.step <= step]
        self.rate_changes = [each for each in self.rate_changes if each.step <= step]

    @property
    def step(self) -> int:
        """How many steps have been taken."""
        return self.curve.steps[-1] if self.curve else 0

    @property
    def loss(self) -> float | None:
        """Of the last step."""
        return self.curve.losses[-1] if self.curve else None

    @property
    def average(self) -> float | None:
        """The running average of the loss."""
        return self.curve.averages[-1] if self.curve else None

    @property
    def best(self) -> HeldOut | None:
        """Where the held-out loss was lowest."""
        return min(self.held_out, key=lambda each: each.held_out_loss, default=None)

    @property
    def copying(self) -> list[Copying]:
        """How much of the samples stood in the training texts, step by step: overfitting, seen as copying."""
        return copying_along(self.samples)

    @property
    def steps(self) -> int:
        """At which step it ends, if nothing ends it before; 0 while that is not known."""
        return self.device.steps if self.device else 0

    @property
    def complete(self) -> bool:
        """Whether the run is over for good."""
        return self.finished is not None and self.finished.reason in COMPLETE

    @property
    def elapsed(self) -> float:
        """Seconds of the last launch."""
        return max(0.0, self.last_time - self.started.time) if self.started else 0.0

    @property
    def worked(self) -> float:
        """Seconds of all launches; what passed between them is left out."""
        return self._earlier + self.elapsed

    @property
    def remaining(self) -> float | None:
        """Seconds until the last step, at the speed of the last twenty; None where that cannot be told."""
        speeds = self.curve.speeds[-20:]
        if not speeds or not sum(speeds) or not self.device or self.finished:
            return None
        speed = len(speeds) / sum(1 / each for each in speeds if each)
        return (self.steps - self.step) * self.device.tokens_per_step / speed
