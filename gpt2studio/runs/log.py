"""The event log of a run: one writer appends whole lines, any number of readers follow."""

import os
from pathlib import Path
from typing import IO

from gpt2studio.runs.events import Event, from_line, to_line


class EventLog:
    """An append-only file of events, a JSON object a line.

    A line is there for readers once its newline is; what a killed writer left half-written is cut off by the next.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, offset: int = 0, limit: int = -1) -> tuple[list[Event], int]:
        """Every whole event past *offset* bytes, and the offset to read from next; nothing where there is no log.

        With a *limit*, about so many bytes at most.
        """
        try:
            with self.path.open("rb") as file:
                file.seek(offset)
                data = file.read(limit)
        except FileNotFoundError:
            return [], offset
        whole = data[: data.rfind(b"\n") + 1]
        if not whole and len(data) == limit:  # a line that is longer than that
            return self.read(offset)
        return [event for line in whole.splitlines() if (event := from_line(line))], offset + len(whole)

    def append(self, event: Event) -> None:
        """Add the event. Raises OSError, the log left whole, where the disk does not take it."""
        line = to_line(event)
        with self.path.open("ab", buffering=0) as file:
            start = file.seek(0, os.SEEK_END)
            written = 0
            try:
                while written < len(line):
                    written += file.write(line[written:])
            except OSError:
                file.truncate(start)
                raise

    def mend(self) -> None:
        """Cut off a last line without an end. Only for the one who holds the run's lock."""
        try:
            with self.path.open("r+b") as file:
                size = file.seek(0, os.SEEK_END)
                keep = _last_newline(file, size)
                if keep < size:
                    file.truncate(keep)
        except FileNotFoundError:
            return

    def flush(self) -> None:
        """Have what was appended on disk, not only in the system's memory."""
        with self.path.open("ab") as file:
            os.fsync(file.fileno())


def _last_newline(file: IO[bytes], size: int, step: int = 1 << 16) -> int:
    """The offset behind the last newline; 0 where there is none."""
    end = size
    while end > 0:
        start = max(0, end - step)
        file.seek(start)
        if (found := file.read(end - start).rfind(b"\n")) >= 0:
            return start + found + 1
        end = start
    return 0
