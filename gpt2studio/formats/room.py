"""Room on the disk, asked for before it is needed."""

import shutil
from pathlib import Path

from gpt2studio.errors import StudioError
from gpt2studio.paths import nearest

_SPARE = 64_000_000
"""Bytes to leave free: a full disk harms other programs."""


def check_room(folder: Path, octets: int) -> None:
    """Raise StudioError where *octets* more do not fit on the disk of *folder*, which need not exist yet."""
    there = nearest(folder)
    try:
        free = shutil.disk_usage(there).free
    except OSError as error:
        raise StudioError(f"{there} is not there: {error.strerror}.", "Choose another place, or connect it.") from None
    if octets + _SPARE > free:
        raise StudioError(
            f"That takes {octets / 1e9:,.1f} GB, and {there} has {free / 1e9:,.1f} GB left.",
            "Make room, or keep the studio's files elsewhere: set GPT2STUDIO_HOME.",
        )
