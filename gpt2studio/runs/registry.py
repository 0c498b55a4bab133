"""All runs of a person: listed, found by name, made, taken away."""

import contextlib
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from gpt2studio.errors import NotFoundError, StudioError
from gpt2studio.files import move
from gpt2studio.formats.folder import written_folder
from gpt2studio.paths import fits_every_system
from gpt2studio.runs.checkpoints import Checkpoint, choose, last_resumable, list_checkpoints
from gpt2studio.runs.directory import RunDirectory
from gpt2studio.runs.recipe import Recipe, write_recipe

_NAME = re.compile(r"[\w][\w.\- ]*")


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A run that can be written with: its best checkpoint, in place."""

    name: str
    path: Path
    """The model directory."""
    step: int
    best: bool
    """Whether it has the lowest held-out loss; else it is the last."""


class Runs:
    """The runs in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self) -> list[RunDirectory]:
        """Every run, the newest first."""
        try:
            paths = [path for path in self.folder.iterdir() if (path / "recipe.json").is_file()]
        except OSError:
            return []
        paths.sort(key=lambda path: (path / "recipe.json").stat().st_mtime, reverse=True)
        return [RunDirectory(path) for path in paths if not path.name.startswith(".")]

    def find(self, name: str) -> RunDirectory:
        """The run of this name. Raises NotFoundError, with what there is."""
        run = RunDirectory(self.folder / name)
        if name and "/" not in name and not name.startswith(".") and run.recipe_path.is_file():
            return run
        known = ", ".join(each.name for each in self.all()) or "none yet"
        raise NotFoundError(f"There is no run “{name}”.", f"Runs: {known}.")

    def create(self, name: str, recipe: Recipe) -> RunDirectory:
        """A new run. Raises StudioError where the name is taken or cannot be one."""
        self.make_way(name)
        run = RunDirectory(self.folder / name)
        try:
            with written_folder(run.path) as part:
                write_recipe(RunDirectory(part).recipe_path, recipe)
        except StudioError:
            if run.recipe_path.exists():  # perhaps made at the same moment
                hint = "Choose another name, or go on with it: train --resume."
                raise StudioError(f"There is a run “{name}” already.", hint) from None
            raise
        return run

    def remove(self, name: str) -> None:
        """Take a run away for good. Raises StudioError where a trainer works on it, or another run needs it."""
        run = self.find(name)
        if run.alive:
            raise StudioError(f"The run “{name}” is under way.", f"Stop it first: runs stop {name}")
        self.require_unneeded(run.path, f"the run “{name}”")
        gone = run.path.with_name(f".{name}.gone")
        shutil.rmtree(gone, ignore_errors=True)
        move(run.path, gone)
        shutil.rmtree(gone, ignore_errors=True)

    def taken(self, name: str) -> bool:
        """Whether a new run cannot have this name. One that came to nothing does not stand in its way."""
        run = RunDirectory(self.folder / name)
        return run.path.exists() and not _came_to_nothing(run)

    def make_way(self, name: str) -> None:
        """Take away what came to nothing and has this name. Raises StudioError where the name cannot be a run's."""
        check_name(name)
        if _came_to_nothing(RunDirectory(self.folder / name)):
            self.remove(name)

    def free_name(self) -> str:
        """A name that a new run can have: ``run1``, else the next."""
        number = 1
        while self.taken(f"run{number}"):
            number += 1
        return f"run{number}"

    def trained_models(self) -> list[TrainedModel]:
        """Every run with a checkpoint, as a model of the run's name."""
        found = []
        for run in self.all():
            if chosen := choose(list_checkpoints(run.checkpoints), "best"):
                measured = chosen.origin.held_out_loss is not None
                found.append(TrainedModel(run.name, chosen.path, chosen.step, measured))
        return found

    def begun_from(self) -> set[Path]:
        """The models that the runs here begin from, which they may need again: a checkpoint of another run, perhaps."""
        found = set()
        for run in self.all():
            with contextlib.suppress(StudioError):
                found.add(Path(run.recipe.model).resolve())
        return found

    def require_unneeded(self, folder: Path, called: str) -> None:
        """Raise StudioError where runs need what lies in *folder*, a model or a run, where it lies; *called* so."""
        if needing := self.needing(folder):
            others = ", ".join(f"“{each}”" for each in needing)
            hint = f"Keep it as it is, or remove first what needs it: gpt2studio runs remove {needing[0]}"
            raise StudioError(f"Without {called}, from which they began, these runs cannot go on: {others}.", hint)

    def around(self, path: Path) -> RunDirectory | None:
        """The run here that *path*, a checkpoint's perhaps, is or lies in; None where it lies elsewhere."""
        place, folder = path.resolve(), self.folder.resolve()
        if place == folder or not place.is_relative_to(folder):
            return None
        return self.find(place.relative_to(folder).parts[0])

    def needing(self, folder: Path) -> list[str]:
        """The runs elsewhere that began from a model in this folder and cannot go on, or be resumed, without it."""
        found, place = [], folder.resolve()
        for other in self.all():
            with contextlib.suppress(StudioError):
                recipe = other.recipe
                # An adapter is laid over the model that it began from, each time anew.
                leans = recipe.optimization.trained == "lora" or not last_resumable(list_checkpoints(other.checkpoints))
                elsewhere = not other.path.resolve().is_relative_to(place)
                if leans and elsewhere and Path(recipe.model).resolve().is_relative_to(place):
                    found.append(other.name)
        return found

    def resolve(self, name: str) -> Checkpoint | None:
        """The checkpoint that ``RUN``, ``RUN@best``, ``RUN@last`` or ``RUN@STEP`` means; None where RUN is no run.

        Raises NotFoundError where the run is there and has no such checkpoint.
        """
        run_name, _, which = name.partition("@")
        run = RunDirectory(self.folder / run_name)
        if not run_name or "/" in run_name or run_name.startswith(".") or not run.recipe_path.is_file():
            return None
        checkpoints = list_checkpoints(run.checkpoints)
        if chosen := choose(checkpoints, which):
            return chosen
        steps = ", ".join(str(each.step) for each in checkpoints)
        if not steps:
            raise NotFoundError(f"The run “{run_name}” has no checkpoint yet.", "Wait for it to save one.")
        raise NotFoundError(f"The run “{run_name}” has no checkpoint “{which}”.", f"It has: best, last, {steps}.")


def _came_to_nothing(run: RunDirectory) -> bool:
    """Whether the run's trainer ended before its first step: its text could not be read, say, or it was interrupted."""
    if not run.recipe_path.is_file() or run.alive or run.waiting.exists() or list_checkpoints(run.checkpoints):
        return False
    progress = run.progress()
    return progress.started is not None and not progress.curve


def check_name(name: str) -> None:
    """Raise StudioError where a run cannot have this name on every system."""
    if not _NAME.fullmatch(name) or len(name) > 100 or not fits_every_system(name):
        raise StudioError(f"“{name}” cannot be a run's name.", "Use letters, digits, dashes and dots: sitcom-1")
