"""The stories on disk: listed without opening them, put away without deleting them."""

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

    @property
    def label(self) -> str:
        """The title, or the first words."""
        return self.title or self.excerpt or "Untitled"


class StoryShelf:
    """The folder that stories lie in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def stories(self) -> list[Listed]:
        """All stories, the one changed last first."""
        found = [path.parent for path in self.folder.glob(f"*/{NAME}")]
        return sorted((_listed(each) for each in found), key=lambda story: (story.modified, story.id), reverse=True)

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
        directory = self.directory(id_)
        target = self.folder / TRASH / id_
        number = 1
        while target.exists():
            number += 1
            target = self.folder / TRASH / f"{id_}-{number}"
        try:
            if Lock(directory / "lock").taken_elsewhere():
                raise StudioError("That story is open in a window.", "Close it there first.")
            target.parent.mkdir(exist_ok=True)
            directory.rename(target)
        except OSError as error:
            raise StudioError(
                f"The story cannot be moved to “{target.parent}”: {error.strerror or error}.",
                "Give yourself access to the folder of the stories.",
            ) from error
        return target


def _listed(directory: Path) -> Listed:
    line = about.read(directory)
    if line is None:
        # It was not closed well: what its journal holds counts, not what was last written about it.
        try:
            state = opening.read(directory).state
            line = about.about(state.title, state.tree.document.text, 0)
        except OSError:
            line = about.about("", "", 0)
    modified = (directory / NAME).stat().st_mtime
    return Listed(directory.name, directory, line.title, line.excerpt, line.words, modified)
