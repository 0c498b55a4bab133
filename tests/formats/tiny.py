"""A small model to write and read: its shape, tensors and vocabulary."""

import json
from pathlib import Path

import numpy as np

from gpt2studio.formats.checkpoint import Checkpoint
from gpt2studio.formats.huggingface import write_model
from gpt2studio.formats.names import tensor_shapes
from gpt2studio.formats.shape import Shape
from gpt2studio.formats.tensor import NUMBER_TYPES, StoredTensor

SHAPE = Shape(vocab_size=40, n_positions=12, n_embd=8, n_layer=2, n_head=2, end_token=0)


def tensors(shape: Shape = SHAPE, dtype: str = "float32") -> list[StoredTensor]:
    """Tensors of random bits."""
    bits = np.random.default_rng(1)
    return [
        StoredTensor(name, dtype, size, memoryview(bits.bytes(int(np.prod(size)) * NUMBER_TYPES[dtype])))
        for name, size in tensor_shapes(shape)
    ]


def write_vocabulary(folder: Path, encoder: str = "encoder.json", merges: str = "vocab.bpe") -> tuple[Path, Path]:
    """A vocabulary of 38 letters, one merge and the end token."""
    folder.mkdir(parents=True, exist_ok=True)
    letters = [chr(ord("!") + number) for number in range(38)]
    ids = {token: number for number, token in enumerate(["<|endoftext|>", *letters, '!"'])}
    (folder / encoder).write_text(json.dumps(ids), encoding="utf-8")
    (folder / merges).write_text('#version: 0.2\n! "\n', encoding="utf-8")
    return folder / encoder, folder / merges


def write_tiny(folder: Path, dtype: str = "float32") -> Path:
    """The small model as a Hugging Face folder."""
    encoder, merges = write_vocabulary(folder.parent / f"{folder.name}-vocabulary")
    write_model(folder, SHAPE, tensors(dtype=dtype), encoder, merges)
    return folder


def write_config(folder: Path, shape: Shape = SHAPE) -> None:
    """A ``config.json`` alone."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(shape.to_config()), encoding="utf-8")


def numbers_of(checkpoint: Checkpoint) -> dict[str, bytes]:
    """The bytes of every tensor."""
    return {name: bytes(tensor.data) for name, tensor in checkpoint.tensors.items()}


def replaced(path: Path, data: bytes) -> Path:
    """The file with other bytes: a new file, as the old one may be mapped still."""
    path.unlink(missing_ok=True)
    path.write_bytes(data)
    return path
