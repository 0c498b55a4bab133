"""A model as it lies about: opened in whatever format it is in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gpt2studio.errors import FormatError, NotFoundError
from gpt2studio.formats import huggingface
from gpt2studio.formats.fitting import fitted
from gpt2studio.formats.names import plain_name
from gpt2studio.formats.neighbours import completed, described, lent_vocabulary, neighbours
from gpt2studio.formats.openai import find_index, measured, read_openai
from gpt2studio.formats.shape import Shape
from gpt2studio.formats.tensor import StoredTensor
from gpt2studio.formats.tensorflow import is_bundle_index
from gpt2studio.formats.vocabulary import Vocabulary, find_vocabulary
from gpt2studio.formats.weights import Weights, read_weights, weights_format
from gpt2studio.paths import places, shipped


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
    """``vocab.json``, ``encoder.json`` or ``tokenizer.json``; None where no vocabulary of the model was found."""
    merges: Path | None
    """``merges.txt``, ``vocab.bpe`` or the same ``tokenizer.json``."""

    @property
    def vocabulary(self) -> Vocabulary:
        """Both vocabulary files. Raises NotFoundError, with a word on how to get them, where there are none."""
        if self.encoder is None or self.merges is None:
            raise NotFoundError(
                f"No vocabulary was found for {self.path}.",
                "Copy encoder.json and vocab.bpe (or vocab.json and merges.txt) of the model that it was made from "
                "beside it.",
            )
        return Vocabulary(self.encoder, self.merges)

    def verify(self) -> None:
        """Read every byte and hold it against its checksum, where the format has any.

        Opening does not: it would read the whole file. Raises FormatError with the name of the first damaged tensor.
        """
        for tensor in self.tensors.values():
            if not tensor.is_intact():
                raise FormatError(
                    f"The tensor “{tensor.name}” in {self.path} is damaged: its bytes do not have their checksum.",
                    "Download or copy the model again.",
                )


def open_checkpoint(path: Path, *, elsewhere: Sequence[Path] | None = None) -> Checkpoint:
    """The model at *path*: a folder, or a file of weights; what it is, its content tells.

    *elsewhere* are models, or folders of models, to borrow the description or the vocabulary from where it lacks
    its own; the installed and the shipped ones unless others are named. Raises NotFoundError and FormatError, each
    with one sentence for a person.
    """
    if elsewhere is None:
        elsewhere = places().models, shipped("models")
    weights = huggingface.find_weights(path) if path.is_dir() else None
    index = find_index(path) if weights is None else None
    if index is not None:
        return _open_openai(path, index, elsewhere)
    if not path.exists():
        raise NotFoundError(f"There is no model at {path}.", "Check the path.")
    if weights is None:
        weights = huggingface.require_weights(path) if path.is_dir() else path
    return _open_huggingface(path, weights, elsewhere)


def recognise(path: Path) -> str | None:
    """The format of the model at *path*, by names, first and last bytes alone; None where none is to be seen."""
    try:
        return _recognised(path)
    except OSError:  # a locked folder, say
        return None


def _recognised(path: Path) -> str | None:
    weights = huggingface.find_weights(path) if path.is_dir() else path
    kind = None if weights is None else weights_format(weights)
    if kind is not None and weights is not None and (weights.parent / huggingface.CONFIG).is_file():
        return kind
    index = find_index(path)
    return "openai" if index is not None and is_bundle_index(index) else None


def _open_huggingface(path: Path, weights: Path, elsewhere: Sequence[Path]) -> Checkpoint:
    stored = read_weights(weights)
    config = weights.parent / huggingface.CONFIG
    known = huggingface.read_shape(config) if config.is_file() else described(weights.parent)
    shape = known or _measured(weights, stored, elsewhere)
    tensors = fitted(weights, shape, stored.tensors)
    vocabulary = find_vocabulary(weights.parent) or lent_vocabulary(shape, neighbours(weights.parent, elsewhere))
    return _checkpoint(path, stored.format, shape, tensors, vocabulary)


def _measured(weights: Path, stored: Weights, elsewhere: Sequence[Path]) -> Shape:
    """The shape of weights that came alone, where there is one model alone of these sizes."""
    plain = {name: tensor for raw, tensor in stored.tensors.items() if (name := plain_name(raw)) is not None}
    shape = completed(measured(weights, plain), neighbours(weights.parent, elsewhere))
    if shape is None:
        raise NotFoundError(
            f"{weights.parent} has no {huggingface.CONFIG}, and no model of its size was found that could lend one.",
            "Copy it from where the weights came from.",
        )
    return shape


def _open_openai(path: Path, index: Path, elsewhere: Sequence[Path]) -> Checkpoint:
    stored = read_openai(index)
    folder = index.parent
    seen = measured(index, stored)
    shape = described(folder) or completed(seen, neighbours(folder, elsewhere))
    if shape is None:
        raise NotFoundError(
            f"{folder} has no hparams.json, and no model of its size was found that could lend one.",
            "Copy hparams.json, encoder.json and vocab.bpe of the model that it was trained from into it.",
        )
    tensors = fitted(index, shape, stored)
    vocabulary = find_vocabulary(folder) or lent_vocabulary(shape, neighbours(folder, elsewhere))
    return _checkpoint(path, "openai", shape, tensors, vocabulary)


def _checkpoint(
    path: Path, kind: str, shape: Shape, tensors: Mapping[str, StoredTensor], vocabulary: Vocabulary | None
) -> Checkpoint:
    return Checkpoint(
        path=path,
        format=kind,
        shape=shape,
        tensors=tensors,
        encoder=vocabulary.encoder if vocabulary else None,
        merges=vocabulary.merges if vocabulary else None,
    )
