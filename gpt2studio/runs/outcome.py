"""How a trainer's work came out: an end that it told of, or what can be told of one that it did not."""

import subprocess
import time
from dataclasses import dataclass

from gpt2studio.errors import StudioError
from gpt2studio.runs.directory import RunDirectory
from gpt2studio.runs.events import Event, Failed, Finished
from gpt2studio.runs.launch import last_words, was_interrupted, was_killed

_LOWER = "The last good state is saved. Start anew with a lower --learning-rate."


@dataclass(slots=True)
class Outcome:
    """The fold over one launch's events that tells how it came out."""

    run: RunDirectory
    finished: Finished | None = None
    failed: Failed | None = None

    def add(self, event: Event) -> None:
        """Take one more event in."""
        if isinstance(event, Finished):
            self.finished = event
        elif isinstance(event, Failed):
            self.failed = event

    def told(self, process: "subprocess.Popen[bytes] | None") -> Finished:
        """How it ended, *process* being the trainer if it is one of ours. Raises StudioError where it ended badly."""
        if self.finished is None and was_interrupted(process):  # before it could even say so
            progress = self.run.progress()
            return Finished(time=time.time(), step=progress.step, loss=progress.loss, reason="interrupted")
        if self.finished is None:
            raise _obituary(self.run, process)
        if self.failed is not None:
            raise StudioError(self.failed.message, self.failed.hint)
        if self.finished.reason == "diverged":
            raise StudioError("The loss is no number any more: the weights were about to be ruined.", _LOWER)
        return self.finished


def _obituary(run: RunDirectory, process: "subprocess.Popen[bytes] | None") -> StudioError:
    """What became of a trainer that did not say how it ended."""
    again = f"gpt2studio train --resume {run.name}"
    if process is None or was_killed(process):
        size = max(1, (run.recipe.schedule.batch_size or 2) // 2)
        return StudioError(
            "The trainer was killed, by the system for want of memory perhaps.",
            f"Its last checkpoint is whole. Go on with half as much at once: {again} --micro-batch {size}",
        )
    return StudioError(f"The trainer ended: {last_words(run) or 'it said nothing'}", f"See {run.output}. Then: {again}")
