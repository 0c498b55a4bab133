"""``gpt2studio train``: a new run, or one that goes on."""

import argparse
import contextlib
import json
import subprocess
import sys
from collections.abc import Sequence

from gpt2studio.cli.engine import settings_in_force
from gpt2studio.cli.parser import parse
from gpt2studio.cli.run_lines import Printer
from gpt2studio.errors import StudioError, UsageError
from gpt2studio.library.shelf import SHIPPED, Shelf
from gpt2studio.paths import places
from gpt2studio.runs import asked
from gpt2studio.runs.directory import RunDirectory
from gpt2studio.runs.events import to_json
from gpt2studio.runs.extend import extended
from gpt2studio.runs.launch import ENDING, Launch, end_of_log, follow, passing_on, start
from gpt2studio.runs.outcome import Outcome
from gpt2studio.runs.probe import probe
from gpt2studio.runs.recipe import Recipe
from gpt2studio.runs.registry import Runs
from gpt2studio.runs.sources import find_files

INTERRUPTED = 130


def run(options: argparse.Namespace) -> int:
    """Train."""
    runs = Runs(places().runs)
    if options.resume:
        _refuse([name for name in _given(options) if name not in _OF_A_RESUME])
        return _resume(runs.find(options.resume), options)
    if options.run and options.restore_from == "latest" and runs.taken(options.run):
        # The same command line may stand here each time, as in 2019; but what keeps nothing must not train.
        _refuse([name for name in _given(options) if name in ("probe", "no_start")])
        return _resume(runs.find(options.run), options)
    name = options.run or runs.free_name()
    recipe = recipe_of(options)
    if options.probe:
        return _probe(recipe, options)
    if name in {model.name for model in Shelf(places()).models()}:
        raise StudioError(f"There is a model “{name}” already.", "Choose another name for the run: --run NAME")
    find_files([*recipe.texts.paths, *recipe.texts.held_out_paths])  # a mistyped name makes no run
    run = runs.create(name, recipe)
    if options.no_start:
        _say_made(run, options)
        return 0
    return _launch(run, _how(options), options)


def recipe_of(options: argparse.Namespace) -> Recipe:
    """The recipe that the options make."""
    name = options.model or settings_in_force().model or SHIPPED
    model = Shelf(places(), runs=Runs(places().runs)).resolve(name)
    return asked.recipe_of(vars(options), [*options.texts, *options.dataset], model, name)


_OF_A_RESUME = ("resume", "steps", "micro_batch", "print_every", "detach", "json")
"""What can be said of a run that goes on; its recipe has all else."""


def _given(options: argparse.Namespace) -> list[str]:
    """The names of the options that differ from their defaults."""
    defaults = vars(parse(["train"]))
    return [name for name, value in vars(options).items() if value != defaults[name]]


def _refuse(names: Sequence[str]) -> None:
    """Raise UsageError for options that mean nothing to a run that goes on."""
    if names:
        said = sorted("DATASET" if name == "texts" else _flag(name) for name in names)
        known = map(_flag, _OF_A_RESUME[1:])
        raise UsageError(f"A run that goes on takes no {', '.join(said)}.", f"It takes: {', '.join(known)}.")


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _resume(run: RunDirectory, options: argparse.Namespace) -> int:
    launch = _how(options)
    if run.alive:
        if options.steps is not None or options.micro_batch is not None:
            raise StudioError(f"The run “{run.name}” is under way.", f"Stop it first: runs stop {run.name}")
        _say_under_way(run)
        return _watch(run, options, None, end_of_log(run))
    progress = run.progress()
    if options.steps is not None:
        extended(run, options.steps)
    elif progress.complete:
        assert progress.finished is not None
        Printer(options.json, options.print_every).show(progress.finished)
        return 0
    return _launch(run, launch, options)


def _how(options: argparse.Namespace) -> Launch:
    return Launch(detach=options.detach, micro_batch=options.micro_batch or 0)


def _launch(run: RunDirectory, launch: Launch, options: argparse.Namespace) -> int:
    offset = end_of_log(run)
    process = start(run, launch)
    if options.detach:
        _say_detached(run, options)
        return 0
    return _watch(run, options, process, offset)


def _say_under_way(run: RunDirectory) -> None:
    how = f"paused: gpt2studio runs resume {run.name}" if run.progress().paused else "under way already"
    print(f"The run “{run.name}” is {how}. This follows it; Ctrl+C leaves it alone.", file=sys.stderr)


def _say_detached(run: RunDirectory, options: argparse.Namespace) -> None:
    if options.json:
        print(json.dumps({"run": run.name, "path": str(run.path)}))
    else:
        print(f"The run “{run.name}” goes on in the background.")
        print(f"Follow it: gpt2studio runs watch {run.name}")


def _say_made(run: RunDirectory, options: argparse.Namespace) -> None:
    if options.json:
        print(json.dumps({"run": run.name, "path": str(run.path)}))
    else:
        print(f"The run “{run.name}” is made: {run.path}")
        print(f"Start it here with: gpt2studio train --resume {run.name}")


def _watch(
    run: RunDirectory, options: argparse.Namespace, process: "subprocess.Popen[bytes] | None", offset: int
) -> int:
    """Print what happens until the trainer ends; the exit status that its end asks for."""
    printer = Printer(options.json, options.print_every, run.progress() if offset else None)
    outcome = Outcome(run)
    # Without a trainer of ours Ctrl+C ends the watching.
    passed_on = passing_on(process, ENDING, _say_stopping) if process else contextlib.nullcontext(lambda: None)
    with passed_on as heed:
        for event in follow(run, lambda: run.alive if process is None else process.poll() is None, offset, heed):
            printer.show(event)
            outcome.add(event)
    return INTERRUPTED if outcome.told(process).reason == "interrupted" else 0


def _say_stopping() -> None:
    print("Stopping: a checkpoint is being saved. Once more: without.", file=sys.stderr)


def _probe(recipe: Recipe, options: argparse.Namespace) -> int:
    """Tell what the run would take, against what there is."""
    needs = probe(recipe, places().state)
    if options.json:
        print(json.dumps({**to_json(needs.probed), **needs.as_json()}))
    else:
        print("\n".join(needs.lines()))
    return 0
