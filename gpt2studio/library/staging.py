"""The place where a model comes into being before it stands among the others."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gpt2studio.errors import StudioError
from gpt2studio.files import Lock, move
from gpt2studio.formats.mapped import let_go
from gpt2studio.library.names import check_free, check_name
from gpt2studio.paths import Places

_MAKING = ".making"


@contextmanager
def placed(name: str, places: Places) -> Iterator[Path]:
    """A folder to work in, whose ``model`` becomes ``models/NAME`` when the block ends well; else nothing is left.

    Raises StudioError where the name cannot be one, or is taken.
    """
    check_name(name)
    check_free(name, places)
    folder = places.models / _MAKING / name
    with held(folder, f"A model “{name}” is being made already."):
        shutil.rmtree(folder)  # what a killed program left
        folder.mkdir()
        try:
            yield folder
            check_free(name, places)
            move(folder / "model", places.models / name)
        except BaseException as error:
            let_go(error)
            raise
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def held(folder: Path, otherwise: str) -> Iterator[None]:
    """The folder, made where it was not, and held by this process alone. Raises StudioError where another has it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = Lock(folder.with_name(f"{folder.name}.lock"))
        if not lock.acquire():
            raise StudioError(otherwise, "Wait for that, or stop it there.")
    except OSError as error:
        raise StudioError(f"{folder} cannot be made: {error.strerror}.", "Check the folder's permissions.") from None
    with lock:
        yield
