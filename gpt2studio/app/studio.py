"""The studio: the app that holds the screens, the story on the desk and the engine."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import SystemCommand
from textual.binding import BindingType
from textual.notifications import SeverityLevel
from textual.reactive import reactive
from textual.screen import Screen
from textual.theme import Theme

from gpt2studio.app import themes
from gpt2studio.app.commands import EVERYWHERE, bindings, keymap
from gpt2studio.app.common.parsed_once import ParsedOnce
from gpt2studio.app.common.shown import shown
from gpt2studio.app.engine.link import EngineLink, EngineState, Phase
from gpt2studio.app.garbage import Garbage
from gpt2studio.app.keys_in_order import KeysInOrder
from gpt2studio.app.memory import MemoryFile
from gpt2studio.app.own_files import is_theme, no_theme, read_own_files
from gpt2studio.app.sampling.writing_settings import WritingSettings
from gpt2studio.app.write.desk import Desk
from gpt2studio.app.write.page import Room
from gpt2studio.app.write.screen import WriteScreen
from gpt2studio.errors import StudioError
from gpt2studio.paths import Places
from gpt2studio.settings import Settings
from gpt2studio.stories.splice import Author, Piece
from gpt2studio.stories.story import Story

if TYPE_CHECKING:  # late: what the first paint does not need
    from textual.command import Provider

    from gpt2studio.app.models.pane import ModelsPane
    from gpt2studio.app.models.screen import ModelsScreen
    from gpt2studio.app.models.stock import ModelStock
    from gpt2studio.app.models.stock_watch import StockWatch
    from gpt2studio.app.models.who_writes import WhoWrites
    from gpt2studio.app.serve.serving import Serving, ServingState
    from gpt2studio.app.train.pane import RunsPane
    from gpt2studio.app.train.screen import TrainScreen
    from gpt2studio.app.train.watch import RunsWatch, WatchedRun


def _studio_commands() -> "type[Provider]":
    from gpt2studio.app.palette import StudioCommands

    return StudioCommands


_TOLD = 2
"""How many mistakes in the person's files are told one by one."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What the studio opens with."""

    places: Places
    settings: Settings
    memory: MemoryFile
    link: EngineLink
    story: Story
    complaints: tuple[str, ...] = ()
    """What could not be used of settings and the like, for the person to know."""
    server: Sequence[str] = ()
    """The command that starts a server for friends, where it is not the studio's own."""


