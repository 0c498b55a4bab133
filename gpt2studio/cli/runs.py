"""``gpt2studio runs``: list fine-tuning runs, follow and steer them, take their models out."""

import argparse
import json
from collections.abc import Callable
from datetime import datetime

from gpt2studio.cli.asking import confirmed
from gpt2studio.cli.run_lines import Printer
from gpt2studio.errors import NotFoundError, StudioError
from gpt2studio.paths import places
from gpt2studio.runs.checkpoints import list_checkpoints
from gpt2studio.runs.client import TrainerLine
from gpt2studio.runs.control import ChangeRate, EndRun, GoOn, Pause, SampleNow, SaveNow
from gpt2studio.runs.directory import RunDirectory
from gpt2studio.runs.export import export_run, import_run
from gpt2studio.runs.launch import Launch, follow, start
from gpt2studio.runs.progress import Progress
from gpt2studio.runs.queue import place_of
from gpt2studio.runs.registry import Runs
from gpt2studio.runs.standing import standing
from gpt2studio.runs.telling import stretch
from gpt2studio.wire.lines import to_plain
from gpt2studio.wire.messages import Request
from gpt2studio.wire.terminal import visible


def run(options: argparse.Namespace) -> int:
    """Do the action."""
    action = options.action or "list"
    if request := _request(options):
        return _ask(options, request)
    return _ACTIONS[action](options)


def _request(options: argparse.Namespace) -> Request | None:
    """What the trainer is asked for, where the action is that."""
    match options.action:
        case "pause":
            return Pause(id="1")
        case "stop":
            return EndRun(id="1")
        case "save":
            return SaveNow(id="1")
        case "sample":
            return SampleNow(id="1")
        case "rate":
            return ChangeRate(id="1", learning_rate=options.rate)
    return None


def _ask(options: argparse.Namespace, request: Request) -> int:
    run = _runs().find(options.run)
    with TrainerLine(run) as line:
        done = line.call(request)
    if options.action == "stop":
        # Stopped means saved: whoever asked may go on with the checkpoint at once.
        for _ in follow(run, lambda: run.alive):
            pass
    said = {"run": run.name, "action": options.action, "step": done.step}
    print(json.dumps(said) if options.json else f"{run.name}: {options.action} at step {done.step}.")
    return 0


def _resume(options: argparse.Namespace) -> int:
    """End a pause; start a trainer again that has ended."""
    run = _runs().find(options.run)
    if run.alive:
        return _ask(options, GoOn(id="1"))
    if run.progress().complete:
        raise StudioError(f"The run “{run.name}” is complete.", f"Train more: train --resume {run.name} --steps N")
    start(run, Launch(detach=True))
    print(json.dumps({"run": run.name, "action": "resume"}) if options.json else f"{run.name} goes on.")
    return 0


def _list(options: argparse.Namespace) -> int:
    records = [_listed(run) for run in _runs().all()]
    if options.json:
        for record in records:
            print(json.dumps(record))
    elif not records:
        print("No runs yet. Begin one: gpt2studio train my-novel.txt")
    else:
        _table(records)
    return 0


def _listed(run: RunDirectory) -> dict[str, object]:
    """The run's record; of one that cannot be read hardly more than its name, so that the others are still listed."""
    try:
        return _record(run, run.progress())
    except (StudioError, OSError):
        unknown = dict.fromkeys(("step", "steps", "loss", "held_out_loss", "best_step", "parent"))
        return {"name": run.name, "state": "damaged", **unknown, "path": str(run.path)}


def _record(run: RunDirectory, progress: Progress) -> dict[str, object]:
    best = progress.best
    return {
        "name": run.name,
        "state": _state(run, progress),
        "step": progress.step,
        "steps": progress.steps or run.recipe.schedule.steps,
        "loss": progress.loss,
        "held_out_loss": best.held_out_loss if best else None,
        "best_step": best.step if best else None,
        "parent": run.recipe.parent,
        "path": str(run.path),
    }


