"""The checkpoints of a run: model directories that any tool can load, with all that it takes to go on from them."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any

from gpt2studio.errors import FormatError, NotFoundError, WireError
from gpt2studio.wire.lines import build

STATE, OPTIMIZER, CARD = "trainer.json", "trainer.safetensors", "studio.json"

_NAME = re.compile(r"step-(\d{6,})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a checkpoint came from: its ``studio.json``."""

    parent: str = ""
    """The name by which the model that the run started from was called."""
    parent_sha256: str = ""
    """Of that model's weights, as float32."""
    run: str = ""
    step: int = 0
    data: str = ""
    """The digest of the tokens that it learned from."""
    held_out_loss: float | None = None
    """Its own, where it was measured at this step."""
    best: bool = False
    """Whether that was the run's lowest until then."""
    sha256: str = ""
    """Of ``model.safetensors``."""
    created: float = 0.0
    """Seconds since 1970."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainerState:
    """What a trainer goes on from, the weights and the optimizer's memory apart: its ``trainer.json``.

    The draws of windows, noise and dropout follow from the recipe's seed and the step alone.
    """

    step: int
    loss: float | None = None
    seconds: float = 0.0
    """Of training so far, pauses left out."""
    micro_batch: int
    checkpointing: bool = False
    rate_factor: float = 1.0
    """What a person made of the learning rate."""
    best_loss: float | None = None
    best_step: int = 0
    worse: int = 0
    """How many held-out losses in a row were no better than the best."""
    scale: float = 0.0
    """Of float16 gradients."""
    scale_age: int = 0
    """Steps since that scale last changed."""
    optimizer: dict[str, Any] = field(default_factory=dict)
    """What must be the same for the optimizer's memory to fit."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One checkpoint as it lies on disk: whole, since it is renamed into its place."""

    path: Path
    step: int
    origin: Origin

    @property
    def resumable(self) -> bool:
        """Whether a run can go on from it exactly; of older ones only the model is kept."""
        return (self.path / STATE).is_file() and (self.path / OPTIMIZER).is_file()


def folder_name(step: int) -> str:
    """The name of the checkpoint of this step."""
    return f"step-{step:06d}"


def list_checkpoints(folder: Path) -> list[Checkpoint]:
    """Every checkpoint in the folder, by step; none where there is no such folder."""
    found = []
    try:
        paths = list(folder.iterdir())
    except OSError:
        return []
    for path in paths:
        if match := _NAME.fullmatch(path.name):
            found.append(Checkpoint(path, int(match[1]), read_origin(path)))
    return sorted(found, key=lambda each: each.step)


def best(checkpoints: Sequence[Checkpoint]) -> Checkpoint | None:
    """The one with the lowest held-out loss, else the last."""
    measured = [each for each in checkpoints if each.origin.held_out_loss is not None]
    if measured:
        return min(measured, key=lambda each: each.origin.held_out_loss or 0.0)
    return checkpoints[-1] if checkpoints else None


def last_resumable(checkpoints: Sequence[Checkpoint]) -> Checkpoint | None:
    """The one to go on from."""
    return next((each for each in reversed(checkpoints) if each.resumable), None)


def going_on(checkpoints: Sequence[Checkpoint], run: str) -> Checkpoint | None:
    """The one that *run* goes on from; None where it begins. Raises NotFoundError where only models are left of it."""
    last = last_resumable(checkpoints)
    if last is None and checkpoints:
        steps = ", ".join(f"{each.step:,}" for each in checkpoints)
        raise NotFoundError(
            f"The run “{run}” cannot go on: only models are left, of step {steps}.",
            f"Begin a new run from one: gpt2studio train --model {run}@{checkpoints[-1].step}",
        )
    return last


def choose(checkpoints: Sequence[Checkpoint], which: str) -> Checkpoint | None:
    """The checkpoint that ``best``, ``last`` or a step's number means; None where there is none such."""
    if which in ("", "best"):
        return best(checkpoints)
    if which == "last":
        return checkpoints[-1] if checkpoints else None
    return next((each for each in checkpoints if which.isdecimal() and each.step == int(which)), None)


def read_origin(path: Path) -> Origin:
    """The checkpoint's card; an empty one where it has none that can be read."""
    try:
        origin: Origin = build(Origin, json.loads((path / CARD).read_bytes()))
    except (OSError, ValueError, WireError):
        return Origin()
    return origin


def read_state(path: Path) -> TrainerState:
    """The trainer's state in a checkpoint. Raises NotFoundError or FormatError."""
    try:
        state: TrainerState = build(TrainerState, json.loads((path / STATE).read_bytes()))
    except FileNotFoundError:
        raise NotFoundError(f"{path} has only a model to go on from.", "Start a new run from it.") from None
    except (OSError, ValueError, WireError):
        raise FormatError(f"{path / STATE} is damaged.", _without(path)) from None
    return state


def _without(path: Path) -> str:
    """What can be done without the checkpoint there."""
    before = last_resumable([*takewhile(lambda each: each.path != path, list_checkpoints(path.parent))])
    if before is not None:
        return f"Remove {path}: step {before.step:,} is gone on from then."
    return f"No other can be gone on from. Begin a new run from its model: gpt2studio train --model {path}"
