"""What a model may be called, and whether the name is free."""

import re
from pathlib import Path

from gpt2studio.errors import StudioError
from gpt2studio.formats.neighbours import subfolders
from gpt2studio.paths import Places, fits_every_system, shipped

_NAME = re.compile(r"\w[\w.\- ]*")


def check_name(name: str) -> None:
    """Raise StudioError where a model cannot have this name on every system."""
    if not _NAME.fullmatch(name) or len(name) > 100 or not fits_every_system(name):
        raise StudioError(f"“{name}” cannot be a model's name.", "Use letters, digits, dashes and dots: my-tales")


def check_free(name: str, places: Places) -> None:
    """Raise StudioError where another model, or a run, has the name, large and small letters alike."""
    for folder, what in ((places.models, "model"), (shipped("models"), "model"), (places.runs, "run")):
        if name.casefold() in _names(folder):
            raise StudioError(f"There is a {what} “{name}” already.", "Choose another name.")


def suggested(text: str) -> str:
    """A name made from other words: a repository's, a file's."""
    name = re.sub(r"[^\w.\-]+", "-", text.rpartition("/")[2]).strip("-. _")[:100]
    return name if _NAME.fullmatch(name) and fits_every_system(name) else "model"


def _names(folder: Path) -> set[str]:
    return {path.name.casefold() for path in subfolders(folder) if not path.name.startswith(".")}
