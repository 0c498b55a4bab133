"""The rows of the file dialog: what a person asks for, and what each row takes."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from textual.content import Content

from gpt2studio.app.common.shown import shown
from gpt2studio.app.common.wording import clipped, counted, size
from gpt2studio.app.dialogs.folder_listing import MOST, Entry, Listing, is_pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """What a person is to choose."""

    title: str
    suffixes: tuple[str, ...] = ()
    """The ends of the names that are looked for, in small letters; none: any. Other files are there when typed."""
    files: bool = True
    """Whether a file may be taken."""
    folders: bool = False
    """Whether a folder may be taken."""
    several: bool = False
    """Whether more than one may be taken."""


@dataclass(frozen=True, slots=True)
class Row:
    """What Enter takes on a row, and how it is called."""

    paths: tuple[Path, ...]
    label: str
    about: str = ""
    opens: Path | None = None
    """The folder that it is, for → and Enter."""


def rows_of(listing: Listing, part: str, pick: Pick) -> tuple[list[Row], str]:
    """The rows that a folder has for a typed part of a name, and a word on what they are not."""
    entries = listing.matching(part)
    note = ""
    if len(entries) > MOST:
        note = f"and {len(entries) - MOST:,} more: type a part of the name"
    elif not part and listing.others:
        note = f"{counted(listing.others, 'other file')}: type a part of the name"
    elif not entries:
        note = "Nothing here has that in its name." if part else "Nothing is in this folder."
    return [*_whole(listing, entries, part, pick), *map(_row, entries[:MOST])], note


def drawn(row: Row, width: int, marked: Collection[Path]) -> Content:
    """The row in so many cells, with a mark where all that it takes is marked."""
    mark = "● " if all(path in marked for path in row.paths) else "  "
    label = clipped(shown(row.label), max(8, width - len(mark) - len(row.about) - 2))
    gap = " " * max(1, width - len(mark) - Content(label).cell_length - len(row.about))
    return Content.assemble((mark, "$accent"), (label, "bold" if row.opens else ""), gap, (row.about, "$text-muted"))


def _whole(listing: Listing, entries: list[Entry], part: str, pick: Pick) -> list[Row]:
    """The row that takes the folder itself, or all that a pattern means."""
    if is_pattern(part) and pick.several:
        files = tuple(each.path for each in entries if not each.folder)
        octets = sum(each.size for each in entries)
        return [Row(files, f"all {len(files):,} that match", size(octets))] if files else []
    if pick.folders and not part:
        return [Row((listing.folder,), "this folder, with all that is in it" if pick.files else "this folder")]
    return []


def _row(entry: Entry) -> Row:
    if entry.folder:
        return Row((entry.path,), f"{entry.name}/", opens=entry.path)
    return Row((entry.path,), entry.name, size(entry.size))
