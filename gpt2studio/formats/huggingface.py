"""Hugging Face's folder of a model: config, weights and vocabulary side by side."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from gpt2studio.errors import FormatError
from gpt2studio.files import write_whole, written_whole
from gpt2studio.formats.fitting import fitted
from gpt2studio.formats.folder import written_folder
from gpt2studio.formats.mapped import read_json
from gpt2studio.formats.names import PREFIX
from gpt2studio.formats.safetensors import write_safetensors
from gpt2studio.formats.shape import Shape
from gpt2studio.formats.tensor import StoredTensor
from gpt2studio.formats.vocabulary import Vocabulary, vocabulary_bytes

CONFIG = "config.json"

_WEIGHTS = (
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
)
_UNREADABLE = ("tf_model.h5", "flax_model.msgpack", "rust_model.ot")


def find_weights(folder: Path) -> Path | None:
    """The file of weights in the folder, or the index of several: safetensors before torch's.

    Under another name, a file is taken where it is the only one beside a config.
    """
    for name in _WEIGHTS:
        if (folder / name).is_file():
            return folder / name
    if not (folder / CONFIG).is_file():
        return None
    files = sorted(path for suffix in ("*.safetensors", "*.bin") for path in folder.glob(suffix) if path.is_file())
    files = [path for path in files if path.name != "training_args.bin"]
    return files[0] if len(files) == 1 else None


def require_weights(folder: Path) -> Path:
    """The same, or a FormatError that says what there is instead."""
    weights = find_weights(folder)
    if weights is not None:
        return weights
    for name in _UNREADABLE:
        if (folder / name).is_file():
            raise FormatError(f"{folder} has its weights only as {name}, which cannot be opened.", _GET)
    raise FormatError(f"{folder} has no weights in it.", _GET)


_GET = "Get model.safetensors as well."


def read_shape(config: Path) -> Shape:
    """The shape that a ``config.json`` describes."""
    return Shape.from_config(read_json(config), where=str(config.parent))


def write_model(
    folder: Path,
    shape: Shape,
    tensors: Iterable[StoredTensor],
    encoder: Path,
    merges: Path,
    wrote: Callable[[int], None] = lambda octets: None,
) -> None:
    """Write a model that transformers opens as it is: the whole folder, or nothing.

    *tensors* have the studio's names and each its own number type; *wrote* is told the bytes of each.
    Raises FormatError where they do not make a GPT-2 of this shape, StudioError where the folder is already there or
    cannot be written.
    """
    whole = fitted(folder, shape, {tensor.name: tensor for tensor in tensors})
    vocabulary = vocabulary_bytes(Vocabulary(encoder, merges))
    with written_folder(folder) as part:
        write_description(part, shape, next(iter(whole.values())).dtype, vocabulary)
        with written_whole(part / "model.safetensors") as file:
            named = [replace(tensor, name=PREFIX + tensor.name) for tensor in whole.values()]
            write_safetensors(file, named, {"format": "pt"}, wrote)


def write_description(folder: Path, shape: Shape, dtype: str, vocabulary: tuple[bytes, bytes]) -> None:
    """Write the folder's small files: config, and the vocabulary that `vocabulary_bytes` gives."""
    write_whole(folder / CONFIG, json.dumps(shape.to_config() | {"torch_dtype": dtype}, indent=2).encode() + b"\n")
    write_whole(folder / "vocab.json", vocabulary[0])
    write_whole(folder / "merges.txt", vocabulary[1])
