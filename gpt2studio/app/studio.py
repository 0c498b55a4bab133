"""The studio: the app that holds the screens, the story on the desk and the engine."""

import contextlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import SystemCommand
from textual.binding import BindingType
from textual.notifications import SeverityLevel
from textual.screen import Screen

from gpt2studio.app import themes
from gpt2studio.app.card_for import card_for
from gpt2studio.app.commands import EVERYWHERE, STOCK, TRAINING, bindings, key_name, keymap, keys_in_force
from gpt2studio.app.desk import Desk
from gpt2studio.app.engine_link import EngineLink, EngineState, Phase
from gpt2studio.app.keys_in_order import KeysInOrder
from gpt2studio.app.memory import MemoryFile
from gpt2studio.app.model_choice import Kind, ModelChoice
from gpt2studio.app.presets import load_presets
from gpt2studio.app.run_news import has_new_model, lives_in, notes
from gpt2studio.app.runs_watch import News, RunsWatch
from gpt2studio.app.screens.help import HelpScreen
from gpt2studio.app.screens.page import Room
from gpt2studio.app.screens.write import WriteScreen
from gpt2studio.app.serving import SERVE, Serving, ServingState, Standing
from gpt2studio.app.stock import Inventory, ModelStock
from gpt2studio.app.widgets.models_pane import ModelsPane
from gpt2studio.app.widgets.runs_pane import RunsPane
from gpt2studio.app.writing_settings import WritingSettings
from gpt2studio.errors import StudioError
from gpt2studio.library.installed import INDEX
from gpt2studio.paths import Places, shipped
from gpt2studio.runs.queue import Queue
from gpt2studio.runs.registry import Runs
from gpt2studio.settings import Settings
from gpt2studio.stories.splice import Author, Piece
from gpt2studio.stories.story import Story
from gpt2studio.wire.messages import STITCH

if TYPE_CHECKING:
    from gpt2studio.app.jobs import Job
    from gpt2studio.app.screens.models import ModelsScreen
    from gpt2studio.app.screens.train import TrainScreen


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
    server: Sequence[str] = SERVE
    """The command that starts a server for friends."""


