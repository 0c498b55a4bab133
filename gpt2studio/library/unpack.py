"""A ``.tar`` from elsewhere, unpacked without harm: plain files alone, none outside, no more than there is room for."""

import math
import tarfile
from pathlib import Path, PurePosixPath

from gpt2studio.errors import FormatError
from gpt2studio.formats.checkpoint import recognise
from gpt2studio.library.progress import Progress, Watch
from gpt2studio.library.provenance import Provenance, read_provenance
from gpt2studio.library.room import check_room

_MOST = 10_000
"""Members of an archive: more, and it is no model."""
_AGAIN = "Pack or copy it again."


def looks_like_tar(path: Path) -> bool:
    """Whether the file is a ``.tar``, compressed or not."""
    try:
        return path.is_file() and tarfile.is_tarfile(path)
    except (OSError, EOFError):
        return False


def unpack(archive: Path, folder: Path, watch: Watch) -> Path:
    """Unpack into *folder*; where the one model in it lies.

    Raises FormatError for an archive that is damaged, holds a link or a name that leads out, or not one model.
    """
    try:
        with tarfile.open(archive) as tar:
            members = _members(archive, tar)
            total = sum(member.size for member in members)
            check_room(folder, total)
            done = 0
            for member in members:
                _extract(tar, member, folder)
                done += member.size
                watch(Progress("unpacking", done, total))
    except (tarfile.TarError, EOFError, ValueError) as error:
        raise FormatError(f"{archive} is damaged: {error}.", _AGAIN) from None
    except OSError as error:
        raise FormatError(f"{archive} cannot be unpacked: {error.strerror or error}.", _AGAIN) from None
    return _only_model(archive, folder)


def _members(archive: Path, tar: tarfile.TarFile) -> list[tarfile.TarInfo]:
    """Its files, each checked."""
    members = []
    for count, member in enumerate(tar):
        if count >= _MOST:
            raise FormatError(f"{archive} has more than {_MOST:,} files in it: it is no model.", _AGAIN)
        if member.isdir():
            continue
        if not member.isfile():
            raise FormatError(f"{archive} has a link or a device in it, “{member.name}”.", "Do not trust it.")
        if not _stays_inside(member.name):
            raise FormatError(f"{archive} names a file outside itself, “{member.name}”.", "Do not trust it.")
        members.append(member)
    return members


def _stays_inside(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return (
        bool(parts) and not name.startswith("/") and not any(part == ".." or set(part) & set("\\:\0") for part in parts)
    )


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    target = folder / PurePosixPath(member.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    source = tar.extractfile(member)
    assert source is not None
    with source, target.open("xb") as file:
        while piece := source.read(1 << 22):
            file.write(piece)


def _only_model(archive: Path, folder: Path) -> Path:
    """The folder in it that is a model; of a run's checkpoints the best."""
    places = [folder, *sorted(path for path in folder.rglob("*") if path.is_dir())]
    found = [path for path in places if recognise(path) is not None]
    if len(found) == 1:
        return found[0]
    if not found:
        raise FormatError(f"{archive} holds no model.", "A model is config.json or hparams.json beside its weights.")
    if all(path.parent.name == "checkpoints" for path in found) and len({path.parent for path in found}) == 1:
        return min(found, key=_rank)
    names = ", ".join(str(path.relative_to(folder)) for path in found[:5])
    raise FormatError(f"{archive} holds {len(found)} models: {names}.", "Unpack it, and import the one that you mean.")


def _rank(checkpoint: Path) -> tuple[float, int]:
    """Ascends from the best checkpoint of a run: by held-out loss, those without one after them, the latest first."""
    known = read_provenance(checkpoint) or Provenance()
    return math.inf if known.held_out_loss is None else known.held_out_loss, -known.step
