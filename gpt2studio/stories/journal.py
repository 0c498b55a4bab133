"""The file that a story's records are appended to, a line each, by one process at a time."""

import contextlib
import os
import threading
from pathlib import Path
from typing import IO

from gpt2studio.errors import StudioError
from gpt2studio.files import Lock

NAME = "journal.jsonl"


class Journal:
    """Lines on their way to disk: what cannot be written now waits in memory, in order, and is tried again.

    Nothing is on disk, not even the folder, before the first line that is worth it.
    """

    def __init__(self, directory: Path, lock: Lock, last: bytes = b"") -> None:
        self.path = directory / NAME
        self.last = last
        """The last line; empty where it is not known."""
        self.trouble: StudioError | None = None
        """Why lines wait now; None while all are written."""
        self._lock = lock
        self._file: IO[bytes] | None = None
        self._waiting = bytearray()
        self._written = self.path.stat().st_size if self.path.exists() else 0
        self._worth = self._written > 0
        self.told = False
        """Whether somebody was told of the trouble."""
        self._unsafe = False  # whether a power cut could take something
        self._guard = threading.Lock()  # a thread may sync while another appends

    @property
    def end(self) -> int:
        """Where the next line will start, in bytes."""
        return self._written + len(self._waiting)

    @property
    def worth(self) -> bool:
        """Whether anything came that is worth a place on disk."""
        return self._worth

    def append(self, line: bytes, *, worth: bool) -> None:
        """Put a line at the end. A disk that takes none now is no error here: `sync` tells it."""
        with self._guard:
            self._waiting += line
            self.last = line
            self._worth = self._worth or worth
            self._write()

    def sync(self) -> None:
        """Make all lines safe from a power cut; the first time that this cannot be, raise StudioError."""
        with self._guard:
            self._write()
            file = self._file if self._unsafe and not self._waiting else None
            self._unsafe = self._unsafe and file is None
        if file is not None:
            try:
                os.fsync(file.fileno())
                self.trouble, self.told = None, False
            except (OSError, ValueError) as error:
                if file.closed:  # while a thread synced, the story was closed, which syncs too
                    return
                self._unsafe = True
                self._troubled(OSError(*error.args))
        if self.trouble is not None and not self.told:
            self.told = True
            raise self.trouble

    def read(self, start: int, end: int) -> bytes:
        """The bytes from *start* up to *end*, those that still wait too."""
        with self._guard:
            data = self._on_disk(start, min(end, self._written)) if start < self._written else b""
            return data + bytes(self._waiting[max(start - self._written, 0) : max(end - self._written, 0)])

    def claim(self) -> bool:
        """Take the lock before the first line; False where another window has it."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            return self._lock.acquire()
        except OSError:  # told when there is something to write
            return True

    def close(self) -> None:
        """Let go of the file and its lock; a folder that nothing was written in goes."""
        with self._guard:
            if self._file is not None:
                self._file.close()
                self._file = None
            claimed = self._lock.held and not self._worth
            self._lock.release()
            if claimed:
                with contextlib.suppress(OSError):
                    self._lock.path.unlink()
                    self.path.parent.rmdir()

    def _write(self) -> None:
        """Write what waits; what a full disk takes of a line is gone on with later, so no line is ever torn inside."""
        if not (self._worth and self._waiting):
            return
        self._unsafe = True
        try:
            if self._file is not None and not self.path.exists():
                self._begin_anew(self._file)
            if self._file is None:
                self._open()
            while self._waiting and self._file is not None:
                count = self._file.write(self._waiting)
                self._written += count
                del self._waiting[:count]
        except OSError as error:
            self._troubled(error)
        else:
            self.trouble, self.told = None, False

    def _on_disk(self, start: int, end: int) -> bytes:
        """What was written from *start* up to *end*; from the file as it is open, wherever it has gone to."""
        if self._file is None:
            with self.path.open("rb") as file:
                file.seek(start)
                return file.read(end - start)
        data = b""
        self._file.seek(start)  # what is appended goes to the end all the same
        while len(data) < end - start and (more := self._file.read(end - start - len(data))):
            data += more
        return data

    def _begin_anew(self, file: IO[bytes]) -> None:
        """Have all of it wait again: somebody took the folder away. What the open file has is not lost with it."""
        self._waiting[:0] = self._on_disk(0, self._written)
        self._written, self._file = 0, None
        file.close()
        self._lock.release()

    def _open(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if not self._lock.acquire():
            raise OSError(0, "another window writes there")
        file = self.path.open("a+b", buffering=0)
        if file.tell() != self._written:
            file.close()
            self._lock.release()
            raise OSError(0, "another window wrote there")
        self._file = file
        with contextlib.suppress(OSError):  # a folder cannot be synced on every system
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def _troubled(self, error: OSError) -> None:
        self.trouble = StudioError(
            f"The story cannot be written to “{self.path.parent}”: {error.strerror or error}.",
            "Make room or give access to that folder: all is kept in memory meanwhile, and written when it can be.",
        )
