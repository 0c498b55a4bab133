"""``gpt2studio bench``: how fast a model writes here, beside others in the same run."""

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from gpt2studio.cli.engine import Held, held_model, load_request
from gpt2studio.cli.streams import on_last_line
from gpt2studio.errors import StudioError, UsageError
from gpt2studio.programs import own
from gpt2studio.wire.messages import STITCH, Continue, Started, Token

PEER = own("gpt2studio.engine.transformers_peer")
"""The command that measures transformers."""

_WORDS = ("king", "far", "country", "rode", "out", "his", "three", "sons", "look", "bird", "sang", "night", "house")


@dataclass(frozen=True, slots=True)
class Task:
    """Something to be measured."""

    label: str
    rows: int
    prompt: int
    """Tokens, about."""
    tokens: int
    """To go on with."""
    figure: Callable[["Measured"], float]
    unit: str


@dataclass(frozen=True, slots=True)
class Measured:
    """How fast it was."""

    prompt: int
    first: float
    """Seconds until the first token."""
    tokens_per_second: float


TASKS = (
    Task("first token", 1, 16, 1, lambda each: 1000 * each.first, "ms"),
    Task("1 row", 1, 16, 64, lambda each: each.tokens_per_second, "tokens/s"),
    Task("8 rows", 8, 16, 32, lambda each: each.tokens_per_second, "tokens/s"),
    Task("prompt", 1, 512, 1, lambda each: each.prompt / each.first, "tokens/s"),
)

Runner = Callable[[Task], Measured]


def run(options: argparse.Namespace) -> int:
    """Measure and tell."""
    if options.against and find_spec("transformers") is None:
        raise StudioError("transformers is not installed.", "pip install transformers, or leave out --against.")
    if options.rounds < 1:
        raise UsageError("There is nothing to measure in no rounds.", "Give --rounds 1 or more.")
    report = asyncio.run(_bench(options))
    print(json.dumps(report) if options.json else _table(report))
    return 0


async def _bench(options: argparse.Namespace) -> dict[str, Any]:
    async with held_model(load_request(options, "load")) as held:
        loaded = held.loaded
        theirs = options.against_dtype or {"int8": "float32"}.get(loaded.dtype, loaded.dtype)
        peer = _Peer(loaded.model, theirs, loaded.device) if options.against else None
        figures: dict[str, dict[str, list[float]]] = {}
        try:
            for number in range(options.rounds + 1):  # the first warms everything up, and does not count
                for task in (_fitting(task, loaded.n_positions) for task in TASKS):
                    on_last_line(f"{task.label}, round {number} of {options.rounds}")
                    runs = {"gpt2studio": await _ours(held, task, number)}
                    if peer is not None:
                        prompt = min(runs["gpt2studio"].prompt, loaded.n_positions - task.tokens - 1)
                        runs["transformers"] = await asyncio.to_thread(peer.measure, task, prompt)
                    for name, measured in runs.items():
                        if number:
                            figures.setdefault(name, {}).setdefault(task.label, []).append(task.figure(measured))
        finally:
            on_last_line()
            if peer is not None:
                peer.close()
        return {
            "model": Path(loaded.model).name,
            "device": loaded.device,
            "dtype": loaded.dtype,
            **({"against_dtype": theirs} if options.against else {}),
            "rounds": options.rounds,
            "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
            "units": {task.label: task.unit for task in TASKS},
            **{
                name: {label: round(statistics.median(values), 2) for label, values in taken.items()}
                for name, taken in figures.items()
            },
        }


def _fitting(task: Task, n_positions: int) -> Task:
    """The task, small enough for the window."""
    return replace(task, prompt=min(task.prompt, n_positions // 2), tokens=min(task.tokens, n_positions // 4))


async def _ours(held: Held, task: Task, number: int) -> Measured:
    """The engine at this task; no two prompts begin alike, so that nothing of one is known from another."""
    dice = random.Random(f"{number} {task.label}")
    request = Continue(
        id=held.engine.new_id(),
        text=" ".join(dice.choices(_WORDS, k=task.prompt)),
        candidates=task.rows,
        length=task.tokens + 1,
        stop_at_end=False,
        heal=False,
        seed=number,
    )
    began = time.perf_counter()
    first = last = began
    seen = tokens = 0
    async for answer in held.engine.ask(request):
        if isinstance(answer, Started):
            seen = answer.window_tokens
        elif isinstance(answer, Token):
            last = time.perf_counter()
            first = first if tokens else last
            tokens += 1
    return Measured(seen, first - began, (tokens - 1) / (last - first) if tokens > 1 else 0.0)


class _Peer:
    """transformers in a process of its own, which computes only while it is asked."""

    def __init__(self, model: str, dtype: str, device: str) -> None:
        if model.startswith(STITCH) or not (Path(model) / "config.json").is_file():
            raise StudioError("transformers cannot open this model.", "Import it first: gpt2studio models import PATH")
        self._child = subprocess.Popen(
            [*PEER, model, dtype, device], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self._answer()

    def measure(self, task: Task, prompt: int) -> Measured:
        """It at this task, after a prompt of so many tokens."""
        assert self._child.stdin is not None
        asked = {"rows": task.rows, "prompt": prompt, "tokens": task.tokens}
        self._child.stdin.write(json.dumps(asked).encode() + b"\n")
        self._child.stdin.flush()
        return Measured(prompt, **self._answer())

    def close(self) -> None:
        """Let it go."""
        self._child.kill()
        self._child.communicate()

    def _answer(self) -> dict[str, float]:
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        if not line:
            _, complaints = self._child.communicate()
            last = complaints.decode("utf-8", "replace").strip().rpartition("\n")[2]
            raise StudioError(f"transformers has ended: {last}", "Leave out --against, or check its installation.")
        found: dict[str, float] = json.loads(line)
        return found


def _table(report: dict[str, Any]) -> str:
    """The figures side by side, and by how much the first is ahead."""
    names = [name for name in ("gpt2studio", "transformers") if name in report]
    types = [report.get("dtype", ""), report.get("against_dtype", "")]
    rows = [["", *names, *(["ahead"] if len(names) > 1 else [])]]
    if len(names) > 1:
        rows.append(["number type", *types])
    for label, unit in report["units"].items():
        values = [report[name][label] for name in names]
        row = [f"{label}, {unit}", *(f"{value:,.1f}" for value in values)]
        if len(values) > 1:
            ratio = values[1] / values[0] if unit == "ms" else values[0] / values[1]
            row.append(f"{ratio:.1f}×")
        rows.append(row)
    load = f", load {report['load']}" if report["load"] is not None else ""
    head = f"{report['model']} · {report['device']} · {report['dtype']} · median of {report['rounds']} rounds{load}"
    return "\n".join([head, *map(_line, rows)])


def _line(cells: Sequence[str]) -> str:
    return f"{cells[0]:<22}" + "".join(f"{cell:>14}" for cell in cells[1:])
