"""A new run's way from the form to a trainer, or into the queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gpt2studio.app.common.wording import counted, size
from gpt2studio.app.engine.model_choice import Kind, ModelChoice
from gpt2studio.app.train.new.draft import FieldFault
from gpt2studio.app.train.new.fields import NAME, STEPS
from gpt2studio.errors import StudioError
from gpt2studio.library.installed import InstalledModel
from gpt2studio.library.shelf import SHIPPED
from gpt2studio.paths import PACKAGE, shipped
from gpt2studio.runs.extend import extended
from gpt2studio.runs.launch import Launch, start
from gpt2studio.runs.machine import free_disk
from gpt2studio.runs.queue import Queue
from gpt2studio.runs.recipe import Recipe
from gpt2studio.runs.registry import Runs, check_name

EXAMPLE = PACKAGE / "examples" / "pier-nine.txt"
"""The text that a newcomer's first run learns from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A run that is to begin."""

    name: str
    recipe: Recipe
    latest: bool
    """Whether the run of this name is to go on, if it is there."""
    more: int | None = None
    """Of one that goes on: how many more steps."""
    after: bool = False
    """Whether it waits until the others have ended."""


def begin(runs: Runs, order: Order) -> str:
    """Have the run begin, go on or wait; its name. Raises StudioError where it cannot."""
    try:
        if order.latest and is_there(order.name, runs):
            run = runs.find(order.name)
            if run.alive:
                raise FieldFault(NAME, f"The run “{order.name}” is under way.", "Watch it, or choose another name.")
            if order.more is not None:
                extended(run, order.more)
            elif run.progress().complete:
                raise FieldFault(STEPS, f"The run “{order.name}” is complete.", "Say here how many more steps.")
        else:
            run = runs.create(order.name, order.recipe)
        if order.after:
            Queue(runs).add(run)
        else:
            Queue(runs).take_out(run)
            start(run, Launch(detach=True))
    except OSError as error:
        raise StudioError(
            f"The run cannot be begun in {runs.folder}: {error.strerror or error}.",
            f"{size(free_disk(runs.folder))} are free there. Make room, or look at the folder's permissions.",
        ) from None
    return order.name


def is_there(name: str, runs: Runs) -> bool:
    """Whether a run of this name stands there; of one that cannot be a run's there is none."""
    try:
        check_name(name)
    except StudioError:
        return False
    return runs.taken(name)


def check_free(name: str, runs: Runs, models: Sequence[InstalledModel], *, latest: bool) -> None:
    """Raise FieldFault where a run cannot be given this name."""
    if is_there(name, runs):
        if not latest:
            raise FieldFault(NAME, f"There is a run “{name}” already.", "Choose another name, or Start from: latest.")
    elif name.casefold() in {model.name.casefold() for model in models}:
        raise FieldFault(NAME, f"There is a model “{name}” already.", "Choose another name.")


def check_disk(recipe: Recipe, parameters: int, runs: Runs) -> None:
    """Raise StudioError where not even one checkpoint would fit on the disk."""
    # Weights, and AdamW's two numbers for each: what a LoRA or an SGD run saves is less.
    needed = (
        4 * parameters * (3 if (recipe.optimization.trained, recipe.optimization.optimizer) == ("all", "adamw") else 1)
    )
    if needed > (there := free_disk(runs.folder)):
        raise StudioError(
            f"There is no room for a checkpoint: it takes {size(needed)}, and {size(there)} are free.",
            f"Make room where {runs.folder} lies.",
        )


def model_for(choice: ModelChoice | None, runs: Runs) -> tuple[str, Path]:
    """The model that a new run begins from unless a person says otherwise: the one that writes, if it has weights.

    Where a run is written with, to see what has become of it, it is the one that the run began from.
    """
    usual = SHIPPED, shipped("models") / SHIPPED
    if choice is None or choice.kind is Kind.STITCHED:
        return usual
    try:
        run = runs.around(choice.path)
        if run is None:
            return choice.name, choice.path
        recipe = run.recipe
    except StudioError:  # it is gone by now, or damaged
        return usual
    return (recipe.parent, Path(recipe.model)) if Path(recipe.model).exists() else usual


def texts_in_words(paths: Sequence[str]) -> str:
    """The texts in a few cells: a name, or how many."""
    if len(paths) == 1:
        return Path(paths[0]).name or paths[0]
    return f"{counted(len(paths), 'text')}: {', '.join(Path(path).name for path in paths)}" if paths else ""
