"""A run's meters: learning rate, gradient, speed, memory and load, on one line."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.widgets import Static

from gpt2studio.app.common.sparks import sparkline
from gpt2studio.app.common.wording import percent, size
from gpt2studio.app.train.wording import rate
from gpt2studio.runs.curve import Curve
from gpt2studio.runs.progress import Progress

_GAP = "   "
_CELLS = 10
"""Of a meter's curve."""


@dataclass(frozen=True, slots=True)
class Meter:
    """A number with its name, and how it went."""

    name: str
    value: str
    past: Sequence[float] = ()
    floor: float = 0.0


class RunMeters(Static):
    """The numbers of the last step; with their curves where there is room."""

    DEFAULT_CSS = """
    RunMeters { height: 1; padding: 0 2; text-wrap: nowrap; }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self._meters: list[Meter] = []

    def show(self, progress: Progress) -> None:
        """Show the run's numbers of now."""
        self._meters = meters(progress)
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        """Draw for the new width."""
        self._draw()

    def _draw(self) -> None:
        room = self.size.width
        for cells in (_CELLS, _CELLS // 2, 0):
            said = [_said(meter, cells) for meter in self._meters]
            line = Content(_GAP).join(said)
            if line.cell_length <= room:
                break
        while said and line.cell_length > room:
            said.pop()
            line = Content(_GAP).join(said)
        self.update(line)


def _said(meter: Meter, cells: int) -> Content:
    curve = sparkline(meter.past, cells, meter.floor) if cells else ""
    gap = " " if curve else ""
    return Content.assemble((f"{meter.name} ", "$text-muted"), meter.value, gap, (curve, "$chart-train"))


def meters(progress: Progress) -> list[Meter]:
    """What is to be read of a run, the weightiest first; nothing before its first step."""
    curve = progress.curve
    if not curve:
        return []
    found = [
        Meter("learning rate", rate(curve.rates[-1]), curve.rates),
        Meter("tokens/s", f"{curve.speeds[-1]:,.0f}", curve.speeds),
        Meter("gradient", _gradient(curve), curve.grad_norms),
    ]
    if curve.memories[-1]:
        found.append(Meter("memory", size(curve.memories[-1])))
    if math.isfinite(curve.loads[-1]):
        found.append(Meter("GPU", percent(curve.loads[-1]), curve.loads))
    if copied := progress.copying:
        found.append(Meter("copied", percent(copied[-1].share), [each.share for each in copied]))
    return found


def _gradient(curve: Curve) -> str:
    norm = curve.grad_norms[-1]
    return f"{norm:.2f}" if math.isfinite(norm) else "overflowed"
