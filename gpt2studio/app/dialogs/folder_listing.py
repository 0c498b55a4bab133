"""What a folder holds, read once, and which of it a typed part of a name means."""

import fnmatch
import os
from dataclasses import dataclass
from pathlib import Path

MOST = 2000
"""Rows that are shown of a folder; beyond, a person types a part of the name."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or a folder in a folder."""

    path: Path
    folder: bool
    size: int = 0
    """Bytes, of a file."""
    wanted: bool = True
    """Whether it is of the kind that is looked for; others are shown once their name is typed."""

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.name

    @property
    def hidden(self) -> bool:
        """Whether it is left out unless its name is typed."""
        return self.name.startswith(".")


@dataclass(frozen=True, slots=True)
class Listing:
    """A folder as it was read."""

    folder: Path
    entries: tuple[Entry, ...] = ()
    """Folders first, by name."""
    fault: str = ""
    """Why it could not be read, in words."""

    def matching(self, part: str) -> list[Entry]:
        """What a typed part of a name, or a pattern with ``*``, means; names that begin so first."""
        if is_pattern(part):
            return [each for each in self.entries if fnmatch.fnmatch(each.name.casefold(), part.casefold())]
        wanted = part.casefold()
        shown = [
            each
            for each in self.entries
            if wanted in each.name.casefold() and (part.startswith(".") or not each.hidden) and (part or each.wanted)
        ]
        return sorted(shown, key=lambda each: not each.name.casefold().startswith(wanted))

    @property
    def others(self) -> int:
        """How many files are of another kind than is looked for."""
        return sum(not each.wanted and not each.hidden for each in self.entries)


def is_pattern(part: str) -> bool:
    """Whether it means several names at once."""
    return "*" in part or "?" in part


def read_folder(folder: Path, suffixes: tuple[str, ...] = (), *, files: bool = True) -> Listing:
    """The folder with all that is in it; what cannot be looked at is left out. It may take as long as the disk does."""
    try:
        with os.scandir(folder) as items:
            entries = [entry for item in items if (entry := _entry(item, suffixes, files=files))]
    except OSError as error:
        return Listing(folder, fault=_fault(error))
    entries.sort(key=lambda each: (not each.folder, each.name.casefold(), each.name))
    return Listing(folder, tuple(entries))


def _entry(item: "os.DirEntry[str]", suffixes: tuple[str, ...], *, files: bool) -> Entry | None:
    try:
        if item.is_dir():
            return Entry(Path(item.path), True)
        if not files or not item.is_file():  # pipes and devices hold no text, and reading them can wait for ever
            return None
        wanted = not suffixes or item.name.lower().endswith(suffixes)
        return Entry(Path(item.path), False, item.stat().st_size, wanted)
    except OSError:
        return None


def _fault(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "There is no such folder."
    if isinstance(error, NotADirectoryError):
        return "That is no folder."
    return f"This folder cannot be read: {error.strerror or error}."


def completed(part: str, names: list[str]) -> str:
    """The longest beginning that all names share which begin like *part*; *part* where none does."""
    alike = [name for name in names if name.casefold().startswith(part.casefold())]
    shared = 0
    for letters in zip(*(name.casefold() for name in alike), strict=False):
        if len(set(letters)) > 1:
            break
        shared += 1
    return alike[0][:shared] if alike else part
