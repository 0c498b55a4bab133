"""Checkpoints: written beside and renamed into place, so that one that is seen is whole."""

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from gpt2studio.files import move, write_whole, written_whole
from gpt2studio.formats.huggingface import write_model
from gpt2studio.formats.safetensors import read_safetensors, write_safetensors
from gpt2studio.formats.shape import Shape
from gpt2studio.formats.tensor import StoredTensor
from gpt2studio.formats.vocabulary import Vocabulary
from gpt2studio.runs.checkpoints import (
    CARD,
    OPTIMIZER,
    STATE,
    Checkpoint,
    Origin,
    TrainerState,
    best,
    folder_name,
    list_checkpoints,
)
from gpt2studio.training.weights import loaded, to_store
from gpt2studio.wire.lines import to_plain

COMPLETE = 2
"""Of so many of the last checkpoints the optimizer's memory is kept; of older ones the model alone."""

_PART, _GONE = ".part", ".gone"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a checkpoint holds."""

    shape: Shape
    model: Mapping[str, Tensor]
    """The weights, by their names."""
    memory: Mapping[str, Tensor]
    """What it takes besides to go on: the optimizer's memory, and weights that are not in the model as such."""
    state: TrainerState
    origin: Origin
    vocabulary: Vocabulary


def save(folder: Path, snapshot: Snapshot) -> Path:
    """Write the checkpoint into this folder of checkpoints; its place.

    Raises OSError or StudioError where it cannot be written: those before it are whole, and nothing of it is left.
    """
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / folder_name(snapshot.state.step)
    part = folder / f".{place.name}{_PART}"
    try:
        shutil.rmtree(part, ignore_errors=True)
        stored = [to_store(name, tensor) for name, tensor in snapshot.model.items()]
        write_model(part, snapshot.shape, stored, snapshot.vocabulary.encoder, snapshot.vocabulary.merges)
        with written_whole(part / OPTIMIZER) as file:
            write_safetensors(file, [to_store(name, tensor) for name, tensor in snapshot.memory.items()], {})
        _write_json(part / STATE, snapshot.state)
        _write_json(part / CARD, replace(snapshot.origin, sha256=_digest(part / "model.safetensors")))
        _sync(part)
        if place.exists():
            _remove(place)
        move(part, place)
        _sync(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return place


def prune(folder: Path, step: int, last: int, needed: Container[Path] = ()) -> None:
    """Remove all but the best, so many of the last, and those *needed*; leave the older ones their model alone.

    *step* is where the run stands: what is left of later ones, from before it was resumed, is none of the last.
    What cannot be removed now, being open elsewhere perhaps, is left for the next time.
    """
    checkpoints = list_checkpoints(folder)
    chosen = best(checkpoints)
    checkpoints = [each for each in checkpoints if each.step <= step]
    for checkpoint in checkpoints[:-last]:
        if checkpoint != chosen and checkpoint.path.resolve() not in needed:
            with contextlib.suppress(OSError):
                _remove(checkpoint.path)
    for checkpoint in checkpoints[: -min(last, COMPLETE)]:
        # The state first: without it the rest counts for nothing.
        with contextlib.suppress(OSError):
            (checkpoint.path / STATE).unlink(missing_ok=True)
            (checkpoint.path / OPTIMIZER).unlink(missing_ok=True)


def clean(folder: Path, step: int, needed: Container[Path] = ()) -> None:
    """Remove what a killed trainer left half-done, and checkpoints after this step but for those *needed*.

    What cannot be removed is left.
    """
    for path in folder.glob(".*") if folder.is_dir() else ():
        if path.suffix in (_PART, _GONE):
            shutil.rmtree(path, ignore_errors=True)
    for checkpoint in list_checkpoints(folder):
        if checkpoint.step > step and checkpoint.path.resolve() not in needed:
            with contextlib.suppress(OSError):
                _remove(checkpoint.path)


def read_memory(checkpoint: Checkpoint, device: torch.device) -> dict[str, Tensor]:
    """What the checkpoint holds besides the model, copied."""
    return {name: loaded(each, device) for name, each in read_safetensors(checkpoint.path / OPTIMIZER).items()}


def size(path: Path) -> int:
    """Bytes that the checkpoint takes."""
    return sum(file.stat().st_size for file in path.iterdir())


def weights_digest(tensors: Sequence[StoredTensor]) -> str:
    """The sha256 of the weights as they are stored, in their order."""
    hasher = hashlib.sha256()
    for tensor in tensors:
        hasher.update(tensor.data)
    return hasher.hexdigest()


def _remove(path: Path) -> None:
    """Rename, then delete: a half-deleted checkpoint is never seen."""
    gone = path.with_name(f".{path.name}{_GONE}")
    shutil.rmtree(gone, ignore_errors=True)
    path.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


def _write_json(path: Path, record: object) -> None:
    write_whole(path, json.dumps(to_plain(record), indent=1).encode() + b"\n")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(folder: Path) -> None:
    """Have the folder's own entries on disk, where the system lets one ask for that."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
