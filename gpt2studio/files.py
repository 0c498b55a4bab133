"""Files as several processes share them: written whole or not at all, held by one at a time."""

import contextlib
import errno
import os
import secrets
import shutil
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Self

_PATIENCE = 1.0
"""Seconds for which others may read what is to be moved."""


@contextlib.contextmanager
def written_whole(path: Path, mode: int | None = None, *, links: bool = False) -> Iterator[IO[bytes]]:
    """A file to write that takes its place at *path* only when the block ends well.

    The bytes are on disk before the old file is replaced; where the block fails, the old file stands as it was.
    Without a *mode* the old file's stays, and a new file has what the system gives to one. With *links*, an old file
    that has other names keeps them: the bytes go into it, in place, once all are safe beside it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    old = None
    with contextlib.suppress(FileNotFoundError):
        old = path.stat()
    if mode is None and old is not None:
        mode = stat.S_IMODE(old.st_mode)
    # Nothing of the file's own name is in it, which may be as long as names can be.
    part = path.with_name(f".{secrets.token_hex(8)}.part")
    file = _made(part, None if mode is None else mode | stat.S_IWUSR)
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        with _unprotected(path, mode):
            if links and old is not None and old.st_nlink > 1:
                _pour(part, path)
                part.unlink()
            else:
                move(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def move(path: Path, place: Path) -> None:
    """Rename the file or folder; a file takes the place of one that is there.

    Windows refuses while another program reads the file, or any in the folder: a watcher, say, or one that looks for
    viruses in whatever is new. That is soon over, and waited for.
    """
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            path.replace(place)
            return
        except PermissionError:
            if sys.platform != "win32" or time.monotonic() > until:
                raise
        time.sleep(0.02)


def _made(path: Path, mode: int | None) -> IO[bytes]:
    """A new file of this mode, or of the one that the system gives; at no moment may others do more with it."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    file = os.fdopen(os.open(path, flags, 0o666 if mode is None else mode), "wb")
    if mode is not None:
        with contextlib.suppress(OSError):  # a disk that knows no modes refuses
            path.chmod(mode)
    return file


@contextlib.contextmanager
def _unprotected(path: Path, mode: int | None) -> Iterator[None]:
    """While the block runs, the file may be written: Windows replaces none that is protected. It has its mode then."""
    if mode is None or mode & stat.S_IWUSR:
        yield
        return
    with contextlib.suppress(OSError):
        path.chmod(mode | stat.S_IWUSR)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            path.chmod(mode)


def _pour(part: Path, path: Path) -> None:
    """Put one file's bytes into another, which stays the same file."""
    with part.open("rb") as whole, path.open("r+b") as file:
        shutil.copyfileobj(whole, file)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())


def write_whole(path: Path, data: bytes, mode: int | None = None) -> None:
    """Put *data* at *path*, whole or not at all."""
    with written_whole(path, mode) as file:
        file.write(data)


class Lock:
    """A file that one handle at a time holds: the system lets go of it when its process ends, however it ends.

    The file itself stays: taking it away would let two processes hold two files of one name.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[bytes] | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._file is not None

    def acquire(self) -> bool:
        """Take the lock if it is free; whether it is ours now. Raises OSError where the file cannot be opened."""
        if self._file is not None:
            return True
        file = self.path.open("ab")
        try:
            _hold(file.fileno())
        except OSError as error:
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK):
                file.close()
                return False
            if error.errno not in (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS):
                file.close()
                raise
            # A file system that knows no locks: better to let people write than never.
        self._file = file
        return True

    def acquire_soon(self, patience: float = 1.0) -> bool:
        """Take the lock; whether it is ours now. Looking at a lock takes it for an instant: a refusal is believed late.

        *patience* is in seconds.
        """
        until = time.monotonic() + patience
        while not self.acquire():
            if time.monotonic() > until:
                return False
            time.sleep(0.02)
        return True

    def release(self) -> None:
        """Let the lock go; nothing happens where it is not held."""
        if self._file is not None:
            # Closing alone would leave it with a program that is just being started and has the file until it runs.
            with contextlib.suppress(OSError):
                _let_go(self._file.fileno())
            self._file.close()
            self._file = None

    def taken_elsewhere(self) -> bool:
        """Whether another handle, of this process or another, holds the lock now."""
        if self.held or not self.path.exists():
            return False
        try:
            return not self.acquire()
        finally:
            self.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


if sys.platform == "win32":
    import msvcrt

    def _hold(handle: int) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

    def _let_go(handle: int) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _hold(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _let_go(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)
