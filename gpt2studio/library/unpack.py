"""A ``.tar`` with a model in it, unpacked."""

import math
from pathlib import Path

from gpt2studio.errors import FormatError
from gpt2studio.formats.archive import unpack
from gpt2studio.formats.checkpoint import recognise
from gpt2studio.library.progress import Progress, Watch
from gpt2studio.library.provenance import Provenance, read_provenance


def unpack_model(archive: Path, folder: Path, watch: Watch) -> Path:
    """Unpack into *folder*; where the one model in it lies.

    Raises StudioError as `unpack` does, and FormatError for what is not one model.
    """
    unpack(archive, folder, lambda done, total: watch(Progress("unpacking", done, total)))
    return _only_model(archive, folder)


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
