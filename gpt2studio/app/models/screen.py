"""The Models screen: what is at hand, the card of the model in view, and the work on models."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.message import Message
from textual.screen import Screen
from textual.widgets import OptionList

from gpt2studio.app.commands import STOCK, bindings
from gpt2studio.app.common.key_bar import KeyBar
from gpt2studio.app.common.wording import size
from gpt2studio.app.dialogs.confirm import ConfirmScreen
from gpt2studio.app.memory import MemoryFile
from gpt2studio.app.models.card import ModelCard, Surroundings
from gpt2studio.app.models.indexes import index_texts, show_texts
from gpt2studio.app.models.jobs import Job, State
from gpt2studio.app.models.jobs_pane import JobsPane
from gpt2studio.app.models.keeping import note_model, remove_model, rename_model
from gpt2studio.app.models.pane import ModelsPane
from gpt2studio.app.models.stock import DOWNLOAD, ModelStock
from gpt2studio.app.serve.serving_line import ServingLine
from gpt2studio.app.train.run_line import RunLine
from gpt2studio.errors import StudioError
from gpt2studio.library.installed import NETWORK, InstalledModel
from gpt2studio.runs.machine import total_memory


class ModelsScreen(Screen[None]):
    """Chooses the model that writes; brings models in, and takes them away."""

    CSS_PATH = "models.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]
    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(*STOCK),
        Binding("s", "serve_model", "Serve", show=False),
        Binding("escape", "app.write", "Back to writing", show=False),
    ]

    @dataclass
    class Serve(Message):
        """A person wants friends to write with this model."""

        model: InstalledModel
        pane: ModelsPane

    def __init__(self, stock: ModelStock, memory: MemoryFile) -> None:
        super().__init__()
        self.stock, self.memory = stock, memory
        self.pane = ModelsPane()
        self.pane.border_subtitle = "a texts · v verify · r rename · n note · t families · s serve"
        self.jobs_pane = JobsPane()
        self.card = ModelCard(id="card")
        self._memory_there = total_memory()

    def compose(self) -> ComposeResult:
        """The table and the work under way; the card of the model in view beside or below them."""
        with Container(id="stock"):
            with Vertical(id="lists"):
                yield self.pane
                yield self.jobs_pane
            yield self.card
        yield RunLine()
        yield ServingLine()
        yield KeyBar()

    def on_mount(self) -> None:
        """Show what is known so far, and follow what comes."""
        self.stock.on_change.append(self._changed)
        self.set_interval(0.25, self._follow)
        self._changed()
        self.query_one(OptionList).focus()

    def on_screen_resume(self) -> None:
        """Look again what is at hand: a command line may have fetched, renamed or removed something since."""
        self.stock.on_stale()

    def on_unmount(self) -> None:
        """Follow no more."""
        if self._changed in self.stock.on_change:
            self.stock.on_change.remove(self._changed)

    def _changed(self) -> None:
        self.pane.show(self.stock.models, self.stock.current)
        self._follow()
        self._show_card()

    def _follow(self) -> None:
        """How the work stands."""
        self.jobs_pane.show(self.stock.jobs.all)

    @property
    def model(self) -> InstalledModel | None:
        """The model in view."""
        return self.pane.looked_at

    @on(OptionList.OptionHighlighted)
    def _looked_at(self) -> None:
        self._show_card()

    def _show_card(self) -> None:
        model = self.model
        if model is not None:
            verdict = self.stock.verdicts.get(model.path, "")
            here = Surroundings(self.stock.models, self.stock.figures, self._memory_there, verdict)
            self.card.show(model, here)

    # --- models ------------------------------------------------------------------------------------------------------

    def action_use(self) -> None:
        """Write with the model in view; on work: pause or go on."""
        if self._at_work:
            self.action_pause_job()
        elif self.model is not None:
            self.pane.post_message(ModelsPane.Chosen(self.model, self.pane))

    def action_serve_model(self) -> None:
        """Have the model in view write, and friends write with it."""
        if self.model is not None and not self._at_work:
            self.post_message(self.Serve(self.model, self.pane))

    def action_family(self) -> None:
        """Families, or the plain list."""
        self.pane.families = not self.pane.families

    def action_look_again(self) -> None:
        """Look what is at hand now."""
        self.stock.on_stale()

    @work
    async def action_find(self) -> None:
        """Fetch a model."""
        from gpt2studio.app.models.download import DownloadScreen
        from gpt2studio.app.models.find_models import FindModelsScreen

        names = [model.name for model in self.stock.models]
        sources = [model.provenance.origin.removeprefix("hub:") for model in self.stock.models if model.provenance]
        wanted = await self.app.push_screen_wait(FindModelsScreen([*names, *sources]))
        if wanted:
            order = await self.app.push_screen_wait(DownloadScreen(wanted, self.stock.places))
            if order is not None:
                self.stock.download(order.offer, order.name)
                self._follow()

    @work
    async def action_bring(self) -> None:
        """Copy a model in from elsewhere."""
        from gpt2studio.app.dialogs.pick_file import Pick, PickFileScreen
        from gpt2studio.app.models.import_model import ImportScreen

        endings = (".safetensors", ".bin", ".index", ".tar", ".gz")
        pick = Pick(title="Import a model: its folder, its weights or a .tar", suffixes=endings, folders=True)
        picked = await self.app.push_screen_wait(PickFileScreen(pick, self.memory))
        if picked:
            wanted = await self.app.push_screen_wait(ImportScreen(_whole(picked[0]), self.stock))
            if wanted is not None:
                self.stock.bring_in(wanted)
                self._follow()

    @work
    async def action_index_texts(self) -> None:
        """Make an index of texts, or add to one."""
        await index_texts(self.app, self.stock, self.memory, self.model)
        self._follow()

    @work
    async def action_texts(self) -> None:
        """The texts of the index in view."""
        try:
            await show_texts(self.app, self.stock, self.model)
        except StudioError as error:
            self._complain(error)

    @work
    async def action_take_out(self) -> None:
        """Write the model for other programs."""
        from gpt2studio.app.models.export_model import ExportScreen

        if model := self._whole_network("exported"):
            wanted = await self.app.push_screen_wait(ExportScreen(model, Path.home(), self.stock.has_adapter(model)))
            if wanted is not None:
                self.stock.take_out(model, wanted)
                self._follow()

    def action_verify(self) -> None:
        """Read every byte of the model."""
        if model := self._whole_network("verified", damaged=True):
            self.stock.verify(model)
            self._follow()

    @work
    async def action_name_model(self) -> None:
        """Give the model another name."""
        if self.model is None:
            return
        try:
            name = await rename_model(self, self.model, self.stock)
        except StudioError as error:
            self._refuse("Rename", error)
            return
        if name:
            self.pane.follow(name)
            self.stock.on_stale()

    @work
    async def action_note_model(self) -> None:
        """Keep some words with the model."""
        if self.model is None:
            return
        try:
            if await note_model(self, self.model):
                self.stock.on_stale()
        except StudioError as error:
            self._refuse("Note", error)

    @work
    async def action_remove(self) -> None:
        """Take away the model in view; on work: take it off the list, and what it left."""
        if self._at_work:
            await self._drop(self._at_work)
            return
        if self.model is None:
            return
        try:
            if await remove_model(self, self.model, self.stock):
                self.stock.on_stale()
        except StudioError as error:
            self._complain(error)

    def _whole_network(self, what: str, damaged: bool = False) -> InstalledModel | None:
        """The model in view, where it is a GPT-2; else a word on why it cannot be *what*."""
        model = self.model
        if model is None:
            return None
        if model.kind != NETWORK:
            self._complain(StudioError(f"{model.name} is no GPT-2: it cannot be {what}.", "It is made of texts."))
            return None
        if model.note and not damaged:
            self._complain(StudioError(model.note, f"So it cannot be {what}."))
            return None
        return model

    def _complain(self, error: StudioError) -> None:
        self.notify(error.hint, title=error.message, severity="error", markup=False, timeout=8)

    def _refuse(self, title: str, error: StudioError) -> None:
        """Say why a line is not asked for, where it would be: letters that a person types into it are no commands."""
        self.app.push_screen(ConfirmScreen(title, f"{error.message}\n{error.hint}"))

    # --- work --------------------------------------------------------------------------------------------------------

    @property
    def _at_work(self) -> Job | None:
        """The piece of work in view, where the person is among the work."""
        return self.jobs_pane.chosen if self.jobs_pane.has_focus_within else None

    def action_pause_job(self) -> None:
        """Pause a download, or go on with it."""
        job = self.jobs_pane.chosen
        if job is None:
            return
        if job.state is State.RUNNING and job.task.resumable:
            job.stop(State.PAUSED)
        elif not job.active and job.state is not State.DONE:
            job.start()
        self._follow()

    def action_stop_job(self) -> None:
        """Stop it: a download keeps what has come."""
        job = self.jobs_pane.chosen
        if job is not None and job.active:
            job.stop(State.PAUSED if job.task.resumable else State.STOPPED)
        self._follow()

    async def _drop(self, job: Job) -> None:
        """Take work off the list, with what an unfinished download has left."""
        if job.active:
            self._complain(StudioError(f"{job.task.name} is under way.", "Stop it first: X."))
            return
        if job.task.kind == DOWNLOAD and job.state is not State.DONE and job.progress.done:
            words = f"{size(job.progress.done)} of {job.task.name} have come. They would have to be fetched again."
            if not await self.app.push_screen_wait(ConfirmScreen("Throw away", words, "throws them away")):
                return
            self.stock.drop_download(job)
        else:
            self.stock.jobs.forget(job)
        self._follow()
        if not self.stock.jobs.all:
            self.query_one(OptionList).focus()


def _whole(picked: Path) -> Path:
    """What a picked file belongs to: an index names a checkpoint of TensorFlow's."""
    return picked.with_suffix("") if picked.suffix == ".index" else picked
