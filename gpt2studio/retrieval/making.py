"""Folders that are made once, by whoever needs them first: whole and checked, or not there."""

import json
import os
import shutil
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from gpt2studio.files import Lock, move

SEAL = "whole.json"
"""Written last: the size and checksum of every other file of the folder."""

_BESIDE = ".making-"
_PATIENCE = 0.05
"""Seconds between two looks at a lock that another process holds."""


class Report(Protocol):
    """Told of what is done while a person waits."""

    def __call__(self, what: str, done: int, total: int) -> None:
        """*what*, for people, is *done* of *total*; both 0 where it is a word and not a measure."""


def silent(what: str, done: int, total: int) -> None:
    """Tell nobody."""


@contextmanager
def locked(home: Path, report: Report) -> Iterator[None]:
    """The folder *home*, held by this process alone; waits for another one to be done with it."""
    home.mkdir(parents=True, exist_ok=True)
    lock = Lock(home / "lock")
    if not lock.acquire():
        report(f"Waiting: another program is building “{home.name}”", 0, 0)
        while not lock.acquire():
            time.sleep(_PATIENCE)
    try:
        yield
    finally:
        lock.release()


def made(home: Path, name: str, make: Callable[[Path], None], report: Report) -> Path:
    """The folder *name* in *home*, whole; *make* fills it where it is not, while *home* is locked.

    It is made beside and renamed into place, so that nobody ever sees it half done.
    """
    place = home / name
    if is_whole(place):
        return place
    with locked(home, report):
        if is_whole(place):
            return place
        _clear(home, place, report)
        beside = Path(tempfile.mkdtemp(prefix=_BESIDE, dir=home))
        try:
            make(beside)
            _seal(beside)
            move(beside, place)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
    return place


def is_whole(folder: Path) -> bool:
    """Whether the folder is there, with every file as it was made."""
    try:
        files = json.loads((folder / SEAL).read_text(encoding="utf-8"))
        return all(_checked(folder / name) == tuple(checked) for name, checked in files.items())
    except (OSError, ValueError, AttributeError, TypeError):
        return False


def _clear(home: Path, place: Path, report: Report) -> None:
    """Take away what a process that was killed, or a disk, left of earlier makings; the lock is ours."""
    for leftover in home.glob(f"{_BESIDE}*"):
        report("An index that was never finished is built again", 0, 0)
        shutil.rmtree(leftover, ignore_errors=True)
    if place.exists():
        report("A damaged index is built again", 0, 0)
        shutil.rmtree(place)


def _seal(folder: Path) -> None:
    checked = {path.name: _checked(path) for path in sorted(folder.iterdir())}
    with (folder / SEAL).open("w", encoding="utf-8") as file:
        json.dump(checked, file)
        file.flush()
        os.fsync(file.fileno())


def _checked(path: Path) -> tuple[int, int]:
    """A file's size and CRC-32."""
    size, checksum = 0, 0
    with path.open("rb", buffering=0) as file:
        while data := file.read(1 << 22):
            size, checksum = size + len(data), zlib.crc32(data, checksum)
    return size, checksum
