"""The runs as a table: each a line with state, step, losses, curve, speed and date, live; some of them marked."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from gpt2studio.app.common.shown import shown
from gpt2studio.app.common.sparks import sparkline
from gpt2studio.app.common.wording import ago, clipped, count
from gpt2studio.app.train.pane import RunsPane
from gpt2studio.app.train.watch import WatchedRun
from gpt2studio.app.train.wording import MARKS, WAITS
from gpt2studio.runs.standing import Standing

GAP = "  "
MARK = "● "
"""Stands before a run that is marked."""

_NAME, _SPARK = 24, 12
"""Cells at most for a name, and for a curve."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title, and whether numbers stand to the right in it."""

    title: str
    right: bool = False
    rank: int = 0
    """Where there is no room for all columns, the one of the highest rank goes first; 0 stays."""


COLUMNS = (
    Column("Run"),
    Column("State"),
    Column("Step", True),
    Column("Avg loss", True),
    Column("Best held out", True, 1),
    Column("Curve", rank=3),
    Column("Tokens/s", True, 4),
    Column("Date", rank=2),
)
_CURVE = 5


class RunsTable(RunsPane):
    """The runs, those under way first, then the newest; Space marks two of them."""

    HELP = "The runs. ↑ ↓ choose, Enter has one write, Space marks two to compare."

    DEFAULT_CSS = """
    RunsTable {
        & > OptionList { height: auto; max-height: 1fr; }
        & > #columns { dock: top; height: 1; color: $text-muted; text-wrap: nowrap; }
        &.-nothing > #columns { display: none; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "mark", "Mark", show=False)]

    def __init__(self, *, nothing: str, id: str | None = None) -> None:
        super().__init__(nothing=nothing, id=id)
        self.marked: list[str] = []
        """At most two names, the latest last."""
        self._table: dict[str, list[str]] = {}
        self._widths: list[int] = []
        self._kept: list[int] = []

    def compose(self) -> ComposeResult:
        """Titles above the list."""
        yield Static("", id="columns", markup=False)
        yield from super().compose()

    def action_mark(self) -> None:
        """Mark the run in view, or no longer; of three the first is let go."""
        name = self.looked_at
        if name in self.marked:
            self.marked.remove(name)
        elif name:
            self.marked = [*self.marked, name][-2:]
        self._draw()

    def _draw(self) -> None:
        """Lay the columns out over all rows first."""
        names = {run.name for run in self._runs}
        self.marked = [name for name in self.marked if name in names]
        places = queue_places(self._runs)
        now = time.time()
        self._table = {run.name: cells(run, places.get(run.name, 0), now) for run in self._runs}
        rows = [[column.title for column in COLUMNS], *self._table.values()]
        self._widths = [max(cell_len(row[index]) for row in rows) for index in range(len(COLUMNS))]
        self._kept = _fitting(self._widths, self.size.width - 2 - len(MARK))
        if self.is_mounted:
            said = f"{len(self.marked)} of 2 marked" if self.marked else ""
            self.border_subtitle = f"{said} · c compares" if len(self.marked) == 2 else said
            titles = GAP.join(self._padded(COLUMNS[index].title, index) for index in self._kept)
            self.query_one("#columns", Static).update(" " * len(MARK) * 2 + titles)
        super()._draw()

    def _row(self, run: WatchedRun) -> Content:
        """A run on one line."""
        sign, style = WAITS if run.waits else MARKS[run.standing]
        parts: list[str | tuple[str, str]] = [
            (MARK if run.name in self.marked else "  ", "$accent"),
            (f"{sign} ", style),
        ]
        for number, index in enumerate(self._kept):
            text = self._padded(self._table[run.name][index], index)
            muted = index > 0 and index != _CURVE
            parts.append((GAP if number else "", ""))
            parts.append((text, "$chart-smooth" if index == _CURVE else "$foreground-muted" if muted else ""))
        return Content.assemble(*parts)

    def _padded(self, text: str, index: int) -> str:
        gap = " " * (self._widths[index] - cell_len(text))
        return gap + text if COLUMNS[index].right else text + gap


def queue_places(runs: Sequence[WatchedRun]) -> dict[str, int]:
    """For each run that waits, which it is in the queue, from 1."""
    waiting = sorted((run.place, run.name) for run in runs if run.place is not None and run.waits)
    return {name: number for number, (_, name) in enumerate(waiting, 1)}


def cells(run: WatchedRun, place: int, now: float) -> list[str]:
    """One row of the table."""
    progress = run.progress
    best, curve = progress.best, progress.curve
    live = run.standing in (Standing.RUNNING, Standing.PAUSED)
    begun = progress.started.time if progress.started else 0.0
    return [
        clipped(shown(run.name), _NAME),
        f"waiting, {'next' if place == 1 else f'no. {place}'}" if run.waits else run.standing.value,
        f"{count(progress.step)}/{count(progress.steps)}" if progress.steps else "",
        f"{progress.average:.2f}" if progress.average is not None else "",
        f"{best.held_out_loss:.2f} at {count(best.step)}" if best is not None else "",
        sparkline(curve.averages, _SPARK),
        f"{curve.speeds[-1]:,.0f}" if curve and live else "",
        ago(max(0.0, now - begun)) if begun else "",
    ]


def _fitting(widths: Sequence[int], room: int) -> list[int]:
    """The columns that there is room for."""
    kept = list(range(len(COLUMNS)))
    for index in sorted(kept, key=lambda each: -COLUMNS[each].rank):
        if COLUMNS[index].rank and sum(widths[each] + len(GAP) for each in kept) > room:
            kept.remove(index)
    return kept
