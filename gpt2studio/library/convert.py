"""Weights in another number type: rounded to the nearest, a tensor at a time, through a file."""

import mmap
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gpt2studio.errors import FormatError
from gpt2studio.formats.tensor import StoredTensor

if TYPE_CHECKING:
    from numpy.typing import NDArray

TYPES = ("float32", "float16", "bfloat16")
"""What weights can be converted to."""


@contextmanager
def converted(
    tensors: Iterable[StoredTensor], dtype: str, folder: Path, done: Callable[[int], None] = lambda octets: None
) -> Iterator[list[StoredTensor]]:
    """The tensors in this number type, kept in a nameless file in *folder* rather than in memory, until the block ends.

    *done* is told the bytes of each tensor that was made. Raises FormatError where a number is too large for the type.
    """
    given = list(tensors)
    if all(tensor.dtype == dtype for tensor in given):
        yield given
        return
    with tempfile.TemporaryFile(dir=folder) as file:
        ends = []
        for tensor in given:
            file.write(_rounded(tensor, dtype))
            ends.append(file.tell())
            done(tensor.data.nbytes)
        file.flush()
        view = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        yield [
            replace(tensor, dtype=dtype, data=view[begin:end], checksum=None)
            for tensor, begin, end in zip(given, [0, *ends], ends, strict=False)
        ]


def _rounded(tensor: StoredTensor, dtype: str) -> memoryview:
    if tensor.dtype == dtype:
        return tensor.data
    import numpy as np

    values = widened(tensor)
    if dtype == "bfloat16":
        return memoryview(_to_bfloat16(values).tobytes())
    with np.errstate(over="ignore"):
        numbers = values.astype(np.dtype(dtype).newbyteorder("<"))
    if dtype == "float16" and not np.array_equal(np.isinf(numbers), np.isinf(values)):
        raise FormatError(
            f"“{tensor.name}” has numbers that are too large for float16.", "Use bfloat16, or leave it as it is."
        )
    return memoryview(numbers.tobytes())


def widened(tensor: StoredTensor) -> "NDArray[Any]":
    """Its numbers in float32, or float64 where they are kept so: exactly."""
    import numpy as np

    values = tensor.array()
    if tensor.dtype == "bfloat16":
        return (values.astype(np.uint32) << 16).view(np.float32)
    return values if tensor.dtype in ("float32", "float64") else values.astype(np.float32)


def _to_bfloat16(values: "NDArray[Any]") -> "NDArray[Any]":
    """The bits of bfloat16: the upper half of float32's, rounded to the nearest, ties to even."""
    import numpy as np

    bits = np.ascontiguousarray(values, dtype=np.float32).view(np.uint32)
    rounded = ((bits + (0x7FFF + ((bits >> 16) & 1))) >> 16).astype("<u2")
    # Rounding up must not make an infinity of what is no number.
    return np.where(np.isnan(values), np.uint16(0x7FC0), rounded).astype("<u2")
