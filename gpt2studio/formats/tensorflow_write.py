"""OpenAI's folder of a model, written for the tools of 2019: a TensorFlow checkpoint, without TensorFlow."""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from gpt2studio.files import write_whole, written_whole
from gpt2studio.formats.crc32c import crc32c
from gpt2studio.formats.fitting import fitted
from gpt2studio.formats.folder import written_folder
from gpt2studio.formats.openai import HPARAMS, openai_name
from gpt2studio.formats.protobuf import bytes_field, fixed32_field, number_field
from gpt2studio.formats.shape import Shape
from gpt2studio.formats.sstable import masked, write_table
from gpt2studio.formats.tensor import StoredTensor
from gpt2studio.formats.tensorflow import INDEX, NUMBER_CODES
from gpt2studio.formats.vocabulary import Vocabulary, vocabulary_bytes

_HEADER = number_field(1, 1) + bytes_field(3, number_field(1, 1))  # one data file; version 1 of the format


def write_openai(
    folder: Path,
    shape: Shape,
    tensors: Iterable[StoredTensor],
    vocabulary: Vocabulary,
    prefix: str = "model.ckpt",
    wrote: Callable[[int], None] = lambda octets: None,
) -> None:
    """Write a model as OpenAI published them: the whole folder, or nothing.

    *prefix* names the checkpoint (``model-1000`` in a run's folder); *wrote* is told the bytes of each tensor.
    Each tensor keeps its number type, but the tools of 2019 read float32 alone. Raises FormatError where
    ``hparams.json`` has no place for a setting of the shape or the tensors do not fit it, StudioError where the
    folder is there or cannot be written.
    """
    hparams = shape.to_hparams()
    stored = {openai_name(name): tensor for name, tensor in fitted(folder, shape, _by_name(tensors)).items()}
    encoder, merges = vocabulary_bytes(vocabulary)
    with written_folder(folder) as part:
        write_whole(part / HPARAMS, json.dumps(hparams).encode())
        write_whole(part / "encoder.json", encoder)
        write_whole(part / "vocab.bpe", merges)
        write_bundle(part / prefix, stored, wrote)
        note = f'model_checkpoint_path: "{prefix}"\nall_model_checkpoint_paths: "{prefix}"\n'
        write_whole(part / "checkpoint", note.encode())


def write_bundle(
    prefix: Path, tensors: Mapping[str, StoredTensor], wrote: Callable[[int], None] = lambda octets: None
) -> None:
    """Write a checkpoint's index and its one data file, the tensors in the order of their TensorFlow names."""
    entries = [(b"", _HEADER)]
    offset = 0
    with written_whole(prefix.with_name(f"{prefix.name}.data-00000-of-00001")) as file:
        for name, tensor in sorted(tensors.items()):
            file.write(tensor.data)
            entries.append((name.encode(), _entry(name, tensor, offset)))
            offset += tensor.data.nbytes
            wrote(tensor.data.nbytes)
    write_whole(prefix.with_name(prefix.name + INDEX), write_table(entries))


def _entry(name: str, tensor: StoredTensor, offset: int) -> bytes:
    """A BundleEntryProto."""
    shape = (1, *tensor.shape) if name.endswith("/w") else tensor.shape  # a convolution of width 1
    dims = b"".join(bytes_field(2, number_field(1, size)) for size in shape)
    return (
        number_field(1, NUMBER_CODES[tensor.dtype])
        + bytes_field(2, dims)
        + number_field(4, offset)
        + number_field(5, tensor.data.nbytes)
        + fixed32_field(6, masked(crc32c(tensor.data)))
    )


def _by_name(tensors: Iterable[StoredTensor]) -> dict[str, StoredTensor]:
    return {tensor.name: tensor for tensor in tensors}
