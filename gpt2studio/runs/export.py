"""Whole runs taken elsewhere, each in one file, to go on with there."""

import tarfile
import tempfile
from pathlib import Path

from gpt2studio.errors import FormatError, StudioError
from gpt2studio.files import move
from gpt2studio.formats.archive import unpack
from gpt2studio.runs.directory import RunDirectory
from gpt2studio.runs.registry import Runs

_LEFT_OUT = ("lock", "control.json", "waiting.json")
"""What belongs to a living trainer, or has a run wait for one."""


def export_run(run: RunDirectory, to: Path) -> Path:
    """Write the whole run into one ``.tar`` file, to go on with elsewhere; the file."""
    path = to if to.suffix == ".tar" else to.with_name(f"{to.name}.tar")
    if path.exists():
        raise StudioError(f"{path} is already there.", "Choose another name.")
    part = path.with_name(f".{path.name}.part")
    try:
        with tarfile.open(part, "w") as archive:
            archive.add(run.path, arcname=run.name, filter=_kept)
        move(part, path)
    except OSError as error:
        raise StudioError(f"{path} cannot be written: {error.strerror}.", "Check the disk and the folder.") from None
    finally:
        part.unlink(missing_ok=True)
    return path


def import_run(runs: Runs, path: Path, name: str | None) -> RunDirectory:
    """Take in a run from a ``.tar`` file. Raises StudioError where it holds none, or the name is taken."""
    runs.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=runs.folder, prefix=".import-") as folder:
        unpack(path, Path(folder))
        found = [each for each in Path(folder).iterdir() if (each / "recipe.json").is_file()]
        if len(found) != 1:
            raise FormatError(f"{path} holds no run.", "Give a file made by: gpt2studio runs export RUN --format tar")
        name = name or found[0].name
        runs.make_way(name)
        place = RunDirectory(runs.folder / name)
        if place.path.exists():
            raise StudioError(f"There is a run “{name}” already.", "Give the new one another name: --name NAME")
        for each in _LEFT_OUT:
            (found[0] / each).unlink(missing_ok=True)
        move(found[0], place.path)
    return place


def _kept(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    name = Path(entry.name).name
    return None if name in _LEFT_OUT or name.endswith((".part", ".gone")) else entry
