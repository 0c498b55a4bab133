"""What a shelf tells of a story without opening it."""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from gpt2studio.files import write_whole
from gpt2studio.stories import journal
from gpt2studio.stories.state import State

NAME = "about.json"

FILE = "file"
"""The note that says which text file is edited in place."""


@dataclass(frozen=True, slots=True)
class About:
    """A story in a line."""

    title: str
    excerpt: str
    """The first words."""
    words: int
    size: int
    """Bytes of the journal when this was written: it holds while the journal has no more."""
    path: str = ""
    """The text file that is edited in place; empty for a story."""


def about(state: State, size: int) -> About:
    """The line for a story in this state, with a journal of so many bytes."""
    text = state.tree.document.text
    file = state.notes.get(FILE)
    path = file.get("path", "") if isinstance(file, dict) else ""
    return About(state.title, first_words(text), len(text.split()), size, path if isinstance(path, str) else "")


def first_words(text: str) -> str:
    """The first line with something on it, or as much of it as a list has room for; empty where there is none."""
    line = next((line for line in text[:10_000].splitlines() if line.strip()), "")
    return " ".join(line.split())[:80]


def write(directory: Path, line: About) -> None:
    """Put the line beside the story's journal."""
    write_whole(directory / NAME, json.dumps(asdict(line), ensure_ascii=True).encode() + b"\n")


def read(directory: Path) -> About | None:
    """The line beside the story's journal; None where there is none, it is damaged, or the story went on since."""
    try:
        line = About(**json.loads((directory / NAME).read_bytes()))
        sound = all(type(getattr(line, each.name)) is each.type for each in fields(line))
        return line if sound and line.size == (directory / journal.NAME).stat().st_size else None
    except (OSError, ValueError, TypeError, RecursionError):
        return None
