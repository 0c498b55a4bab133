"""How a run stands, in words and signs for the panes."""

from collections.abc import Mapping

from gpt2studio.app.wording import count, duration
from gpt2studio.runs.progress import Progress
from gpt2studio.runs.standing import Standing

MARKS: Mapping[Standing, tuple[str, str]] = {
    Standing.NEW: ("○", "$text-muted"),
    Standing.RUNNING: ("▶", "$accent"),
    Standing.PAUSED: ("‖", "$text-warning"),
    Standing.COMPLETE: ("✓", "$text-success"),
    Standing.STOPPED: ("■", "$text-muted"),
    Standing.INTERRUPTED: ("■", "$text-muted"),
    Standing.DIVERGED: ("✗", "$text-error"),
    Standing.DISK_FULL: ("✗", "$text-error"),
    Standing.FAILED: ("✗", "$text-error"),
    Standing.KILLED: ("✗", "$text-error"),
}
"""A sign for each standing, and its colour."""


def steps_of(progress: Progress) -> str:
    """Where it stands: ``120 of 300``; empty before it has begun."""
    if not progress.started:
        return ""
    return f"{count(progress.step)} of {count(progress.steps)}" if progress.steps else count(progress.step)


def at(progress: Progress, now: Standing) -> str:
    """What it is at: ``reading the texts, 40%``, ``running``, ``killed``."""
    if now is Standing.RUNNING and progress.encoding is not None:
        done, total = progress.encoding.done, progress.encoding.total
        return f"reading the texts, {done / max(total, 1):.0%}"
    if now is Standing.RUNNING and not progress.step:
        return "getting ready"
    return now.value


def left(progress: Progress) -> str:
    """How long it still takes: ``3 min 20 s left``; empty where that cannot be told."""
    remaining = progress.remaining
    return f"{duration(remaining)} left" if remaining is not None and remaining > 0 else ""
