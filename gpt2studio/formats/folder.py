"""A folder written whole or not at all."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from gpt2studio.errors import StudioError
from gpt2studio.files import move


@contextlib.contextmanager
def written_folder(folder: Path) -> Iterator[Path]:
    """A folder to fill that becomes *folder* only when the block ends well; else nothing of it is left.

    Raises StudioError where *folder* is already there or cannot be written.
    """
    if folder.exists():
        raise StudioError(f"{folder} is already there.", "Choose another name, or move it away first.")
    part = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}.", suffix=".part"))
        yield part
        part.chmod(0o755)
        move(part, folder)
    except OSError as error:
        raise StudioError(
            f"{folder} cannot be written: {error.strerror or error}.",
            "Check the disk's space and the folder's permissions.",
        ) from None
    finally:
        if part is not None:
            shutil.rmtree(part, ignore_errors=True)
