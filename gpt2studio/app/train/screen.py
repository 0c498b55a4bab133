"""The Train screen: the runs, and one of them in full."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import OptionList

from gpt2studio.app.commands import TRAINING, bindings
from gpt2studio.app.common.key_bar import KeyBar
from gpt2studio.app.engine.link import EngineLink
from gpt2studio.app.memory import MemoryFile
from gpt2studio.app.serve.serving_line import ServingLine
from gpt2studio.app.train.new.filling import NewRunRoom
from gpt2studio.app.train.new.runs import NewRunsScreen
from gpt2studio.app.train.pane import RunsPane
from gpt2studio.app.train.steer import SteerScreen
from gpt2studio.app.train.table import RunsTable
from gpt2studio.app.train.view import RunView
from gpt2studio.app.train.watch import News, RunsWatch, WatchedRun
from gpt2studio.errors import StudioError
from gpt2studio.library.installed import InstalledModel
from gpt2studio.paths import Places
from gpt2studio.runs.events import Sampled

NO_RUNS = "No runs yet."


@dataclass(frozen=True, slots=True)
class TrainRoom:
    """What the Train screen works with."""

    watch: RunsWatch
    link: EngineLink
    places: Places
    complain: Callable[[StudioError], None]
    memory: MemoryFile
    models: Callable[[], Sequence[InstalledModel]]
    """The models at hand, as far as they have been found."""


class TrainScreen(NewRunsScreen, SteerScreen):
    """Watches and steers runs. The studio's own commands work here as everywhere."""

    CSS_PATH = "train.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]
    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(*TRAINING),
        Binding("escape", "app.write", "Back to writing", show=False),
    ]

    @dataclass
    class WriteWith(Message):
        """A person wants this run's model to write."""

        run: WatchedRun

    @dataclass
    class SampleOpened(Message):
        """A person wants to go on from this sample."""

        sample: Sampled

    def __init__(self, room: TrainRoom) -> None:
        super().__init__()
        self.room = room
        self.runs_pane = self.runs_table = RunsTable(nothing=NO_RUNS, id="runs")
        self.view = RunView()
        self._wanted = ""
        """The name of the run that is to be in view next."""

    def compose(self) -> ComposeResult:
        """The runs, the one in view below them."""
        with Vertical(id="training"):
            yield self.runs_pane
            yield self.view
        yield ServingLine()
        yield KeyBar()

    def on_mount(self) -> None:
        """Show what is known so far, and follow what comes."""
        self.room.watch.on_news.append(self._heard)
        self._heard(News(listed=True))
        self.runs_pane.query_one(OptionList).focus()

    def on_screen_resume(self) -> None:
        """Catch up."""
        self._heard(News(listed=True))

    def on_unmount(self) -> None:
        """Follow no more."""
        if self._heard in self.room.watch.on_news:
            self.room.watch.on_news.remove(self._heard)

    @property
    def run_in_view(self) -> WatchedRun | None:
        """The run that is shown."""
        return self.room.watch.find(self.runs_pane.looked_at)

    def complain(self, error: StudioError) -> None:
        """Tell the person of a fault."""
        self.room.complain(error)

    async def look_again(self) -> None:
        """Look at the runs at once."""
        await self.room.watch.look()

    def open_run(self, name: str) -> None:
        """Show this run."""
        self._wanted = name
        if self.is_mounted:
            self._heard(News(listed=True))

    def _heard(self, news: News) -> None:
        """There is something new of the runs."""
        if not self.is_current:
            return  # it catches up when it is looked at again
        self.runs_pane.show(self.room.watch.runs)
        if self._wanted:
            self.runs_pane.look_at(self._wanted)
            self._wanted = ""
        shown = self.run_in_view
        if news.listed or shown is None or shown.name in news.changed:
            self._show()

    @on(RunsPane.LookedAt)
    def _looked_at(self) -> None:
        self._show()

    def _show(self) -> None:
        self.view.show(self.run_in_view)
        self.refresh_bindings()

    # --- writing with a run ------------------------------------------------------------------------------------------

    @on(RunsPane.Chosen)
    def _run_chosen(self, event: RunsPane.Chosen) -> None:
        event.stop()
        self.action_write_with()

    def action_write_with(self) -> None:
        """Have the run's model write."""
        if (run := self.run_in_view) is not None:
            self.post_message(self.WriteWith(run))

    def action_open_sample(self) -> None:
        """Begin a story with the sample that is read."""
        if samples := self.view.samples.shown_samples:
            self.post_message(self.SampleOpened(samples[0]))

    # --- new runs ----------------------------------------------------------------------------------------------------

    @property
    def all_runs(self) -> RunsWatch:
        """The runs as they stand."""
        return self.room.watch

    def new_run_room(self) -> NewRunRoom:
        """What the form of a new run works with."""
        room = self.room
        return NewRunRoom(
            places=room.places,
            memory=room.memory,
            models=room.models,
            choice=room.link.state.choice,
            busy=bool(room.watch.under_way),
            filled=self.filled,
        )