class Studio(KeysInOrder):
    """A writing studio for GPT-2."""

    TITLE = "gpt2studio"
    DEFAULT_MODE = "write"
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    CSS_PATH = "studio.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*EVERYWHERE)]

    def __init__(self, opening: Opening) -> None:
        super().__init__()
        self.opening = opening
        self.link = opening.link
        self.memory = opening.memory
        self.desk = Desk(opening.story, self.complain)
        presets, self._faults = load_presets(opening.places.presets)
        self._faults += self._take_themes()  # before the first paint, which else would be in other colours
        settings = WritingSettings(length=opening.settings.length, pace=opening.settings.pace)
        self.runs = RunsWatch(Runs(opening.places.runs))
        here = opening.places
        room = Room(self.desk, self.link, self.memory, settings, here.stories, presets, here)
        self.write: WriteScreen = WriteScreen(room)
        self.stock = ModelStock(opening.places)
        self.serving = Serving(self.link, opening.server)
        self._choice = opening.link.state.choice
        self.add_mode("write", lambda: self.write)
        self.add_mode("models", lambda: self.models)
        self.add_mode("train", lambda: self.train)

    @cached_property
    def models(self) -> "ModelsScreen":
        """The Models screen, made when it is first wanted."""
        from gpt2studio.app.screens.models import ModelsScreen

        self.run_worker(self._measure, thread=True)
        return ModelsScreen(self.stock, self.memory)

    @cached_property
    def train(self) -> "TrainScreen":
        """The Train screen, made when it is first wanted: its chart needs what the first paint does not."""
        from gpt2studio.app.screens.train import TrainRoom, TrainScreen

        return TrainScreen(
            TrainRoom(
                self.runs, self.link, self.opening.places, self.complain, self.opening.memory, lambda: self.stock.models
            )
        )

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The studio's inks for themes that were not made for it."""
        return themes.default_inks(self.current_theme)

    def on_mount(self) -> None:
        """Take up themes and keys, begin to keep what is written, and look after the engine."""
        chosen, strange = keymap(self.opening.settings.keys)
        self.set_keymap(chosen)
        for each in [*self.opening.complaints, *self._faults, *strange, *self.opening.story.notices]:
            self.notify(each, severity="warning", markup=False, timeout=10)
        self._take_card()
        # News come from a task outside the app; they are taken in as messages, in the app's own.
        self.link.on_change = self._hear
        self.serving.on_change.append(self._served)
        self._hear(self.link.state)
        self.set_interval(1.0, self._keep)
        self.set_interval(15.0, self.desk.keep_text)
        self.stock.on_stale = self._look_for_models
        self.stock.jobs.on_end = self._job_ended
        self.write.on_written = self._written
        self.set_interval(0.25, self._follow_jobs)
        self.call_after_refresh(self._look_for_models)
        self.call_after_refresh(self._follow_runs)

    def _take_themes(self) -> list[str]:
        found, complaints = themes.load_themes(shipped("themes"), self.opening.places.themes)
        for theme in found:
            self.register_theme(theme)
        wanted = self.opening.settings.theme or self.memory.memory.theme or themes.DEFAULT
        if wanted in self.available_themes:
            self.theme = wanted
        elif themes.DEFAULT in self.available_themes:
            complaints.append(f"There is no theme “{wanted}”.")
            self.theme = themes.DEFAULT
        return complaints

    # --- what happens ------------------------------------------------------------------------------------------------

    def complain(self, error: StudioError, severity: SeverityLevel = "error") -> None:
        """Tell the person of a fault, and what to do next."""
        self.notify(error.hint, title=error.message, severity=severity, markup=False, timeout=8)

    def _hear(self, state: EngineState) -> None:
        self.call_later(self._engine_changed, state)

    def _engine_changed(self, state: EngineState) -> None:
        fell_back = state.choice is not None and state.choice != self._choice
        if state.phase in (Phase.STARTING, Phase.FAILED) and state.trouble is not None:
            self.complain(state.trouble, severity="warning" if fell_back else "error")
        self.write.show_engine(state)
        self.stock.note_engine(state)
        self.serving.follow(state)
        if state.choice is not None and fell_back:
            self._take_choice(state.choice)  # the link has chosen another: the trainer of live weights has ended

    def _served(self, state: ServingState) -> None:
        """Tell of a server that has ended, wherever the person is."""
        if state.standing is Standing.FAILED and state.trouble is not None:
            self.complain(state.trouble)

    def _keep(self) -> None:
        """Once a second: what was written is safe."""
        self.desk.note_place()
        self.write.look_at_file()
        self.run_worker(self._sync, thread=True, group="keep", exclusive=False)

    def _sync(self) -> None:
        try:
            self.desk.story.sync()
        except StudioError as error:
            self.call_later(self.complain, error)

    def put_away(self) -> None:
        """Let the story go, and remember what was open."""
        self.link.on_change = lambda state: None
        self.serving.on_change.clear()
        self.stock.jobs.close()
        self.desk.close()
        theme = self.memory.memory.theme if self.opening.settings.theme else self.theme
        story = self.desk.story.id if self.desk.story.path is None else self.memory.memory.story
        self.memory.change(replace(self.memory.memory, story=story, theme=theme))

    # --- runs --------------------------------------------------------------------------------------------------------

    def _follow_runs(self) -> None:
        self.runs.on_news.append(self._runs_changed)
        self.run_worker(self.runs.watch(), group="runs")
        self.run_worker(self._keep_queue, thread=True)

    def _keep_queue(self) -> None:
        """Runs that waited when the machine was switched off wait on."""
        with contextlib.suppress(OSError):
            Queue(self.runs.registry).keep()

    def _runs_changed(self, news: News) -> None:
        self.write.runs_dock.show(self.runs.runs)
        self._show_live_step()
        for note in notes(news, self.link.state.choice):
            self.notify(note.text, title=note.title, severity=note.severity, markup=False, timeout=8)
        if has_new_model(news):
            self._look_for_models()

    def _show_live_step(self) -> None:
        choice = self.link.state.choice
        self.write.show_live(next((run.progress.step for run in self.runs.runs if lives_in(choice, run)), None))

    @on(RunsPane.Chosen)
    def _run_chosen(self, event: RunsPane.Chosen) -> None:
        """Look at this run."""
        self.action_train()
        self.train.open_run(event.name)

    def on_train_screen_write_with(self, event: "TrainScreen.WriteWith") -> None:
        """Have this run's model write: its best checkpoint, or its weights of now while a trainer holds them."""
        run, settings = event.run, self.opening.settings
        choice = ModelChoice.live(run.run.path)
        if not run.standing.live:
            try:
                saved = self.runs.registry.resolve(run.name)
            except StudioError as error:
                self.complain(error)
                return
            if saved is None:
                return  # it has gone in the meantime
            choice = ModelChoice(run.name, saved.path, settings.dtype, settings.device)
        self.choose(choice)
        self.action_write()

    def on_train_screen_sample_opened(self, event: "TrainScreen.SampleOpened") -> None:
        """Begin a story with this sample."""
        sample = event.sample
        self.action_write()
        self.write.begin_with(Piece(Author.PERSON, sample.prompt), Piece(Author.MODEL, sample.text))

    # --- models ------------------------------------------------------------------------------------------------------

    def _look_for_models(self) -> None:
        self.run_worker(self._find_models, thread=True)

    def _find_models(self) -> None:
        """Look what models are at hand: in a thread, since disks can be slow."""
        # As a message: an app that is being left takes none, and that is no fault.
        self.call_later(self._models_found, self.stock.look())

    def _models_found(self, found: Inventory) -> None:
        self.stock.take_up(found)
        self.write.offer_texts(tuple(each.path.name for each in found.models if each.origin == INDEX))
        self._show_models()
        self.stock.note_engine(self.link.state)

    def _show_models(self) -> None:
        choice = self.link.state.choice
        name = choice.name if choice is not None else ""
        at_hand = self.stock.of_path(choice.path) if choice is not None else None
        self.stock.current = at_hand.name if at_hand is not None else name
        self.write.models_dock.show(self.stock.models, self.stock.current)
        self.stock.changed()

    def _measure(self) -> None:
        self.stock.measure()
        self.call_later(self.stock.changed)

    def _written(self, tokens: int, speed: float) -> None:
        """A continuation has ended: so fast the model is here."""
        if (choice := self.link.state.choice) is not None:
            self.stock.note_writing(choice.path, tokens, speed)

    def _follow_jobs(self) -> None:
        if self.stock.jobs.all:
            self.stock.jobs.look()
        self.write.show_work(self.stock.jobs.words)

    def _job_ended(self, job: "Job") -> None:
        """Tell of an end, wherever the person is."""
        if job.error is not None:
            self.notify(job.error.hint, title=job.error.message, severity="error", markup=False, timeout=8)
        elif job.said:
            self.notify(job.said, title=f"{job.task.kind}: {job.task.name}", markup=False, timeout=6)

    @on(ModelsPane.Chosen)
    def _model_chosen(self, event: ModelsPane.Chosen) -> None:
        """Have this model write from now on."""
        model, before, settings = event.model, self.link.state.choice, self.opening.settings
        if model.note:
            self.complain(StudioError(model.note, "It cannot be written with; choose another."))
            return
        dtype, device = (before.dtype, before.device) if before is not None else (settings.dtype, settings.device)
        stitched = model.name.startswith(STITCH)
        self.choose(
            ModelChoice.stitched(model.name, self.opening.places)
            if stitched
            else ModelChoice(model.name, model.path, dtype, device)
        )
        self.action_write()

    async def on_models_screen_serve(self, event: "ModelsScreen.Serve") -> None:
        """Serve this model: the one that writes is the one that is served."""
        if event.model.name != self.stock.current:
            self._model_chosen(ModelsPane.Chosen(event.model, event.pane))
        await self.action_serve()

    def choose(self, choice: ModelChoice) -> None:
        """Have this model write from now on; live weights are not asked for again on another day."""
        self.write.writer.stop()
        self.link.choose(choice)
        if choice.kind is not Kind.LIVE:
            self.memory.change(replace(self.memory.memory, model=choice.model))
        self._take_choice(choice)

    def _take_choice(self, choice: ModelChoice) -> None:
        """Show which model writes now, and begin as reads best with it."""
        self._choice = choice
        self._show_models()
        self._show_live_step()
        self._take_card()

    def _take_card(self) -> None:
        """Begin with the sampling that reads best with the model, where the person has not turned a dial."""
        choice = self.link.state.choice
        self.write.take_card(card_for(choice) if choice is not None else None)

    # --- commands ----------------------------------------------------------------------------------------------------

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every command for the palette."""
        for command, keys in keys_in_force(self.opening.settings.keys):
            if command.id not in ("palette", "leave"):
                names = " · ".join(key_name(key) for key in keys)
                yield SystemCommand(command.label, f"{command.help}  {names}", self._runner(command.id))
        yield SystemCommand("Theme", "Choose the colours.", self.action_change_theme)

    def _runner(self, command: str) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            if command in EVERYWHERE:
                await self.run_action(command)
            elif command in TRAINING:
                self.action_train()
                if not await self.run_action(command, self.train):
                    self.notify("The run in view is not such that this can be done.", markup=False)
            elif command in STOCK:
                self.action_models()
                await self.models.run_action(command)
            else:
                self.action_write()
                await self.write.run_action(command)

        return run

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
        from gpt2studio.app.screens.serve import ServeScreen

        if not isinstance(self.screen, ServeScreen):
            await self.push_screen(ServeScreen(self.serving, self.link))
        if not self.serving.running:
            await self.serving.start(self.serving.state.where)

    def action_help(self) -> None:
        """All keys."""
        self.push_screen(HelpScreen(self.opening.settings.keys, str(self.opening.places.settings)))

    async def action_quit(self) -> None:
        """Leave at once, with a note of where the person was."""
        self.desk.note_place()
        self.exit()

    def action_help_quit(self) -> None:
        """Ctrl+C never ends anything: what is selected was copied, or there is nothing to copy."""
        self.notify("Ctrl+C copies what is selected; Ctrl+Q leaves, and loses nothing.", markup=False)
