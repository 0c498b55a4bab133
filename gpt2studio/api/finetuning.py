"""Fine-tuning from a notebook: the same runs as the command line's and the app's."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gpt2studio.api.generating import let_go
from gpt2studio.api.lines import Lines
from gpt2studio.errors import StudioError, UsageError
from gpt2studio.library.shelf import SHIPPED, Shelf
from gpt2studio.paths import places
from gpt2studio.runs import asked
from gpt2studio.runs.directory import RunDirectory
from gpt2studio.runs.extend import extended
from gpt2studio.runs.launch import Launch, end_of_log, follow, passing_on, start
from gpt2studio.runs.outcome import Outcome
from gpt2studio.runs.registry import Runs
from gpt2studio.settings import read_settings

_RENAMED = {"max_checkpoints": "keep", "use_memory_saving_gradients": "memory_saving_gradients"}
"""Names of gpt-2-simple beside those of the command line."""


@dataclass(frozen=True, slots=True)
class Trained:
    """What a run has come to."""

    run_name: str
    step: int
    loss: float | None
    """Of the last step."""
    held_out_loss: float | None
    """The lowest on the held-out text."""
    reason: str
    """Why it ended: ``steps``, ``early stop``, ``interrupted`` …"""
    path: Path
    """The run's directory, its checkpoints among the rest."""


def finetune(
    dataset: str | Path | Sequence[str | Path],
    steps: int | None = None,
    model_name: str | None = None,
    *,
    restore_from: str = "latest",
    run_name: str = "run1",
    learning_rate: float | None = None,
    print_every: int = 1,
    sample_every: int | None = None,
    save_every: int | None = None,
    **more: Any,
) -> Trained:
    """Train a model on texts (files, folders, patterns), printing as the tools of 2019 did, until all steps are done.

    *steps* None or -1: as many as suit the text; the learning rate follows the model's size. *model_name* is any
    model that is installed, or a path; None: the setting, else the one that ships. Where the run is there already,
    ``latest`` goes on with it for *steps* more, its other settings as they were; ``fresh`` refuses.

    *more*: any option of ``gpt2studio train`` by its name (``batch_size=2``, ``lora=8``, ``val_dataset=["b.txt"]``).
    Interrupting saves a checkpoint and returns; calling again goes on. Raises StudioError where it cannot be done.
    """
    if restore_from not in ("latest", "fresh"):
        raise UsageError(f"“{restore_from}” is nothing to restore from.", "latest or fresh; model_name='run1@500', say")
    steps = None if steps == -1 else steps
    wanted = _known({_RENAMED.get(name, name): value for name, value in more.items()}) | {
        "steps": steps,
        "learning_rate": learning_rate,
        "sample_every": sample_every,
        "save_every": save_every,
    }
    run = _taken_up(dataset, model_name, run_name, restore_from, wanted)
    let_go()  # the memory of a model that was written with is for training now
    return _followed(run, print_every)


def _taken_up(
    dataset: Any, model_name: str | None, run_name: str, restore_from: str, wanted: dict[str, Any]
) -> RunDirectory:
    """The run, there already or new."""
    here = places()
    runs = Runs(here.runs)
    run = RunDirectory(here.runs / run_name)
    if restore_from == "latest" and runs.taken(run_name):
        if run.alive:
            raise StudioError(f"A trainer works on “{run_name}” already.", f"gpt2studio runs stop {run_name}")
        if wanted["steps"] is not None:
            extended(run, wanted["steps"])
        elif run.progress().complete:
            raise StudioError(f"The run “{run_name}” is complete.", "Give steps: so many more are trained.")
        return run
    settings, _ = read_settings(here.settings)
    name = model_name or settings.model or SHIPPED
    shelf = Shelf(here, runs=runs)
    texts = [str(each) for each in ([dataset] if isinstance(dataset, str | Path) else dataset)]
    recipe = asked.recipe_of(wanted, texts, shelf.resolve(name), name)
    if run_name in {model.name for model in shelf.models()}:
        raise StudioError(f"There is a model “{run_name}” already.", "Choose another run_name.")
    return runs.create(run_name, recipe)


def _followed(run: RunDirectory, print_every: int) -> Trained:
    """Start a trainer on the run, and print what happens until it ends."""
    offset = end_of_log(run)
    lines = Lines(print_every, run.progress() if offset else None)
    outcome = Outcome(run)
    process = start(run, Launch())
    with passing_on(process, ("SIGINT",), _say_stopping) as heed:
        for event in follow(run, lambda: process.poll() is None, offset, heed):
            lines.show(event)
            outcome.add(event)
    finished, best = outcome.told(process), run.progress().best
    return Trained(
        run_name=run.name,
        step=finished.step,
        loss=finished.loss,
        held_out_loss=best.held_out_loss if best else None,
        reason=finished.reason,
        path=run.path,
    )


def _say_stopping() -> None:
    print("Stopping: a checkpoint is being saved.", flush=True)


def _known(more: dict[str, Any]) -> dict[str, Any]:
    """Raise UsageError for an argument that means nothing, with the nearest that does."""
    for name in more:
        if name not in asked.NAMES:
            near = difflib.get_close_matches(name, sorted(asked.NAMES), 1)
            raise UsageError(
                f"finetune knows no “{name}”.", f"Perhaps {near[0]}?" if near else "See: gpt2studio train -h"
            )
    return more
