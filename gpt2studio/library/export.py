"""Export: a model written for other programs, as a folder, a bare file, or one ``.tar`` with everything in it."""

import tarfile
import tempfile
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from gpt2studio.errors import StudioError
from gpt2studio.files import written_whole
from gpt2studio.formats.checkpoint import Checkpoint, open_checkpoint
from gpt2studio.formats.folder import written_folder
from gpt2studio.formats.huggingface import write_description, write_model
from gpt2studio.formats.pytorch_write import write_pytorch
from gpt2studio.formats.room import check_room
from gpt2studio.formats.tensor import NUMBER_TYPES, StoredTensor
from gpt2studio.formats.tensorflow_write import write_openai
from gpt2studio.formats.vocabulary import Vocabulary, vocabulary_bytes
from gpt2studio.library.convert import TYPES, converted
from gpt2studio.library.progress import Progress, Watch, unwatched
from gpt2studio.library.provenance import Provenance, read_provenance, sha256_of, write_provenance

FORMATS = ("huggingface", "openai", "pytorch")
"""What a model can be exported as."""


@dataclass(frozen=True, slots=True)
class Export:
    """What to write, and where."""

    to: Path
    """A folder to make; a ``.tar``; for ``pytorch`` also a bare ``.bin``."""
    format: str = "huggingface"
    """One of `FORMATS`."""
    dtype: str = ""
    """One of `gpt2studio.library.convert.TYPES`; empty: the model's own, but float32 for ``openai``."""


def export(model: Path, export: Export, elsewhere: Sequence[Path] = (), watch: Watch = unwatched) -> Path:
    """Write the model elsewhere; the folder or file. What is there already is never replaced.

    Raises StudioError with one sentence for a person; nothing half-written is left then.
    """
    to = export.to.expanduser().absolute()
    if to.exists():
        raise StudioError(f"{to} is already there.", "Choose another place, or move it away first.")
    checkpoint = open_checkpoint(model, elsewhere=elsewhere)
    dtype = _dtype(export, checkpoint)
    tensors = list(checkpoint.tensors.values())
    size = sum(tensor.count for tensor in tensors) * NUMBER_TYPES.get(dtype, 8)
    same = all(tensor.dtype == dtype for tensor in tensors)
    check_room(to, size * (1 + (to.suffix == ".tar") + (not same)))
    _make_folder(to.parent)
    steps = _Steps(watch, sum(tensor.data.nbytes for tensor in tensors))
    with converted(tensors, dtype, to.parent, steps.of("converting")) if dtype else nullcontext(tensors) as ready:
        steps = _Steps(watch, sum(tensor.data.nbytes for tensor in ready))
        whole = _Whole(checkpoint, list(ready), read_provenance(model) or Provenance())
        if to.suffix == ".tar":
            _write_tar(to, whole, export.format, steps)
        elif to.suffix == ".bin" and export.format == "pytorch":
            with written_whole(to) as file:
                write_pytorch(file, whole.tensors, steps.of("writing"))
        else:
            _write(to, whole, export.format, steps.of("writing"))
    return to


@dataclass(frozen=True, slots=True)
class _Whole:
    """All that there is to write."""

    checkpoint: Checkpoint
    tensors: list[StoredTensor]
    provenance: Provenance

    @property
    def vocabulary(self) -> Vocabulary:
        return self.checkpoint.vocabulary


@dataclass(slots=True)
class _Steps:
    """Bytes that are done, told to whoever watches."""

    watch: Watch
    total: int
    done: int = 0

    def of(self, what: str) -> Callable[[int], None]:
        """What is to be told the bytes of each step of this kind."""
        self.done = 0

        def step(octets: int) -> None:
            self.done += octets
            self.watch(Progress(what, self.done, self.total))

        return step


def _dtype(export: Export, checkpoint: Checkpoint) -> str:
    """The number type to write in; empty: each tensor keeps its own."""
    if export.format not in FORMATS:
        raise StudioError(f"There is no format “{export.format}”.", f"Formats: {', '.join(FORMATS)}.")
    if export.dtype and export.dtype not in TYPES:
        raise StudioError(f"There is no number type “{export.dtype}” to write.", f"Types: {', '.join(TYPES)}.")
    if export.format == "openai":
        checkpoint.shape.to_hparams()  # refuses what the format has no place for, before anything is written
        if export.dtype not in ("", "float32"):
            raise StudioError("The tools of 2019 read float32 alone.", "Leave --dtype out, or choose another format.")
        return "float32"
    return export.dtype


def _write(folder: Path, whole: _Whole, form: str, wrote: Callable[[int], None]) -> None:
    shape, vocabulary = whole.checkpoint.shape, whole.vocabulary
    if form == "openai":
        write_openai(folder, shape, whole.tensors, vocabulary, wrote=wrote)
    elif form == "pytorch":
        with written_folder(folder) as part:
            write_description(part, shape, whole.tensors[0].dtype, vocabulary_bytes(vocabulary))
            with written_whole(part / "pytorch_model.bin") as file:
                write_pytorch(file, whole.tensors, wrote)
    else:
        write_model(folder, shape, whole.tensors, vocabulary.encoder, vocabulary.merges, wrote)
        _note_origin(folder, whole.provenance)


def _note_origin(folder: Path, before: Provenance) -> None:
    """Where it came from goes with it, and the sum of what was written; no path of this machine, no private note."""
    digest = sha256_of(folder / "model.safetensors")
    kind, colon, place = before.origin.partition(":")
    origin = f"{kind}{colon}{PurePath(place).name}" if kind == "import" else before.origin
    parent = PurePath(before.parent).name if PurePath(before.parent).is_absolute() else before.parent
    facts = replace(before, origin=origin, parent=parent, note="", sha256=digest)
    write_provenance(folder, replace(facts, files={"model.safetensors": digest}))


def _write_tar(to: Path, whole: _Whole, form: str, steps: _Steps) -> None:
    """One file; the folder in it is named like it, below ``checkpoint`` where the tools of 2019 look for it."""
    name = to.name.removesuffix(".tar")
    inside = f"checkpoint/{name.removeprefix('checkpoint_')}" if form == "openai" else name
    with tempfile.TemporaryDirectory(dir=to.parent, prefix=f".{to.name}.") as place:
        folder = Path(place) / "model"
        _write(folder, whole, form, steps.of("writing"))
        packed = steps.of("packing")
        with written_whole(to) as file, tarfile.open(fileobj=file, mode="w") as archive:
            for path in sorted(folder.iterdir()):
                archive.add(path, f"{inside}/{path.name}", filter=_nobodys)
                packed(path.stat().st_size)


def _nobodys(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without the name of the person who packed it."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StudioError(f"{folder} cannot be made: {error.strerror}.", "Choose another place.") from None
