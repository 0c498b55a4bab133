"""What a notebook, or a script, shows of work under way."""

import sys
import time
from collections.abc import Callable

Share = Callable[[str, int, int], None]
"""Told what is done, how much of it, and of how much."""

_PAUSE = 0.2


def shown_share() -> Share | None:
    """Draws how far a piece of work has come on the last line; None where a line cannot be drawn again."""
    if not (sys.stdout.isatty() or "ipykernel" in sys.modules):
        return None
    last = 0.0

    def show(what: str, done: int, total: int) -> None:
        nonlocal last
        whole = done >= total
        if not total or (time.monotonic() - last < _PAUSE and not whole):
            return
        last = time.monotonic()
        print(f"\r{what} {100 * done // total} %", end="\n" if whole else "", flush=True)

    return show
