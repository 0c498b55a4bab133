"""The stories on disk: listed without opening them, put away without deleting them, and back."""

import contextlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from gpt2studio.errors import NotFoundError, StudioError
from gpt2studio.files import Lock
from gpt2studio.stories import about, opening
from gpt2studio.stories.journal import NAME

TRASH = "trash"


@dataclass(frozen=True, slots=True)
class Listed:
    """A story on the shelf."""

    id: str
    directory: Path
    title: str
    """The person's title; empty where it has none."""
    excerpt: str
    """The first words; empty where it has none."""
    words: int
    modified: float
    """When it was changed last, in seconds since 1970."""
    path: Path | None = None
    """The text file that is edited in place; None for a story."""

    @property
    def label(self) -> str:
        """The title, or the first words; of a file its name."""
        return self.path.name if self.path is not None else self.title or self.excerpt or "Untitled"


class StoryShelf:
    """The folder that stories lie in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def stories(self) -> list[Listed]:
        """All stories, the one changed last first."""
        return _all_in(self.folder)

    def thrown_away(self) -> list[Listed]:
        """All stories in the trash folder, the one changed last first."""
        return _all_in(self.folder / TRASH)

    def last(self) -> Listed | None:
        """The story changed last; None where there is none."""
        found = [(path.stat().st_mtime, path.parent.name, path.parent) for path in self.folder.glob(f"*/{NAME}")]
        return _listed(max(found)[2]) if found else None

    def directory(self, id_: str) -> Path:
        """Where a story lies. Raises NotFoundError where it does not."""
        directory = self.folder / id_
        if id_ != directory.name or not (directory / NAME).exists():
            raise NotFoundError(f"There is no story “{id_}”.", "Ctrl+O lists the stories that there are.")
        return directory

    def trash(self, id_: str) -> Path:
        """Put a story into the trash folder; where it lies now. Raises StudioError where it is open in a window."""
        return _moved(self.directory(id_), self.folder / TRASH)

    def put_back(self, id_: str) -> Path:
        """Take a story out of the trash folder; where it lies now. Raises StudioError where that cannot be."""
        return _moved(self._thrown(id_), self.folder)

    def delete(self, id_: str) -> None:
        """Take a story that is in the trash folder from the disk. Raises StudioError where that cannot be."""
        directory = self._thrown(id_)
        try:
            shutil.rmtree(directory)
        except OSError as error:
            raise StudioError(
                f"The story cannot be deleted from “{directory.parent}”: {error.strerror or error}.",
                "Give yourself access to that folder.",
            ) from error

    def _thrown(self, id_: str) -> Path:
        return StoryShelf(self.folder / TRASH).directory(id_)


def edited_files(folder: Path) -> list[Listed]:
    """The text files whose journals are in *folder* and that are still there, the one edited last first."""
    # Path.is_file raises where somebody may not look.
    return [each for each in _all_in(folder) if each.path is not None and os.path.isfile(each.path)]  # noqa: PTH113


def _moved(directory: Path, folder: Path) -> Path:
    """Move a story into the folder, beside what is there; where it lies now."""
    target = folder / directory.name
    number = 1
    while target.exists():
        number += 1
        target = folder / f"{directory.name}-{number}"
    try:
        if Lock(directory / "lock").taken_elsewhere():
            raise StudioError("That story is open in a window.", "Close it there first.")
        folder.mkdir(exist_ok=True)
        directory.rename(target)
    except OSError as error:
        raise StudioError(
            f"The story cannot be moved to “{folder}”: {error.strerror or error}.",
            "Give yourself access to the folder of the stories.",
        ) from error
    return target


def _all_in(folder: Path) -> list[Listed]:
    found = []
    for path in folder.glob(f"*/{NAME}"):
        with contextlib.suppress(FileNotFoundError):  # another window puts stories away too
            found.append(_listed(path.parent))
    return sorted(found, key=lambda story: (story.modified, story.id), reverse=True)


def _listed(directory: Path) -> Listed:
    line = about.read(directory)
    if line is None:
        # It was not closed well: what its journal holds counts, not what was last written about it.
        try:
            line = about.about(opening.read(directory).state, 0)
        except OSError:
            line = about.About("", "", 0, 0)
    modified = (directory / NAME).stat().st_mtime
    path = Path(line.path) if line.path else None
    return Listed(directory.name, directory, line.title, line.excerpt, line.words, modified, path)
