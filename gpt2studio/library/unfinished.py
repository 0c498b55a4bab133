"""Downloads that were interrupted, as they lie on disk: what they are of, and how far they came."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gpt2studio.errors import WireError
from gpt2studio.files import Lock
from gpt2studio.library.install import ASKED, DOWNLOADS, LIST, Asked, installed_size
from gpt2studio.paths import Places
from gpt2studio.wire.lines import build


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A download that can go on."""

    name: str
    """What the model is to be called here."""
    asked: Asked
    here: int
    """Bytes that have come."""
    total: int
    """Bytes in all, as far as they are known."""


def unfinished(places: Places) -> Iterator[Unfinished]:
    """The downloads that nobody works on and that can go on, by name."""
    folder = places.models / DOWNLOADS
    for path in sorted(folder.glob("*/")) if folder.is_dir() else ():
        asked = _asked(path)
        if asked is not None and not Lock(path.with_name(f"{path.name}.lock")).taken_elsewhere():
            yield Unfinished(path.name, asked, installed_size(path.name, places), _total(path))


def _asked(folder: Path) -> Asked | None:
    try:
        asked: Asked = build(Asked, json.loads((folder / ASKED).read_bytes()))
    except (OSError, ValueError, RecursionError, WireError):
        return None
    return asked


def _total(folder: Path) -> int:
    """The sizes of all files, as they were promised."""
    try:
        files = json.loads((folder / LIST).read_bytes())
        return sum(size for size, _ in files.values() if isinstance(size, int))
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return 0
