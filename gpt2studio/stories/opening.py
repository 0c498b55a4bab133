"""From a story's files to its state: the newest snapshot that fits, then the journal's lines after it."""

from dataclasses import dataclass
from pathlib import Path

from gpt2studio.files import write_whole
from gpt2studio.stories import journal, snapshot
from gpt2studio.stories.lines import from_line
from gpt2studio.stories.records import NewerError
from gpt2studio.stories.state import State


@dataclass(slots=True)
class Opened:
    """What a story's files hold."""

    state: State
    end: int
    """How many bytes of the journal are in the state."""
    size: int
    """How many bytes the journal has: more where its end is damaged."""
    fresh: int
    """How many bytes were folded because no snapshot had them."""
    last: bytes = b""
    """The last line that is in the state."""
    newer: bool = False
    """Whether a later version of the program wrote what comes after."""
    torn: bool = False
    """Whether all that is damaged is one line that was not written to its end."""


def read(directory: Path) -> Opened:
    """Fold a story's files; nothing on disk changes. Raises OSError where the journal cannot be read."""
    data = (directory / journal.NAME).read_bytes()
    opened, spoilt = _fold(directory, data, len(data))
    if spoilt:
        opened, _ = _fold(directory, data, opened.end)
        opened.size = len(data)
    opened.torn = data.find(b"\n", opened.end) < 0
    return opened


def _fold(directory: Path, data: bytes, limit: int) -> tuple[Opened, bool]:
    """The state after the good lines among the first *limit* bytes; and whether a bad record spoilt it."""
    state, end = snapshot.latest(directory, data, limit) or (State(), 0)
    opened = Opened(state, end, len(data), 0)
    while (stop := data.find(b"\n", opened.end, limit) + 1) > 0:
        line = data[opened.end : stop]
        try:
            entry = from_line(line, opened.end)
        except NewerError:
            opened.newer = True
            break
        except ValueError:
            break
        try:
            state.apply(entry)
        except (ValueError, LookupError):
            return opened, True
        opened.end, opened.last = stop, line
    opened.fresh = opened.end - end
    return opened, False


def repair(directory: Path, opened: Opened) -> str:
    """Cut off what is damaged at the journal's end; a word on what was done. All that is cut is kept beside it."""
    path = directory / journal.NAME
    number = 1
    while (aside := directory / f"journal.damaged-{number}").exists():
        number += 1
    with path.open("r+b") as file:
        file.seek(opened.end)
        write_whole(aside, file.read())
        text = directory / "story.txt"
        if not opened.torn and text.exists():
            write_whole(directory / f"story.damaged-{number}.txt", text.read_bytes())
        file.truncate(opened.end)
    if opened.torn:
        return f"The last change was only half on disk; that half is kept as {aside.name}."
    count = opened.size - opened.end
    return (
        f"The end of this story's journal was damaged: {count:,} bytes could not be read. They are kept as "
        f"{aside.name}, and the last text that was saved as story.damaged-{number}.txt, in {directory}."
    )
