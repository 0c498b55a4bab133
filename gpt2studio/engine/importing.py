"""Large imports, in less time."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def undisturbed() -> Iterator[None]:
    """Import without collections of garbage: of what torch brings nothing ever goes, and all would be looked through.

    Nor is it looked through later, when what has come since is collected.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
