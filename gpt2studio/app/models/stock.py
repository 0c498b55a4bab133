"""The models as the app works with them: found in a thread, fetched, changed, measured."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from gpt2studio.app.engine.link import EngineState
from gpt2studio.app.models.indexing import index_task
from gpt2studio.app.models.jobs import Handle, Job, Jobs, Task
from gpt2studio.app.texts.own_texts import OwnTexts
from gpt2studio.library.figures import FiguresFile
from gpt2studio.library.installed import RUN, InstalledModel
from gpt2studio.library.progress import Progress
from gpt2studio.paths import Places

if TYPE_CHECKING:  # late: they know the network and all formats, which the first paint does not need
    from gpt2studio.library.export import Export
    from gpt2studio.library.install import Asked, Offer
    from gpt2studio.library.shelf import Shelf
    from gpt2studio.library.unfinished import Unfinished
    from gpt2studio.runs.checkpoints import Checkpoint
    from gpt2studio.runs.recipe import Recipe

DOWNLOAD = "Download"
ADAPTER = "peft"
"""The format of an export that writes a run's LoRA matrices apart."""
_STALL = 10.0
"""Seconds without a byte after which a download asks anew: while it waits for one it cannot be stopped."""
_WORTH_NOTING = 16
"""Tokens from which the speed of a continuation means something."""


@dataclass(frozen=True, slots=True)
class Import:
    """What to import, and as what."""

    source: Path
    name: str
    like: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Inventory:
    """What lies on disk."""

    models: tuple[InstalledModel, ...] = ()
    unfinished: "tuple[Unfinished, ...]" = ()


