"""How fast a model will write here: from the bytes that each token has the memory bring, before it is tried."""

import os
import platform
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from gpt2studio.formats.shape import Shape
from gpt2studio.formats.tensor import NUMBER_TYPES
from gpt2studio.library.needs import WIDTHS

_REACHED: Mapping[str, float] = {"float32": 0.6, "bfloat16": 0.6, "float16": 1.0, "int8": 0.9}
"""Of the memory's bandwidth, what the engine's products of one row reach on a CPU: measured, as ratios."""
_A_LAYER = 5e-5
"""Seconds a token that a layer takes for all but its products."""
_SHORT_FROM = 64 << 20
"""Bytes of float32 weights from which the engine takes 16-bit numbers by itself."""
_BYTES = 96_000_000
"""A matrix that no processor's cache holds."""
_TRIES = 6


def usual_type(shape: Shape) -> str:
    """The number type that the engine most likely chooses by itself on a CPU."""
    return "float16" if shape.parameters * NUMBER_TYPES["float32"] >= _SHORT_FROM else "float32"


def tokens_per_second(shape: Shape, dtype: str, bandwidth: float) -> float:
    """About how many tokens a second a GPT-2 of this shape writes on a CPU, one text at a time.

    *bandwidth* is what `measured_bandwidth` gives, bytes a second. Good to a third or so.
    """
    read = (shape.parameters - shape.n_positions * shape.n_embd) * WIDTHS[dtype]
    return 1 / (read / (bandwidth * _REACHED[dtype]) + shape.n_layer * _A_LAYER)


def measured_bandwidth() -> float:
    """Bytes a second that a matrix times a row reads here; takes a fifth of a second, and 100 MB of memory."""
    import numpy as np

    row = np.ones(4096, np.float32)
    matrix = np.ones((_BYTES // row.nbytes, 4096), np.float32)
    took = []
    for _ in range(_TRIES):
        began = time.perf_counter()
        _ = matrix @ row
        took.append(time.perf_counter() - began)
    return float(matrix.nbytes / min(took))


def busy() -> bool:
    """Whether other work keeps the processor from showing what it can do."""
    if sys.platform == "win32":
        return False
    try:
        return os.getloadavg()[0] > 0.75 * (os.cpu_count() or 1)
    except OSError:
        return False


def processor() -> str:
    """What this machine computes with, in words that change where the machine does."""
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8", errors="replace") as file:
            name = next((line.partition(":")[2].strip() for line in file if line.startswith("model name")), "")
    except OSError:
        name = ""
    return name or platform.processor() or platform.machine()