class Studio(KeysInOrder):
    """A writing studio for GPT-2."""

    TITLE = "gpt2studio"
    DEFAULT_MODE = "write"
    ENABLE_COMMAND_PALETTE = True
    COMMANDS: "ClassVar[set[type[Provider] | Callable[[], type[Provider]]]]" = {_studio_commands}
    COMMAND_PALETTE_BINDING = "ctrl+p"
    CSS_PATH = "studio.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*EVERYWHERE)]

    under_way: "reactive[tuple[WatchedRun, ...]]" = reactive((), repaint=False, always_update=True)
    """The runs that a trainer works on, which change as they go on."""

    def __init__(self, opening: Opening) -> None:
        super().__init__()
        self.stylesheet = ParsedOnce(variables=self.get_css_variables())
        self.opening = opening
        self.link = opening.link
        self.memory = opening.memory
        self.desk = Desk(opening.story, self.complain)
        own = read_own_files(opening.places, opening.settings)
        self.keys = own.keys
        """The person's keys, by command."""
        self.used_last: list[str] = []
        """Commands that were taken from the palette, the last one first."""
        self._faults = own.faults
        self._take_themes(own.themes)  # before the first paint, which else would be in other colours
        settings = WritingSettings(length=opening.settings.length, pace=opening.settings.pace)
        here = opening.places
        room = Room(self.desk, self.link, self.memory, settings, here.stories, own.presets, here)
        self.write: WriteScreen = WriteScreen(room)
        self._garbage = Garbage()
        self.add_mode("write", lambda: self.write)
        self.add_mode("models", lambda: self.models)
        self.add_mode("train", lambda: self.train)

    # --- made when first wanted, which is after the first paint ------------------------------------------------------

    @cached_property
    def stock(self) -> "ModelStock":
        """The models at hand, and the work on them."""
        from gpt2studio.app.models.stock import ModelStock

        return ModelStock(self.opening.places)

    @cached_property
    def stock_watch(self) -> "StockWatch":
        """Follows them."""
        from gpt2studio.app.models.stock_watch import StockWatch

        return StockWatch(self)

    @cached_property
    def who_writes(self) -> "WhoWrites":
        """Has one model write in place of another."""
        from gpt2studio.app.models.who_writes import WhoWrites

        return WhoWrites(self)

    @cached_property
    def serving(self) -> "Serving":
        """The model as friends see it."""
        from gpt2studio.app.serve.serving import SERVE, Serving

        return Serving(self.link, self.opening.server or SERVE)

    @cached_property
    def runs(self) -> "RunsWatch":
        """Follows the runs."""
        from gpt2studio.app.train.watch import RunsWatch
        from gpt2studio.runs.registry import Runs

        return RunsWatch(Runs(self.opening.places.runs))

    @cached_property
    def models(self) -> "ModelsScreen":
        """The Models screen."""
        from gpt2studio.app.models.screen import ModelsScreen

        self.stock_watch.measure()
        return ModelsScreen(self.stock, self.memory)

    @cached_property
    def train(self) -> "TrainScreen":
        """The Train screen."""
        from gpt2studio.app.train.screen import TrainRoom, TrainScreen

        return TrainScreen(
            TrainRoom(
                self.runs, self.link, self.opening.places, self.complain, self.opening.memory, lambda: self.stock.models
            )
        )

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The studio's inks for themes that were not made for it."""
        return themes.default_inks(self.current_theme)

    def on_mount(self) -> None:
        """Take up the keys, tell what is amiss, and begin to keep what is written."""
        self.set_keymap(keymap(self.keys))
        amiss = [*self.opening.complaints, *self._faults]
        if len(amiss) > _TOLD:  # more would cover the page
            amiss[_TOLD:] = [f"And {len(amiss) - _TOLD} more: gpt2studio doctor tells them all."]
        for each in [*amiss, *self.opening.story.notices]:
            self.notify(each, severity="warning", markup=False, timeout=10)
        self._garbage.begin()
        self.set_interval(1.0, self._keep)
        self.set_interval(15.0, self.desk.keep_text)

    async def furnish(self) -> None:
        """Put up the rest of the page; look after the engine, the models and the runs."""
        from gpt2studio.app.train.told import RunsTold

        await self.write.furnish()
        self.who_writes.take_card()
        self.write.on_written = self.who_writes.note_speed
        # News come from a task outside the app; they are taken in as messages, in the app's own.
        self.link.on_change = self._hear
        self.serving.on_change.append(self._served)
        self._hear(self.link.state)
        self.stock_watch.begin()
        RunsTold(self).begin()

    def _take_themes(self, found: Sequence[Theme]) -> None:
        self._own_themes = tuple(theme.name for theme in found)
        for theme in found:
            self.register_theme(theme)
        wanted = self.opening.settings.theme or self.memory.memory.theme or themes.DEFAULT
        if is_theme(wanted, found):
            self.theme = wanted
        elif is_theme(themes.DEFAULT, found):
            self.theme = themes.DEFAULT
            if not self.opening.settings.theme:  # of the settings it is told with their line
                self._faults += (_sentence(f"{no_theme(wanted, found)}."),)

    # --- what happens ------------------------------------------------------------------------------------------------

    def complain(self, error: StudioError, severity: SeverityLevel = "error") -> None:
        """Tell the person of a fault, and what to do next."""
        self.notify(error.hint, title=error.message, severity=severity, markup=False, timeout=8)

    def _hear(self, state: EngineState) -> None:
        self.call_later(self._engine_changed, state)

    def _engine_changed(self, state: EngineState) -> None:
        if state.phase in (Phase.STARTING, Phase.FAILED) and state.trouble is not None:
            self.complain(state.trouble, severity="warning" if self.who_writes.fell_back(state) else "error")
        self.write.show_engine(state)
        self.stock.note_engine(state)
        self.serving.follow(state)
        self.who_writes.follow(state)

    def _served(self, state: "ServingState") -> None:
        """Tell of a server that has ended, wherever the person is."""
        from gpt2studio.app.serve.serving import Standing

        if state.standing is Standing.FAILED and state.trouble is not None:
            self.complain(state.trouble)

    def _keep(self) -> None:
        """Once a second: what was written is safe."""
        self.desk.note_place()
        self.write.note_draft()
        self._garbage.rest(self.typed_at)
        self.write.look_at_file()
        self.run_worker(self._sync, thread=True, group="keep", exclusive=False)

    def _sync(self) -> None:
        try:
            self.desk.story.sync()
        except StudioError as error:
            self.call_later(self.complain, error)

    def put_away(self) -> StudioError | None:
        """Let the story go, and remember what was open; why not, where something could not be kept."""
        self.link.on_change = lambda state: None
        self._garbage.end()
        self.serving.on_change.clear()
        self.stock.jobs.close()
        self.write.note_draft()
        trouble = self.desk.close()
        theme = self.memory.memory.theme if self.opening.settings.theme else self.theme
        story = self.desk.story.id if self.desk.story.path is None else self.memory.memory.story
        self.memory.change(replace(self.memory.memory, story=story, theme=theme))
        return trouble

    # --- asked for on a screen ---------------------------------------------------------------------------------------

    def on_runs_pane_chosen(self, event: "RunsPane.Chosen") -> None:
        """Look at this run."""
        self.action_train()
        self.train.open_run(event.name)

    def on_train_screen_write_with(self, event: "TrainScreen.WriteWith") -> None:
        """Have this run's model write."""
        if self.who_writes.choose_run(event.run):
            self.action_write()

    def on_train_screen_sample_opened(self, event: "TrainScreen.SampleOpened") -> None:
        """Begin a story with this sample."""
        sample = event.sample
        self.action_write()
        self.write.begin_with(Piece(Author.PERSON, sample.prompt), Piece(Author.MODEL, sample.text))

    def on_models_pane_chosen(self, event: "ModelsPane.Chosen") -> None:
        """Have this model write from now on."""
        if self.who_writes.choose_installed(event.model):
            self.action_write()

    async def on_models_screen_serve(self, event: "ModelsScreen.Serve") -> None:
        """Serve this model: the one that writes is the one that is served."""
        before = self.stock.current
        if event.model.name != before:
            if not self.who_writes.choose_installed(event.model):
                return
            self.action_write()
            said = (
                f"It was {shown(before)}. What is served is what writes."
                if before
                else "What is served is what writes."
            )
            self.notify(said, title=f"{shown(event.model.name)} writes now", markup=False, timeout=8)
        await self.action_serve()

    # --- commands ----------------------------------------------------------------------------------------------------

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every command for the palette."""
        from gpt2studio.app.palette import entries

        yield from entries(self)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The way to a screen is not offered on that screen."""
        return action != self.current_mode or len(self.screen_stack) > 1

    def action_change_theme(self) -> None:
        """Choose among the themes: ours and the person's own first, the one that is worn marked."""

        def wear(name: str) -> None:
            self.theme = name

        others = sorted(name for name in self.available_themes if name not in self._own_themes)
        rows = [
            (
                f"{'●' if name == self.theme else ' '} {name}",
                partial(wear, name),
                "Textual's" if name in others else None,
            )
            for name in (*self._own_themes, *others)
        ]
        self.search_commands(rows, placeholder="Search for themes…")

    def action_palette(self) -> None:
        """Every command, by name."""
        self.action_command_palette()

    def action_write(self) -> None:
        """The Write screen."""
        self.switch_mode("write")

    def action_models(self) -> None:
        """The Models screen."""
        self.switch_mode("models")

    def action_train(self) -> None:
        """The Train screen."""
        self.switch_mode("train")

    async def action_serve(self) -> None:
        """Serve the model that writes; where it is served already, look how that goes."""
        from gpt2studio.app.serve.screen import ServeScreen

        if not isinstance(self.screen, ServeScreen):
            await self.push_screen(ServeScreen(self.serving, self.link))
        if not self.serving.running:
            await self.serving.start(self.serving.state.where)

    def action_help(self) -> None:
        """All keys."""
        from gpt2studio.app.help import HelpScreen, place_of

        here = self.screen.focused or self.screen
        place = place_of(here.ancestors_with_self)
        self.push_screen(HelpScreen(self.keys, str(self.opening.places.settings), place))

    async def action_quit(self) -> None:
        """Leave at once, with a note of where the person was."""
        self.desk.note_place()
        self.exit()

    def action_help_quit(self) -> None:
        """Ctrl+C never ends anything: what is selected was copied, or there is nothing to copy."""
        self.notify("Ctrl+C copies what is selected; Ctrl+Q leaves, and loses nothing.", markup=False)


def _sentence(clause: str) -> str:
    return clause[:1].upper() + clause[1:]
