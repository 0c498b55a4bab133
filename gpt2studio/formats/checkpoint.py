"""A model as it lies about: opened in whatever format it is in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gpt2studio.errors import FormatError, NotFoundError
from gpt2studio.formats import huggingface
from gpt2studio.formats.fitting import fitted
from gpt2studio.formats.shape import Shape
from gpt2studio.formats.tensor import StoredTensor
from gpt2studio.formats.vocabulary import Vocabulary, find_vocabulary
from gpt2studio.formats.weights import read_weights, weights_format


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model on disk: opened, its sizes checked, its weights not yet read."""

    path: Path
    format: str
    """``huggingface``, ``pytorch`` or ``openai``."""
    shape: Shape
    tensors: Mapping[str, StoredTensor]
    """Every tensor of the network by its plain name (``wte.weight``, ``h.0.ln_1.weight``), in the network's order."""
    encoder: Path | None
    """``vocab.json`` or ``encoder.json``; None where no vocabulary that belongs to the model was found."""
    merges: Path | None
    """``merges.txt`` or ``vocab.bpe``."""

    @property
    def vocabulary(self) -> Vocabulary:
        """Both vocabulary files. Raises NotFoundError, with a word on how to get them, where there are none."""
        if self.encoder is None or self.merges is None:
            raise NotFoundError(
                f"No vocabulary was found for {self.path}.",
                "Copy encoder.json and vocab.bpe (or vocab.json and merges.txt) of the model it was made from into it.",
            )
        return Vocabulary(self.encoder, self.merges)


def open_checkpoint(path: Path, *, elsewhere: Sequence[Path] = ()) -> Checkpoint:
    """The model at *path*: a folder, or a file of weights; what it is, its content tells.

    *elsewhere* are folders of models to borrow the description or the vocabulary from, where it lacks its own.
    Raises NotFoundError and FormatError, each with one sentence for a person.
    """
    if not path.exists():
        raise NotFoundError(f"There is no model at {path}.", "Check the path.")
    weights = huggingface.require_weights(path) if path.is_dir() else path
    config = weights.parent / huggingface.CONFIG
    if not config.is_file():
        raise FormatError(f"{weights.parent} has no config.json, so the model's shape is not known.", "Copy it there.")
    shape = huggingface.read_shape(config)
    stored = read_weights(weights)
    vocabulary = find_vocabulary(weights.parent)
    return Checkpoint(
        path=path,
        format=stored.format,
        shape=shape,
        tensors=fitted(weights, shape, stored.tensors),
        encoder=vocabulary.encoder if vocabulary else None,
        merges=vocabulary.merges if vocabulary else None,
    )


def recognise(path: Path) -> str | None:
    """The format of the model at *path*, by names and first bytes alone; None where it is no model."""
    if path.is_dir():
        if not (path / huggingface.CONFIG).is_file():
            return None
        weights = huggingface.find_weights(path)
        return None if weights is None else weights_format(weights)
    return weights_format(path) if path.is_file() else None
