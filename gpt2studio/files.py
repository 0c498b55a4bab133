"""A file written whole or not at all."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO


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
