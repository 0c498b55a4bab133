"""Runs and their models taken elsewhere: as a model's folder, or the whole run in one file."""

import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from gpt2studio.errors import FormatError, NotFoundError, StudioError
from gpt2studio.formats.checkpoint import Checkpoint as Stored
from gpt2studio.formats.checkpoint import open_checkpoint
from gpt2studio.formats.huggingface import write_model
from gpt2studio.formats.tensor import StoredTensor
from gpt2studio.formats.tensorflow_write import write_openai
from gpt2studio.runs.checkpoints import CARD, Checkpoint
from gpt2studio.runs.directory import RunDirectory
from gpt2studio.runs.registry import Runs, check_name

_LEFT_OUT = ("lock", "control.json")
"""What belongs to a living trainer."""


def export_model(checkpoint: Checkpoint, to: Path, form: str, dtype: str) -> Path:
    """Write the checkpoint's model into a new folder, as ``huggingface`` or ``openai`` lay it out; the folder.

    Raises StudioError where the folder is there already or cannot be written.
    """
    stored = open_checkpoint(checkpoint.path)
    tensors = list(_converted(stored, dtype))
    if form == "openai":
        write_openai(to, stored.shape, tensors, stored.vocabulary)
        return to
    write_model(to, stored.shape, tensors, stored.vocabulary.encoder, stored.vocabulary.merges)
    # Where it came from goes with it; what the trainer would need does not.
    shutil.copyfile(checkpoint.path / CARD, to / CARD)
    return to


def export_run(run: RunDirectory, to: Path) -> Path:
    """Write the whole run into one ``.tar`` file, to go on with elsewhere; the file."""
    path = to if to.suffix == ".tar" else to.with_name(f"{to.name}.tar")
    if path.exists():
        raise StudioError(f"{path} is already there.", "Choose another name.")
    part = path.with_name(f".{path.name}.part")
    try:
        with tarfile.open(part, "w") as archive:
            archive.add(run.path, arcname=run.name, filter=_kept)
        part.replace(path)
    except OSError as error:
        raise StudioError(f"{path} cannot be written: {error.strerror}.", "Check the disk and the folder.") from None
    finally:
        part.unlink(missing_ok=True)
    return path


def import_run(runs: Runs, path: Path, name: str | None) -> RunDirectory:
    """Take in a run from a ``.tar`` file. Raises StudioError where it holds none, or the name is taken."""
    runs.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=runs.folder, prefix=".import-") as folder:
        _unpack(path, Path(folder))
        found = [each for each in Path(folder).iterdir() if (each / "recipe.json").is_file()]
        if len(found) != 1:
            raise FormatError(f"{path} holds no run.", "Give a file made by: gpt2studio runs export RUN --format tar")
        name = name or found[0].name
        check_name(name)
        place = RunDirectory(runs.folder / name)
        if place.path.exists():
            raise StudioError(f"There is a run “{name}” already.", "Give the new one another name: --name NAME")
        found[0].rename(place.path)
    return place


def _unpack(path: Path, folder: Path) -> None:
    try:
        with tarfile.open(path) as archive:
            archive.extractall(folder, filter="data")
    except FileNotFoundError:
        raise NotFoundError(f"There is no file {path}.", "Check the path.") from None
    except (tarfile.TarError, OSError) as error:
        raise FormatError(f"{path} cannot be unpacked: {error}.", "Copy it again.") from None


def _kept(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    name = Path(entry.name).name
    return None if name in _LEFT_OUT or name.endswith((".part", ".gone")) else entry


def _converted(stored: Stored, dtype: str) -> Iterator[StoredTensor]:
    for tensor in stored.tensors.values():
        yield tensor if tensor.dtype == dtype else _as(tensor, dtype)


def _as(tensor: StoredTensor, dtype: str) -> StoredTensor:
    """The same numbers in another type, rounded to the nearest."""
    numbers = tensor.array()
    if tensor.dtype == "bfloat16":
        numbers = (numbers.astype(np.uint32) << 16).view(np.float32)
    if dtype == "bfloat16":
        bits = np.ascontiguousarray(numbers, np.float32).view(np.uint32)
        converted = ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2")
    else:
        converted = numbers.astype(np.dtype(dtype).newbyteorder("<"))
    return replace(tensor, dtype=dtype, data=converted.reshape(-1).view(np.uint8).data, checksum=None)
