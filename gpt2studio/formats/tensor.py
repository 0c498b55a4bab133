"""A tensor in a file: name, number type, shape and bytes.

Here, and wherever models are only looked for and listed, numpy is imported late: it takes longer than they do.
"""

import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

NUMBER_TYPES: Mapping[str, int] = {"float64": 8, "float32": 4, "float16": 2, "bfloat16": 2}
"""The number types that weights are kept in, and the bytes that each number takes."""


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a file says that some of its bytes add up to."""

    kind: str
    """``crc32`` (zip) or ``crc32c`` (TensorFlow), unmasked."""
    value: int
    data: memoryview
    """The bytes that it covers: a tensor's own, or those of the storage that it is part of."""

    def holds(self) -> bool:
        """Whether the bytes, which this reads, have the checksum."""
        if self.kind == "crc32":
            return zlib.crc32(self.data) == self.value
        from gpt2studio.formats.crc32c import crc32c

        return crc32c(self.data) == self.value


@dataclass(frozen=True, slots=True)
class StoredTensor:
    """A tensor in a file: nothing is read before its bytes are."""

    name: str
    dtype: str
    """One of `NUMBER_TYPES`."""
    shape: tuple[int, ...]
    data: memoryview
    """Its bytes: read-only, little-endian, the last axis closest together."""
    checksum: Checksum | None = None

    @property
    def count(self) -> int:
        """How many numbers it has."""
        return math.prod(self.shape)

    def is_intact(self) -> bool:
        """Whether its bytes, which this reads, have their checksum; true where the format gives none."""
        return self.checksum is None or self.checksum.holds()

    def array(self) -> "NDArray[Any]":
        """Its numbers, in place and read-only; bfloat16, which numpy lacks, as the uint16 of its bits."""
        import numpy as np

        kind = np.dtype("<u2") if self.dtype == "bfloat16" else np.dtype(self.dtype).newbyteorder("<")
        return np.frombuffer(self.data, dtype=kind).reshape(self.shape)