class ModelStock:
    """What is at hand, and the work that is done on it.

    ``on_stale`` is called, in the app's own thread, when what is at hand must be looked for again.
    """

    def __init__(self, places: Places) -> None:
        self.places = places
        self.jobs = Jobs()
        self.own_texts = OwnTexts(places)
        self.figures = FiguresFile(places.state / "machine.json")
        self.models: tuple[InstalledModel, ...] = ()
        self.current = ""
        """The name of the model that writes now."""
        self.verdicts: dict[Path, str] = {}
        """What was said of models that were verified today, by path."""
        self.on_stale: Callable[[], None] = lambda: None
        self.on_change: list[Callable[[], None]] = []
        """Called when models or figures have changed."""
        self._loaded: object = None

    # --- what is there -----------------------------------------------------------------------------------------------

    def look(self) -> Inventory:
        """What is at hand now: asked for in a thread, since disks can be slow."""
        from gpt2studio.library.stitched import stitched_models
        from gpt2studio.library.unfinished import unfinished

        models = (*self._shelf().models(), *stitched_models(self.places))
        return Inventory(models, tuple(unfinished(self.places)))

    def take_up(self, found: Inventory) -> None:
        """This is at hand; downloads that an earlier day has left are listed as paused."""
        self.models = found.models
        for each in found.unfinished:
            if self.jobs.find(DOWNLOAD, each.name) is None:
                task = self._download(each.name, partial(offer_again, each.asked))
                self.jobs.wait_with(task, Progress("", each.here, each.total))

    def changed(self) -> None:
        """Tell those who show any of it."""
        for tell in self.on_change:
            tell()

    def resolve(self, name: str) -> Path:
        """The model that a name or path means. Raises NotFoundError."""
        return self._shelf().resolve(name)

    def _shelf(self) -> "Shelf":
        from gpt2studio.library.shelf import Shelf
        from gpt2studio.runs.registry import Runs

        return Shelf(self.places, runs=Runs(self.places.runs))

    def of_path(self, path: Path) -> InstalledModel | None:
        """The model that lies there."""
        return next((each for each in self.models if each.path == path), None)

    # --- work --------------------------------------------------------------------------------------------------------

    def download(self, offer: "Offer", name: str) -> Job:
        """Fetch what is offered and install it under this name."""
        return self.jobs.begin(self._download(name, lambda: offer))

    def _download(self, name: str, offer: "Callable[[], Offer]") -> Task:
        def work(handle: Handle) -> str:
            from gpt2studio.library.download import with_line
            from gpt2studio.library.install import install

            handle.notice = "asking what there is"
            wanted = with_line(offer(), stall=_STALL, wait=handle.wait)
            install(wanted, name, self.places, handle.watch)
            return "installed and checked"

        return Task(DOWNLOAD, name, work, resumable=True, when_done=self._stale)

    def drop_download(self, job: Job) -> None:
        """Throw away what a download that is over has left."""
        from gpt2studio.library.install import discard

        discard(job.task.name, self.places)
        self.jobs.forget(job)

    def bring_in(self, wanted: Import) -> Job:
        """Copy a model in from elsewhere."""

        def work(handle: Handle) -> str:
            from gpt2studio.library.adopt import adopt

            adopt(wanted.source, wanted.name, self.places, handle.watch, like=wanted.like)
            return "imported, number for number"

        return self.jobs.begin(Task("Import", wanted.name, work, when_done=self._stale))

    def index(self, name: str, paths: Sequence[Path]) -> Job:
        """Add texts to the index of this name, made where there is none."""
        return self.jobs.begin(index_task(self.own_texts, name, paths, self._stale))

    def take_out(self, model: InstalledModel, wanted: "Export") -> Job:
        """Write a model for other programs."""

        def work(handle: Handle) -> str:
            from gpt2studio.library.export import export

            if wanted.format == ADAPTER:
                return f"in {self._write_adapter(model, wanted.to)}"
            return f"in {export(model.path, wanted, self._shelf().elsewhere, handle.watch)}"

        return self.jobs.begin(Task("Export", model.name, work))

    def has_adapter(self, model: InstalledModel) -> bool:
        """Whether it is a run's, with LoRA matrices that can be taken out apart."""
        from gpt2studio.runs.adapter import has_adapter

        run = self._run_of(model)
        return run is not None and has_adapter(*run)

    def _write_adapter(self, model: InstalledModel, to: Path) -> Path:
        from gpt2studio.runs.adapter import export_adapter

        run = self._run_of(model)
        assert run is not None
        return export_adapter(*run, to)

    def _run_of(self, model: InstalledModel) -> "tuple[Checkpoint, Recipe] | None":
        """The checkpoint that it is, and the recipe of its run."""
        from gpt2studio.runs.checkpoints import list_checkpoints
        from gpt2studio.runs.registry import Runs

        if model.origin != RUN:
            return None
        run = Runs(self.places.runs).find(model.name)
        found = next((each for each in list_checkpoints(run.checkpoints) if each.path == model.path), None)
        return (found, run.recipe) if found is not None else None

    def verify(self, model: InstalledModel) -> Job:
        """Read every byte of a model."""

        def work(handle: Handle) -> str:
            from gpt2studio.library.verify import verify

            self.verdicts.pop(model.path, None)
            said = verify(model.path, self._shelf().elsewhere, handle.watch).sentence
            self.verdicts[model.path] = said
            return said

        return self.jobs.begin(Task("Verify", model.name, work, when_done=self._stale))

    def _stale(self) -> None:
        self.on_stale()

    # --- what was measured -------------------------------------------------------------------------------------------

    def measure(self) -> None:
        """Measure the memory's speed, in a thread: every day, and not while the machine is busy with other things."""
        from gpt2studio.library.speed import busy, measured_bandwidth

        if not busy():
            self.figures.note_bandwidth(measured_bandwidth())

    def note_engine(self, state: EngineState) -> None:
        """The engine has news: remember how long a model took to load."""
        loaded = state.loaded
        if loaded is None or state.choice is None or loaded is self._loaded:
            return
        model = self.of_path(state.choice.path)
        if model is not None:
            self._loaded = loaded
            self.figures.note_load(model, loaded.device, loaded.dtype, loaded.seconds)
            self.changed()

    def note_writing(self, path: Path, tokens: int, tokens_per_second: float) -> None:
        """A continuation has ended: remember how fast it came."""
        model = self.of_path(path)
        if model is not None and tokens >= _WORTH_NOTING and tokens_per_second > 0:
            self.figures.note_speed(model, tokens_per_second)
            self.changed()


def offer_again(asked: "Asked") -> "Offer":
    """What was asked for before."""
    from gpt2studio.library.stock import offer_of

    return offer_of(asked.model, asked.source, asked.revision)
