"""The work under way on models: a line of words and a bar for each piece."""

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from gpt2studio.app.common.bars import line
from gpt2studio.app.common.pane_list import PaneList
from gpt2studio.app.common.shown import shown
from gpt2studio.app.common.wording import clipped
from gpt2studio.app.models.jobs import Job, State

_SIGNS = {
    State.RUNNING: "▸",
    State.STOPPING: "▸",
    State.PAUSED: "‖",
    State.STOPPED: "◦",
    State.FAILED: "✗",
    State.DONE: "✓",
}
_BAR = 24
"""Cells of the bar."""


class JobsPane(Widget):
    """Downloads, imports, exports and checks, each two rows high; ↑ ↓ choose the one that keys act on."""

    HELP = "Work on models. p pauses a download or goes on, x stops, Del takes it off the list."

    DEFAULT_CSS = """
    JobsPane {
        height: auto;
        max-height: 10;
        border-title-color: $text-muted;
        border-subtitle-color: $text-muted;
        &:focus-within { border-title-color: $foreground; }
        &.-nothing { display: none; }
        & > PaneList { height: auto; max-height: 8; }
        & > PaneList:blur > .option-list--option-highlighted { background: transparent; }
    }
    """

    class Looked(Message):
        """Another piece of work is in view."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, classes="-nothing")
        self.border_title = "Work"
        self.border_subtitle = "p pause or go on · x stop · Del takes it off"
        self._jobs: list[Job] = []
        self._rows: list[Content] = []
        self._list = PaneList()

    def compose(self) -> ComposeResult:
        """The list."""
        yield self._list

    @property
    def chosen(self) -> Job | None:
        """The job that keys act on: the highlighted one."""
        if not self._jobs:
            return None
        index = self._list.highlighted
        return self._jobs[index] if index is not None and index < len(self._jobs) else self._jobs[-1]

    def show(self, jobs: list[Job]) -> None:
        """Show how these stand now; only rows that changed are drawn again."""
        options, chosen = self._list, self.chosen
        if not options.is_attached:
            return
        rows = [self._row(job) for job in jobs]
        if jobs != self._jobs:
            latest = jobs[-1] if len(jobs) > len(self._jobs) else chosen
            self._jobs, self._rows = list(jobs), rows
            options.clear_options()
            options.add_options([Option(row) for row in rows])
            options.highlighted = jobs.index(latest) if latest in jobs else (len(jobs) - 1 if jobs else None)
            self.set_class(not jobs, "-nothing")
            return
        for index, (row, before) in enumerate(zip(rows, self._rows, strict=True)):
            if row != before:
                options.replace_option_prompt_at_index(index, row)
        self._rows = rows

    def on_resize(self, event: events.Resize) -> None:
        """Draw for the new width."""
        jobs, self._jobs = self._jobs, []
        self.show(jobs)

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.post_message(self.Looked())

    def _row(self, job: Job) -> Content:
        """What it is and how far, then a bar beside how it stands."""
        width = max(20, self.size.width - 2)
        share = job.share
        figure = f"{share:.0%}" if share is not None and job.state not in (State.DONE, State.FAILED) else ""
        head = f"{_SIGNS[job.state]} {job.task.kind} {shown(job.task.name)}"
        head = clipped(head, width - len(figure) - 1)
        gap = " " * max(1, width - cell_len(head) - len(figure))
        style = "$text-error" if job.state is State.FAILED else "$text-muted"
        words = shown(job.words)
        if job.state in (State.DONE, State.FAILED, State.STOPPED):
            hint = f" {job.error.hint}" if job.error is not None and job.error.hint else ""
            return Content.assemble(head, "\n  ", (clipped(words + hint, width - 2), style))
        bar = line(share or 0.0, _BAR)
        rest = "─" * (_BAR - cell_len(bar))
        words = clipped(words, width - _BAR - 4)
        return Content.assemble(
            head, gap, figure, "\n  ", (bar, "$accent"), (rest, "$text-disabled"), "  ", (words, style)
        )
