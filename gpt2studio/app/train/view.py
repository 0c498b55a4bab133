"""One run in full: how it stands, its curve, its numbers, what it writes and its log."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from gpt2studio.app.train.chart.loss_chart import PARTS, LossChart
from gpt2studio.app.train.chart.picture import series_of
from gpt2studio.app.train.head import RunHead
from gpt2studio.app.train.log import RunLog
from gpt2studio.app.train.meters import RunMeters
from gpt2studio.app.train.samples import RunSamples
from gpt2studio.app.train.watch import WatchedRun

NOTHING = (
    "Nothing has been trained yet.\n\n"
    "A run teaches a model a text of yours: its loss falls here, and what it writes turns into your own style.\n\n"
    "Key n begins one."
)


class RunView(Widget):
    """Shows a run, or a word where there is none."""

    DEFAULT_CSS = """
    RunView {
        & > #nothing { display: none; padding: 1 2; color: $text-muted; }
        &.-nothing > * { display: none; }
        &.-nothing > #nothing { display: block; }
        & > LossChart { height: 3fr; min-height: 7; }
        & > #below { height: 2fr; min-height: 5; }
        & > #below > RunSamples { width: 1fr; }
        & > #below > RunLog { width: 44; }
    }
    """

    log_first: reactive[bool] = reactive(False, toggle_class="-log")
    """Whether the log stands where the samples are, on a screen that is too narrow for both."""

    def __init__(self) -> None:
        super().__init__(classes="-nothing")
        self.head = RunHead()
        self.chart = LossChart()
        self.meters = RunMeters()
        self.samples = RunSamples()
        self.log_pane = RunLog()
        self._run: WatchedRun | None = None

    def compose(self) -> ComposeResult:
        """The head, the curve, the numbers; what it writes and the log below."""
        yield self.head
        yield self.chart
        yield self.meters
        with Horizontal(id="below"):
            yield self.samples
            yield self.log_pane
        yield Static(NOTHING, id="nothing", markup=False)

    def show(self, run: WatchedRun | None) -> None:
        """Show this run as it stands now."""
        self.set_class(run is None, "-nothing")
        if run is None:
            return
        if self._run is None or self._run.name != run.name:
            self.chart.cursor = None
        self._run = run
        self.head.show(run)
        self.chart.show([series_of(run.progress)])
        self.meters.show(run.progress)
        self.samples.show(run.progress.samples, run.name)
        self.log_pane.show(run)

    @on(RunSamples.Turned)
    def _turned(self, event: RunSamples.Turned) -> None:
        """The chart shows where the sample that is read was written."""
        event.stop()
        self.chart.sample = event.step

    def zoom(self) -> None:
        """Look at less of the steps, from the end; then at all of them again."""
        self.chart.part = (self.chart.part + 1) % len(PARTS)
