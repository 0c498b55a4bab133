"""A file's tensors held against the shape that they should have."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from gpt2studio.errors import FormatError
from gpt2studio.formats.mapped import AGAIN, USUAL_TYPES
from gpt2studio.formats.names import HEAD, plain_name, tensor_shapes
from gpt2studio.formats.shape import Shape
from gpt2studio.formats.tensor import NUMBER_TYPES, StoredTensor


def fitted(path: Path, shape: Shape, stored: Mapping[str, StoredTensor]) -> dict[str, StoredTensor]:
    """Exactly the tensors of a GPT-2 of this shape, by the studio's names, in the network's order.

    *stored* has them by the file's names. Raises FormatError, naming the tensor, where one is missing, is not
    GPT-2's, stands there twice or has another shape, and where the output layer is not the token embedding.
    """
    named = _named(path, stored)
    head = named.pop(HEAD, None)
    tensors: dict[str, StoredTensor] = {}
    for name, expected in tensor_shapes(shape):
        tensor = named.pop(name, None)
        if tensor is None:
            raise FormatError(f"{path} lacks the tensor “{name}”: it is not a whole GPT-2 of its description.", AGAIN)
        if tensor.shape != expected:
            raise FormatError(
                f"The tensor “{name}” in {path} is {_times(tensor.shape)}, but the model's description asks for "
                f"{_times(expected)}.",
                "The weights and the description beside them belong to different models.",
            )
        if tensor.dtype not in NUMBER_TYPES:
            raise FormatError(
                f"The tensor “{name}” in {path} is kept as {tensor.dtype}, which is no type for weights.", USUAL_TYPES
            )
        tensors[name] = tensor
    if named:
        raise FormatError(
            f"{path} has a tensor “{next(iter(named))}”, which no GPT-2 of its description has.",
            "It belongs to another architecture, or to a larger model.",
        )
    if head is not None and not _equal(head, tensors["wte.weight"]):
        raise FormatError(
            f"The output layer of {path} ({HEAD}) is not its token embedding, which is not supported.",
            "Only models with a tied output layer, as every published GPT-2 has, can be opened.",
        )
    return tensors


def _named(path: Path, stored: Mapping[str, StoredTensor]) -> dict[str, StoredTensor]:
    named: dict[str, StoredTensor] = {}
    for raw, tensor in stored.items():
        name = plain_name(raw)
        if name is None:
            continue
        if name in named:
            raise FormatError(f"{path} has the tensor “{name}” twice, with and without “transformer.”.", AGAIN)
        named[name] = replace(tensor, name=name)
    return named


def _equal(one: StoredTensor, other: StoredTensor) -> bool:
    if (one.shape, one.dtype) != (other.shape, other.dtype):
        return False
    # torch writes a tied head as a second name for the same bytes: no need to read them.
    return _address(one.data) == _address(other.data) or _equal_bytes(one.data, other.data)


def _address(data: memoryview) -> int:
    import numpy as np

    return np.frombuffer(data, dtype=np.uint8).ctypes.data


def _equal_bytes(one: memoryview, other: memoryview, step: int = 1 << 22) -> bool:
    """Compared in steps, as bytes: a view's own comparison goes number by number."""
    return all(bytes(one[at : at + step]) == bytes(other[at : at + step]) for at in range(0, len(one), step))


def _times(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape)) or "a single number"
