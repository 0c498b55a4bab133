"""Import: a model in any format that can be read becomes one of the studio's, number for number."""

import shutil
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from gpt2studio.errors import NotFoundError
from gpt2studio.formats.archive import looks_like_tar
from gpt2studio.formats.checkpoint import Checkpoint, open_checkpoint
from gpt2studio.formats.huggingface import write_model
from gpt2studio.formats.room import check_room
from gpt2studio.library.cards import CARD, card_of
from gpt2studio.library.names import suggested
from gpt2studio.library.progress import Progress, Watch, unwatched
from gpt2studio.library.provenance import Provenance, read_provenance, sha256_of, write_provenance
from gpt2studio.library.staging import placed
from gpt2studio.library.unpack import unpack_model
from gpt2studio.library.verify import check_sums
from gpt2studio.library.vocabulary import check_vocabulary
from gpt2studio.paths import Places, shipped

_GENERIC = {"model", "checkpoint", "pytorch_model", "gpt2-pytorch_model"}


def adopt(source: Path, name: str, places: Places, watch: Watch = unwatched, *, like: Sequence[Path] = ()) -> Path:
    """Copy the model at *source*, a folder, a file of weights or a ``.tar``, to ``models/NAME``; its folder.

    The number types stay as they are; a file of which a sum was noted must have that. *like* are models to take a
    description and a vocabulary from where it has none of its own. Raises StudioError with one sentence for a person;
    nothing half-written is left then.
    """
    if not source.exists() and not source.with_name(source.name + ".index").exists():
        raise NotFoundError(f"There is nothing at {source}.", "Check the path.")
    with placed(name, places) as work:
        _make(source, work, [*like, places.models, shipped("models"), *around(source)], watch)
    return places.models / name


def _make(source: Path, work: Path, elsewhere: Sequence[Path], watch: Watch) -> None:
    """Make the folder ``model``; what is unpacked for that is in use no longer when this ends."""
    found = unpack_model(source, work / "unpacked", watch) if looks_like_tar(source) else source
    checkpoint = _opened(found, elsewhere)
    check_sums(sorted(found.iterdir()) if found.is_dir() else [found], watch)
    _write(checkpoint, work / "model", watch)
    _describe(found, work / "model", source, watch)
    if card_of(found) is not None:  # which refuses one that is damaged
        shutil.copyfile(found / CARD, work / "model" / CARD)


def name_for(source: Path) -> str:
    """What a model from there may be called, unless a person says otherwise."""
    path = source.absolute()
    if path.is_dir():
        return suggested(path.name)
    stem = path.name.removesuffix(".gz").removesuffix(".tar").removesuffix(".bin").removesuffix(".safetensors")
    return suggested(path.parent.name if stem in _GENERIC else stem)


def _opened(path: Path, elsewhere: Sequence[Path]) -> Checkpoint:
    """The model, its bytes held against their checksums, its vocabulary at hand."""
    checkpoint = open_checkpoint(path, elsewhere=elsewhere)
    if checkpoint.encoder is None:
        raise NotFoundError(
            f"{path} comes without a vocabulary.",
            "Name a model that has the same one, or a folder with encoder.json and vocab.bpe: --like MODEL",
        )
    check_vocabulary(checkpoint)
    return checkpoint


def around(source: Path) -> list[Path]:
    """Where the flask API and its like keep the vocabulary: in a folder beside the file."""
    folder = source.absolute().parent
    return [] if source.is_dir() else [folder, folder.parent]


def _write(checkpoint: Checkpoint, folder: Path, watch: Watch) -> None:
    tensors = list(checkpoint.tensors.values())
    total = sum(tensor.data.nbytes for tensor in tensors)
    check_room(folder, total)
    done = 0
    for tensor in tensors:
        if not tensor.is_intact():
            checkpoint.verify()
        done += tensor.data.nbytes
        watch(Progress("checking", done, total))
    done = 0

    def wrote(octets: int) -> None:
        nonlocal done
        done += octets
        watch(Progress("writing", done, total))

    vocabulary = checkpoint.vocabulary
    write_model(folder, checkpoint.shape, tensors, vocabulary.encoder, vocabulary.merges, wrote)


def _describe(found: Path, folder: Path, source: Path, watch: Watch) -> None:
    """Its studio.json: what the source said of itself, and that it was imported."""
    before = read_provenance(found if found.is_dir() else found.parent) or Provenance()
    done, total = 0, (folder / "model.safetensors").stat().st_size

    def read(octets: int) -> None:
        nonlocal done
        done += octets
        watch(Progress("summing", done, total))

    digest = sha256_of(folder / "model.safetensors", read)
    origin = before.origin or f"import:{source.absolute()}"
    write_provenance(
        folder, replace(before, origin=origin, created=time.time(), sha256=digest, files={"model.safetensors": digest})
    )
