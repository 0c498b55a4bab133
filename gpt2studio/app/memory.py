"""What the app remembers from one day to the next: a small JSON file that only the app writes."""

import contextlib
import json
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from gpt2studio.files import write_whole

LINES = 100
"""How many of the lines typed into the prompt line are remembered."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Choices made in the app, and where the person was. Every one of them can be missing."""

    story: str = ""
    """The id of the story that was open last."""
    theme: str = ""
    """The theme chosen in the palette."""
    model: str = ""
    """The name or path of the model used last."""
    docks: bool = True
    """Whether a wide screen shows the docks."""
    lines: tuple[str, ...] = ()
    """What was typed into the prompt line, the latest last."""
    texts: tuple[str, ...] = ()
    """What a new run learned from last; none: the example."""
    folder: str = ""
    """Where a file was picked last."""

    def with_line(self, line: str) -> "Memory":
        """This, and one more line."""
        return replace(self, lines=(*(each for each in self.lines if each != line), line)[-LINES:])

    def with_story(self, story: str) -> "Memory":
        """This, with another story open."""
        return replace(self, story=story)

    def with_docks(self, docks: bool) -> "Memory":
        """This, with the docks shown or hidden."""
        return replace(self, docks=docks)


class MemoryFile:
    """The memory, kept on disk with every change; a disk that does not allow it is no reason to stop."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.memory = remembered(path)

    def change(self, memory: Memory) -> None:
        """From now on remember this."""
        if memory != self.memory:
            self.memory = memory
            with contextlib.suppress(OSError):
                remember(self._path, memory)


def remembered(path: Path) -> Memory:
    """What the file holds; a file that is missing or damaged is as good as none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Memory()
    if not isinstance(data, dict):
        return Memory()
    usual = Memory()
    return Memory(
        **{each.name: _like(getattr(usual, each.name), data[each.name]) for each in fields(Memory) if each.name in data}
    )


def remember(path: Path, memory: Memory) -> None:
    """Keep it for the next time. Raises OSError where the disk does not allow it."""
    write_whole(path, json.dumps(asdict(memory), ensure_ascii=True, indent=1).encode("ascii"))


def _like(usual: Any, value: Any) -> Any:
    """The value, if it is of the usual one's type; else the usual one."""
    if isinstance(usual, tuple):
        return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else usual
    return value if type(value) is type(usual) else usual
