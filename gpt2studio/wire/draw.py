"""The draw: a token from probabilities by a random number that depends on nothing but seed, candidate and index."""

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray


def uniform(seed: int, candidate: int, index: int, purpose: str = "") -> float:
    """A number in [0, 1), all 53 bits of it random, from these three alone; another one for each other purpose.

    So a token drawn does not depend on the batch it stood in, on what was cached, or on what else was drawn.
    """
    digest = blake2b(f"{seed} {candidate} {index}{purpose}".encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "little") >> 11) * 2.0**-53


def pick(probabilities: NDArray[np.float64], number: float) -> int:
    """The place at which the running sum of the probabilities passes *number* (inverse CDF).

    They need not add up to 1. A place of probability 0 is never picked.
    """
    sums = np.cumsum(probabilities)
    # Of sums near the smallest number there is, a share is rounded, perhaps to the whole.
    return int(np.searchsorted(sums, min(number * sums[-1], np.nextafter(sums[-1], 0)), side="right"))
