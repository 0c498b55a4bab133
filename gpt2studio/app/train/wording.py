"""How a run stands, in words and signs for the panes."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gpt2studio.app.common.shown import shown
from gpt2studio.app.common.wording import count, counted, duration
from gpt2studio.runs.standing import Standing
from gpt2studio.wire.terminal import visible

if TYPE_CHECKING:  # late: the first paint needs neither
    from gpt2studio.runs.progress import Progress
    from gpt2studio.runs.recipe import Recipe

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

WAITS = ("…", "$text-muted")
"""The same for a run that waits until others have ended."""


def steps_of(progress: "Progress") -> str:
    """Where it stands: ``120 of 300``; empty before it has begun."""
    if not progress.started:
        return ""
    return f"{count(progress.step)} of {count(progress.steps)}" if progress.steps else count(progress.step)


def at(progress: "Progress", now: Standing) -> str:
    """What it is at: ``reading the texts, 40%``, ``running``, ``killed``."""
    if now is Standing.RUNNING and progress.encoding is not None:
        done, total = progress.encoding.done, progress.encoding.total
        return f"reading the texts, {done / max(total, 1):.0%}"
    if now is Standing.RUNNING and not progress.step:
        return "getting ready"
    return now.value


def left(progress: "Progress") -> str:
    """How long it still takes: ``3 min 20 s left``; empty where that cannot be told."""
    remaining = progress.remaining
    return f"{duration(remaining)} left" if remaining is not None and remaining > 0 else ""


def device_of(progress: "Progress") -> str:
    """What computes, and how much of its memory is taken: ``CPU, 2 threads``, ``cuda:0 H100, 41 of 78 GiB``."""
    device = progress.device
    if device is None:
        return ""
    label = shown(device.label).removeprefix("NVIDIA ")
    if device.device == "cpu":
        return label
    taken = progress.curve.memories[-1] if progress.curve else 0
    memory = f", {taken / 2**30:.0f} of {device.memory / 2**30:.0f} GiB" if device.memory and taken else ""
    many = f", {device.processes} processes" if device.processes > 1 else ""
    return f"{device.device} {label}{memory}{many}"


def subject(recipe: "Recipe | None") -> str:
    """What learns from what: ``storyteller on pier-nine.txt``."""
    if recipe is None:
        return "its recipe is damaged"
    names = [Path(path).name or path for path in recipe.texts.paths]
    texts = names[0] if len(names) == 1 else f"{names[0]} and {counted(len(names) - 1, 'text')} more"
    return shown(f"{recipe.parent} on {texts}")


def trouble(progress: "Progress", now: Standing) -> str:
    """What went wrong, and what to do; empty where nothing did."""
    match now:
        case Standing.KILLED:
            return "Its trainer was killed, for want of memory perhaps. On F4, r goes on with it."
        case Standing.DIVERGED:
            return "The loss is no number any more. Begin again with a lower learning rate."
        case Standing.FAILED | Standing.DISK_FULL if progress.failed is not None:
            return visible(f"{progress.failed.message} {progress.failed.hint}")
    return ""


def rate(value: float) -> str:
    """A learning rate: ``5e-4``, ``4.83e-4``."""
    figure, _, power = f"{value:.2e}".partition("e")
    return f"{figure.rstrip('0').rstrip('.')}e{int(power)}"
