"""How many threads a step is worth."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

LITTLE = 10_000_000
"""Multiplications that one thread has done before others are awake: one token of the storyteller's."""


@contextmanager
def threads_for(multiplications: int) -> Iterator[None]:
    """Compute little by one thread. Beside a trainer others would come late, and be waited for at every product."""
    threads = torch.get_num_threads()
    if threads == 1 or multiplications >= LITTLE:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)  # a trainer whose weights write counts on them