def _state(run: RunDirectory, progress: Progress) -> str:
    alive = run.alive
    return "waiting" if place_of(run) is not None and not alive else standing(progress, alive).value


def _table(records: list[dict[str, object]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=box.SIMPLE)
    table.add_column("Run")
    table.add_column("State")
    for heading in ("Step", "Loss", "Held out", "at"):
        table.add_column(heading, justify="right")
    table.add_column("From")
    for record in records:
        held_out, loss = record["held_out_loss"], record["loss"]
        table.add_row(
            escape(str(record["name"])),
            str(record["state"]),
            "" if record["step"] is None else f"{record['step']} of {record['steps']}",
            f"{loss:.2f}" if isinstance(loss, float) else "",
            f"{held_out:.2f}" if isinstance(held_out, float) else "",
            str(record["best_step"]) if record["best_step"] is not None else "",
            escape(str(record["parent"] or "")),
        )
    Console().print(table)


def _show(options: argparse.Namespace) -> int:
    run = _runs().find(options.run)
    progress = run.progress()
    record = _record(run, progress)
    checkpoints = list_checkpoints(run.checkpoints)
    if options.json:
        steps = [{"step": each.step, "held_out_loss": each.origin.held_out_loss} for each in checkpoints]
        copying = [to_plain(each) for each in progress.copying]
        print(json.dumps({**record, "checkpoints": steps, "copying": copying, "recipe": to_plain(run.recipe)}))
        return 0
    for name, value in record.items():
        shown = f"{value:.3f}" if isinstance(value, float) else "" if value is None else value
        print(f"{name:<14} {shown}")
    if progress.started:
        print(f"{'started':<14} {datetime.fromtimestamp(progress.started.time):%Y-%m-%d %H:%M}")
    for each in checkpoints:
        loss = "" if each.origin.held_out_loss is None else f"held out {each.origin.held_out_loss:.3f}"
        print(f"{'checkpoint':<14} {each.step} {loss}")
    for figure in progress.copying:
        longest = f"longest {figure.longest} tokens {visible(stretch(figure.text))}"
        print(f"{'copying':<14} {figure.step}: {figure.share:.0%} of 8-token stretches, {longest}")
    for sample in progress.samples[-1:]:
        print(f"\nAt step {sample.step}:\n{visible(sample.prompt + sample.text)}")
    return 0


def _watch(options: argparse.Namespace) -> int:
    run = _runs().find(options.run)
    printer = Printer(options.json)
    for event in follow(run, lambda: run.alive):
        printer.show(event)
    return 0


def _export(options: argparse.Namespace) -> int:
    runs = _runs()
    if options.format == "tar":
        path = export_run(runs.find(options.run.partition("@")[0]), options.to)
    elif runs.resolve(options.run) is None:
        raise NotFoundError(f"There is no run “{options.run}”.", "See: gpt2studio runs list")
    else:
        from gpt2studio.cli.exporting import exported

        path = exported(options.run, options)
    print(json.dumps({"path": str(path)}) if options.json else f"Written: {path}")
    return 0


def _import(options: argparse.Namespace) -> int:
    run = import_run(_runs(), options.path, options.name)
    print(json.dumps({"run": run.name, "path": str(run.path)}) if options.json else f"Taken in: {run.name}")
    return 0


def _remove(options: argparse.Namespace) -> int:
    runs = _runs()
    run = runs.find(options.run)
    count = len(list_checkpoints(run.checkpoints))
    words = f"Removing {run.name} takes {count} checkpoint{'' if count == 1 else 's'} and its samples from the disk."
    if not confirmed(words, "Remove it?", options.yes):
        return 0
    runs.remove(options.run)
    print(json.dumps({"run": options.run, "action": "remove"}) if options.json else f"Removed: {options.run}")
    return 0


def _runs() -> Runs:
    return Runs(places().runs)


_ACTIONS: dict[str, Callable[[argparse.Namespace], int]] = {
    "list": _list,
    "show": _show,
    "watch": _watch,
    "resume": _resume,
    "export": _export,
    "import": _import,
    "remove": _remove,
}
