"""One run in full: how it stands, its curve, its numbers, its log and what it writes."""

from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from gpt2studio.app.run_wording import MARKS, at, left, steps_of
from gpt2studio.app.runs_watch import WatchedRun
from gpt2studio.app.shown import shown

NOTHING = (
    "Nothing has been trained yet.\n\n"
    "A run teaches a model a text of yours: its loss falls here, and what it writes turns into your own style.\n\n"
    "From a terminal: gpt2studio train my-novel.txt"
)


class RunView(Widget):
    """Shows a run, or a word where there is none."""

    DEFAULT_CSS = """
    RunView {
        border: round $border-blurred;
        border-title-color: $text-muted;
        padding: 0 1;
        & > #nothing { display: none; padding: 1 2; color: $text-muted; }
        &.-nothing > #nothing { display: block; }
        &.-nothing > #head { display: none; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._head = Static("", id="head", markup=False)

    def compose(self) -> ComposeResult:
        """The head, and a word for where there is no run."""
        yield self._head
        yield Static(NOTHING, id="nothing", markup=False)

    def show(self, run: WatchedRun | None) -> None:
        """Show this run as it stands now."""
        self.set_class(run is None, "-nothing")
        if run is not None:
            mark, style = MARKS[run.standing]
            parts = [at(run.progress, run.standing), steps_of(run.progress), left(run.progress)]
            words = " · ".join(part for part in parts if part)
            self._head.update(Content.assemble((f"{mark} ", style), (shown(run.name), "bold"), f"  {words}"))
