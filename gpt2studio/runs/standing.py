"""How a run stands: told from its events, and from whether a trainer works on it."""

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # light to import, for panes that are there from the first paint on
    from gpt2studio.runs.progress import Progress


class Standing(StrEnum):
    """What a run is at, or how its last launch ended."""

    NEW = "new"
    """No trainer has worked on it yet."""
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETE = "complete"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    DIVERGED = "diverged"
    DISK_FULL = "disk full"
    FAILED = "failed"
    KILLED = "killed"
    """Its trainer is gone without a word."""

    @property
    def live(self) -> bool:
        """Whether a trainer works on it, and so can be asked."""
        return self in (Standing.RUNNING, Standing.PAUSED)

    @property
    def resumable(self) -> bool:
        """Whether a trainer can take it up again."""
        return not self.live and self is not Standing.COMPLETE


def standing(progress: "Progress", alive: bool) -> Standing:
    """How the run with these events stands; *alive*: whether a trainer holds its lock."""
    if alive:
        return Standing.PAUSED if progress.paused else Standing.RUNNING
    if progress.complete:
        return Standing.COMPLETE
    if progress.finished is not None:
        known = progress.finished.reason in set(Standing)
        return Standing(progress.finished.reason) if known else Standing.STOPPED
    return Standing.KILLED if progress.started else Standing.NEW
