"""The Train screen: the runs, and one of them in full."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Footer, OptionList

from gpt2studio.app.commands import TRAINING, bindings
from gpt2studio.app.engine_link import EngineLink
from gpt2studio.app.memory import MemoryFile
from gpt2studio.app.runs_watch import News, RunsWatch, WatchedRun
from gpt2studio.app.screens.new_run import NewRunRoom
from gpt2studio.app.screens.new_runs import NewRunsScreen
from gpt2studio.app.widgets.run_view import RunView
from gpt2studio.app.widgets.runs_pane import RunsPane
from gpt2studio.app.widgets.serving_line import ServingLine
from gpt2studio.errors import StudioError
from gpt2studio.library.installed import InstalledModel
from gpt2studio.paths import Places

NO_RUNS = "No runs yet. n begins one."


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


class TrainScreen(NewRunsScreen):
    """Watches and steers runs. The studio's own commands work here as everywhere."""

    CSS_PATH = "train.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]
    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(*TRAINING),
        Binding("escape", "app.write", "Back to writing", show=False),
    ]

    def __init__(self, room: TrainRoom) -> None:
        super().__init__()
        self.room = room
        self.runs_pane = RunsPane(nothing=NO_RUNS, id="runs")
        self.view = RunView()

    def compose(self) -> ComposeResult:
        """The runs, the one in view beside them."""
        with Horizontal(id="training"):
            yield self.runs_pane
            yield self.view
        yield ServingLine()
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Show what is known so far, and follow what comes."""
        self.room.watch.on_news.append(self._heard)
        self._heard(News(listed=True))
        self.runs_pane.query_one(OptionList).focus()

    def on_unmount(self) -> None:
        """Follow no more."""
        if self._heard in self.room.watch.on_news:
            self.room.watch.on_news.remove(self._heard)

    @property
    def run_in_view(self) -> WatchedRun | None:
        """The run that is shown."""
        return self.room.watch.find(self.runs_pane.looked_at)

    def open_run(self, name: str) -> None:
        """Show this run."""
        self.runs_pane.look_at(name)
        self._show()

    def _heard(self, news: News) -> None:
        """There is something new of the runs."""
        self.runs_pane.show(self.room.watch.runs)
        shown = self.run_in_view
        if news.listed or shown is None or shown.name in news.changed:
            self._show()

    @on(RunsPane.LookedAt)
    def _looked_at(self) -> None:
        self._show()

    def _show(self) -> None:
        self.view.show(self.run_in_view)
        self.refresh_bindings()

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
