"""What a person is about to import, told before anything is copied."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gpt2studio.errors import NotFoundError
from gpt2studio.formats.archive import looks_like_tar
from gpt2studio.formats.checkpoint import Checkpoint, open_checkpoint
from gpt2studio.formats.shape import Shape
from gpt2studio.formats.vocabulary import find_vocabulary
from gpt2studio.library.adopt import around
from gpt2studio.paths import Places, shipped

_KINDS = {
    "huggingface": "Hugging Face's layout (safetensors)",
    "pytorch": "weights of PyTorch (torch.save)",
    "openai": "a TensorFlow checkpoint, as OpenAI's and the tools of 2019",
}


@dataclass(frozen=True, slots=True)
class Recognised:
    """What lies there."""

    kind: str
    """In words."""
    size: int
    """Bytes of its weights, or of the archive."""
    shape: Shape | None = None
    """None for an archive, which is looked into when it is unpacked."""
    dtype: str = ""
    lent: tuple[str, ...] = ()
    """What it has not of its own, each with where it would come from."""


def recognised(source: Path, places: Places, like: Sequence[Path] = ()) -> Recognised:
    """What a folder, a file of weights or a ``.tar`` is; nothing of its weights is read.

    Raises NotFoundError where a description or a vocabulary must be given, FormatError where it is no GPT-2.
    """
    if looks_like_tar(source):
        return Recognised("a .tar: it is looked into as it is unpacked", source.stat().st_size)
    checkpoint = open_checkpoint(source, elsewhere=[*like, places.models, shipped("models"), *around(source)])
    if checkpoint.encoder is None:
        raise NotFoundError(
            f"{source} comes without a vocabulary.",
            "Name below a model that has the same one, or a folder with encoder.json and vocab.bpe.",
        )
    tensors = checkpoint.tensors.values()
    return Recognised(
        kind=_KINDS[checkpoint.format],
        size=sum(tensor.data.nbytes for tensor in tensors),
        shape=checkpoint.shape,
        dtype=" and ".join(sorted({tensor.dtype for tensor in tensors})),
        lent=tuple(_lent(source, checkpoint)),
    )


def _lent(source: Path, checkpoint: Checkpoint) -> list[str]:
    folder = source if source.is_dir() else source.parent
    said = []
    if not any((folder / name).is_file() for name in ("config.json", "hparams.json")):
        said.append("its shape is measured from its tensors")
    if find_vocabulary(folder) is None and checkpoint.encoder is not None:
        said.append(f"its vocabulary is that of {checkpoint.encoder.parent}")
    return said


def like_of(named: str, resolve: Callable[[str], Path]) -> list[Path]:
    """The model or folder that a person named to take from. Raises NotFoundError where there is none."""
    if not named:
        return []
    path = Path(named).expanduser()
    return [path] if path.is_dir() else [resolve(named)]
