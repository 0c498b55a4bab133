"""The run line: on a narrow screen, one line for the run that is under way."""

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from gpt2studio.app.common.shown import shown
from gpt2studio.app.common.sparks import sparkline
from gpt2studio.app.common.wording import clipped, counted
from gpt2studio.app.train.wording import MARKS, at, left, steps_of

if TYPE_CHECKING:
    from gpt2studio.app.train.watch import WatchedRun

_CURVE = 12
"""Cells."""


class RunLine(Static):
    """Name, step, curve, loss and the time left; nothing while no trainer works, or where the runs have a dock."""

    DEFAULT_CSS = """
    RunLine {
        display: none;
        height: 1;
        padding: 0 1;
        background: $footer-background;
        color: $text-muted;
        text-wrap: nowrap;
        text-overflow: ellipsis;
    }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)

    def on_mount(self) -> None:
        """Follow the app's runs."""
        self.watch(self.app, "under_way", self._show)

    def _show(self, runs: "tuple[WatchedRun, ...]") -> None:
        self.set_class(bool(runs), "-under-way")
        if not runs:
            return
        run, progress = runs[0], runs[0].progress
        mark, style = MARKS[run.standing]
        loss = f"avg loss {progress.average:.2f}" if progress.average is not None else at(progress, run.standing)
        more = f"and {counted(len(runs) - 1, 'run')} more" if len(runs) > 1 else ""
        numbers = " · ".join(each for each in (loss, left(progress), more, "F4") if each)
        self.update(
            Content.assemble(
                (f"{mark} ", style),
                (clipped(shown(run.name), 20), "$foreground"),
                f"  {steps_of(progress)}  ",
                (sparkline(progress.curve.averages, _CURVE), "$chart-smooth"),
                f"  {numbers}",
            )
        )
