"""``gpt2studio train``: a new run, or one that goes on."""

import argparse
import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

from gpt2studio.cli.run_lines import Printer
from gpt2studio.errors import StudioError
from gpt2studio.library.shelf import SHIPPED, Shelf
from gpt2studio.paths import places
from gpt2studio.runs.directory import RunDirectory
from gpt2studio.runs.events import Failed, Finished, to_json
from gpt2studio.runs.extend import extended
from gpt2studio.runs.launch import Launch, end_of_log, follow, last_words, start, was_killed
from gpt2studio.runs.probe import probe
from gpt2studio.runs.recipe import Computing, Keeping, Optimization, Recipe, Samples, Schedule, Texts
from gpt2studio.runs.registry import Runs
from gpt2studio.settings import read_settings

INTERRUPTED = 130


def run(options: argparse.Namespace) -> int:
    """Train."""
    runs = Runs(places().runs)
    if options.resume:
        return _resume(runs.find(options.resume), options)
    if (
        options.run
        and options.restore_from == "latest"
        and RunDirectory(runs.folder / options.run).recipe_path.exists()
    ):
        return _resume(runs.find(options.run), options)
    name = options.run or runs.free_name()
    recipe = recipe_of(options)
    if options.probe:
        return _probe(recipe, options)
    if name in {model.name for model in Shelf(places()).models()}:
        raise StudioError(f"There is a model “{name}” already.", "Choose another name for the run: --run NAME")
    return _launch(runs.create(name, recipe), options)


def recipe_of(options: argparse.Namespace) -> Recipe:
    """The recipe that the options make."""
    settings, _ = read_settings(places().settings)
    name = options.model or settings.model or SHIPPED
    model = Shelf(places(), runs=Runs(places().runs)).resolve(name)
    texts = [*options.texts, *options.dataset]
    if not texts:
        raise StudioError("There is nothing to learn from.", "Name a text: gpt2studio train my-novel.txt")
    trained = "lora" if options.lora else "layers" if options.only_train_transformer_layers else None
    return Recipe(
        model=str(model.absolute()),
        parent=name,
        texts=Texts(
            paths=_absolute(texts),
            held_out_paths=_absolute(options.val_dataset),
            header=not options.no_header,
            lines=options.lines,
            **_given(options, "encoding", "column", "separator", "held_out"),
        ),
        optimization=Optimization(
            **_given(options, "learning_rate", "schedule", "warmup", "weight_decay", "clip", "dropout", "noise"),
            **_some(trained=trained, lora_rank=options.lora),
            **_some(optimizer="adamw" if options.optimizer == "adam" else options.optimizer),
            **_some(accumulation="sum" if options.sum_gradients else None),
        ),
        schedule=Schedule(
            **_given(options, "steps", "epochs", "minutes", "patience", "batch_size", "window", "windows"),
            **_some(
                accumulate=options.accumulate_gradients,
                held_out_every=options.val_every,
                held_out_windows=options.val_batch_count,
            ),
        ),
        samples=_samples(options),
        keeping=Keeping(**_some(every=options.save_every, last=options.keep)),
        computing=Computing(
            checkpointing=options.memory_saving_gradients,
            **_given(options, "device", "dtype", "threads", "processes", "micro_batch"),
        ),
        **_given(options, "seed"),
    )


def _samples(options: argparse.Namespace) -> Samples:
    samples = Samples(
        **_some(
            every=options.sample_every,
            length=options.sample_length,
            count=options.sample_num,
            prompts=tuple(options.prompt) if options.prompt else None,
        )
    )
    return replace(samples, sampling=replace(samples.sampling, **_given(options, "temperature", "top_k", "top_p")))


def _given(options: argparse.Namespace, *names: str) -> dict[str, Any]:
    return _some(**{name: getattr(options, name) for name in names})


def _some(**values: Any) -> dict[str, Any]:
    """The values that were given; what was not is left to its default."""
    return {name: value for name, value in values.items() if value is not None}


def _absolute(names: list[str]) -> tuple[str, ...]:
    return tuple(str(Path(name).expanduser().absolute()) for name in names)


def _resume(run: RunDirectory, options: argparse.Namespace) -> int:
    if run.alive:
        return _watch(run, options, None, end_of_log(run))
    progress = run.progress()
    if options.steps is not None:
        extended(run, options.steps)
    elif progress.complete:
        assert progress.finished is not None
        Printer(options.json, options.print_every).show(progress.finished)
        return 0
    return _launch(run, options)


def _launch(run: RunDirectory, options: argparse.Namespace) -> int:
    offset = end_of_log(run)
    process = start(run, Launch(detach=options.detach, micro_batch=options.micro_batch or 0))
    if options.detach:
        _say_detached(run, options)
        return 0
    return _watch(run, options, process, offset)


def _say_detached(run: RunDirectory, options: argparse.Namespace) -> None:
    if options.json:
        print(json.dumps({"run": run.name, "path": str(run.path)}))
    else:
        print(f"The run “{run.name}” goes on in the background.")
        print(f"Follow it: gpt2studio runs watch {run.name}")


def _watch(
    run: RunDirectory, options: argparse.Namespace, process: "subprocess.Popen[bytes] | None", offset: int
) -> int:
    """Print what happens until the trainer ends; the exit status that its end asks for."""
    printer = Printer(options.json, options.print_every, run.progress() if offset else None)
    finished: Finished | None = None
    failed: Failed | None = None
    with _passing_on_signals(process):
        for event in follow(run, lambda: run.alive if process is None else process.poll() is None, offset):
            printer.show(event)
            finished = event if isinstance(event, Finished) else finished
            failed = event if isinstance(event, Failed) else failed
    if finished is None:
        raise _obituary(run, process)
    if failed is not None:
        raise StudioError(failed.message, failed.hint)
    if finished.reason == "diverged":
        raise StudioError("The loss is no number any more: the weights were about to be ruined.", _LOWER)
    return INTERRUPTED if finished.reason == "interrupted" else 0


_LOWER = "The last good state is saved. Start anew with a lower --learning-rate."


def _obituary(run: RunDirectory, process: "subprocess.Popen[bytes] | None") -> StudioError:
    """What became of a trainer that did not say how it ended."""
    again = f"gpt2studio train --resume {run.name}"
    if process is None or was_killed(process):
        size = max(1, (run.recipe.schedule.batch_size or 2) // 2)
        return StudioError(
            "The trainer was killed, by the system for want of memory perhaps.",
            f"Its last checkpoint is whole. Go on with half as much at once: {again} --micro-batch {size}",
        )
    return StudioError(f"The trainer ended: {last_words(run) or 'it said nothing'}", f"See {run.output}. Then: {again}")


@contextlib.contextmanager
def _passing_on_signals(process: "subprocess.Popen[bytes] | None") -> Iterator[None]:
    """Ctrl+C ends the trainer, which saves first; here it is awaited. Without one of ours it ends the watching."""
    if process is None:
        yield
        return

    def passed_on(number: int, frame: FrameType | None) -> None:
        print("Stopping: a checkpoint is being saved. Once more: without.", file=sys.stderr)
        process.send_signal(number)

    names = [name for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {name: signal.signal(getattr(signal, name), passed_on) for name in names}
    try:
        yield
        process.wait()
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)


def _probe(recipe: Recipe, options: argparse.Namespace) -> int:
    """Tell what the run would take, against what there is."""
    needs = probe(recipe, places().state)
    if options.json:
        print(json.dumps({**to_json(needs.probed), **needs.as_json()}))
    else:
        print("\n".join(needs.lines()))
    return 0
