"""Braille as a canvas: eight dots a terminal cell."""

import numpy as np
from numpy.typing import NDArray

_BITS = np.array(((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80)), dtype=np.uint32)
"""What each dot of a cell adds to its code point, four rows of two (Unicode, Braille Patterns)."""

_BLANK = 0x2800


def cells(dots: NDArray[np.bool_]) -> NDArray[np.uint32]:
    """The code points of a picture of [4 x rows, 2 x columns] dots: [rows, columns], 0 where no dot is set."""
    height, width = dots.shape
    blocks = dots.reshape(height // 4, 4, width // 2, 2).astype(np.uint32)
    sums = np.einsum("ryxc,yc->rx", blocks, _BITS)
    return np.where(sums, sums + _BLANK, 0).astype(np.uint32)
