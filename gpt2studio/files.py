"""Files as several processes share them: written whole or not at all, held by one at a time."""

import contextlib
import errno
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Self


@contextlib.contextmanager
def written_whole(path: Path, mode: int = 0o644) -> Iterator[IO[bytes]]:
    """A file to write that takes its place at *path* only when the block ends well.

    The bytes are on disk before the old file is replaced; where the block fails, the old file stands as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.chmod(mode)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def write_whole(path: Path, data: bytes, mode: int = 0o644) -> None:
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
