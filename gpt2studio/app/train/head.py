"""The head of a run: what it is, what it is at, how far, on what; and what went wrong, if anything did."""

from textual import events
from textual.content import Content
from textual.widgets import Static

from gpt2studio.app.common import bars
from gpt2studio.app.common.shown import shown
from gpt2studio.app.common.wording import clipped
from gpt2studio.app.train.watch import WatchedRun
from gpt2studio.app.train.wording import MARKS, WAITS, at, device_of, left, steps_of, subject, trouble

_BAR = 16
"""Cells of the bar of steps."""


class RunHead(Static):
    """Two lines, and a third where there is trouble."""

    DEFAULT_CSS = """
    RunHead { height: auto; padding: 0 2; }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self._run: WatchedRun | None = None

    def show(self, run: WatchedRun | None) -> None:
        """Show this run as it stands now."""
        self._run = run
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        """Draw for the new width."""
        self._draw()

    def _draw(self) -> None:
        run, room = self._run, max(20, self.size.width)
        if run is None:
            return
        progress, now = run.progress, run.standing
        mark, style = WAITS if run.waits else MARKS[now]
        parts = ["waiting" if run.waits else at(progress, now), steps_of(progress), left(progress) if now.live else ""]
        words = " · ".join(part for part in parts if part)
        name = clipped(shown(run.name), max(8, room - len(words) - 6))
        first = [Content.assemble((f"{mark} ", style), (name, "bold"), f"  {words}")]
        share = progress.step / progress.steps if progress.steps else 0.0
        if progress.steps and first[0].cell_length + _BAR + 2 <= room:
            bar = bars.line(share, _BAR)
            first.append(Content.assemble("  ", (bar, "$accent"), ("─" * (_BAR - len(bar)), "$text-disabled")))
        second = [subject(run.recipe), device_of(progress), progress.device.dtype if progress.device else ""]
        lines = [Content("").join(first), Content(clipped(" · ".join(part for part in second if part), room))]
        if wrong := trouble(progress, now):
            lines.append(Content.styled(wrong, "$text-error"))
        self.update(Content("\n").join([lines[0], lines[1].stylize("$text-muted"), *lines[2:]]))
