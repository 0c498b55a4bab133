"""How much of one text stands in another, word for word."""

import numpy as np
from numpy.typing import NDArray

STRETCH = 32
"""Tokens in a row that are no coincidence: about two lines of prose."""

_BASE = np.uint64(0x9E3779B97F4A7C15)
_BITS = 22
_CHUNK = 1 << 20


def overlap(training: NDArray[np.integer], held_out: NDArray[np.integer], stretch: int = STRETCH) -> float:
    """The share of the held-out text's stretches of tokens that stand anywhere in the training text.

    *stretch* is a power of two. Stretches are compared by 64-bit fingerprints; memory stays bounded for a training
    text of any length.
    """
    starts = np.arange(0, len(held_out) - stretch + 1, stretch)
    if not len(starts) or len(training) < stretch:
        return 0.0
    wanted = np.unique(_fingerprints(np.asarray(held_out), stretch)[starts])
    # Most stretches are strangers: a table of the fingerprints' first bits settles them at once.
    likely = np.zeros(1 << _BITS, bool)
    likely[wanted >> np.uint64(64 - _BITS)] = True
    found: set[int] = set()
    for start in range(0, len(training) - stretch + 1, _CHUNK):
        chunk = _fingerprints(np.asarray(training[start : start + _CHUNK + stretch - 1]), stretch)
        chunk = chunk[likely[chunk >> np.uint64(64 - _BITS)]]
        found.update(chunk[np.isin(chunk, wanted)].tolist())
    held = _fingerprints(np.asarray(held_out), stretch)[starts]
    return float(np.isin(held, np.array(sorted(found), np.uint64)).mean())


def _fingerprints(tokens: NDArray[np.integer], stretch: int) -> NDArray[np.uint64]:
    """A fingerprint of the *stretch* tokens at each place: halves are joined, doubling the length each time."""
    prints = _mixed(tokens.astype(np.uint64))
    length = 1
    while length < stretch:
        prints = _mixed(prints[:-length] * _BASE + prints[length:])
        length *= 2
    return prints


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Every bit of the result depends on every bit before (the finalizer of splitmix64, shortened)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    return numbers ^ (numbers >> np.uint64(27))
