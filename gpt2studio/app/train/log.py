"""A run's log: its last events in words, the latest at the foot."""

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from gpt2studio.app.train.watch import WatchedRun

_LINES = 200
"""How many lines can be looked back at."""


class RunLog(VerticalScroll):
    """Follows the log's end, until a person scrolls back."""

    HELP = "The run's log, as the tools of 2019 printed it."

    DEFAULT_CSS = """
    RunLog {
        border: round $border-blurred;
        border-title-color: $text-muted;
        padding: 0 1;
        background: transparent;
        color: $text-muted;
        scrollbar-size-vertical: 1;
        &:focus { border: round $border; border-title-color: $foreground; }
        & > Static { width: 1fr; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.border_title = "Log"
        self._text = Static("", markup=False)
        self._said: tuple[WatchedRun | None, int] = (None, 0)

    def compose(self) -> ComposeResult:
        """The lines."""
        yield self._text

    def show(self, run: WatchedRun) -> None:
        """Show the lines that this run has by now."""
        said = (run, run.told)
        if said != self._said:
            at_end = self.is_vertical_scroll_end or self._said[0] is not run
            self._said = said
            self._text.update("\n".join(list(run.lines)[-_LINES:]))
            if at_end:
                self.call_after_refresh(self.scroll_end, animate=False)
