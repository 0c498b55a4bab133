"""A story that is a person's own text file, edited in place."""

import difflib
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from gpt2studio.errors import NotFoundError
from gpt2studio.stories.about import FILE
from gpt2studio.stories.chronicle import Chronicle
from gpt2studio.stories.journal import NAME
from gpt2studio.stories.splice import Splice, common
from gpt2studio.stories.story import Story
from gpt2studio.stories.textfile import TextFile

LINES = 5000
"""A change of more lines than this is taken as one, not looked at line by line."""


class FileStory(Story):
    """The text is the file's; the journal has who wrote what, and how it came to be."""

    _file: TextFile
    _saved = ""

    @classmethod
    def of(cls, folder: Path, path: Path) -> Self:
        """The file at *path*, its journal in *folder*. Raises StudioError kinds where it is no text that can be read.

        What was not saved last time is back; where the file was changed elsewhere since, the file's text counts, and
        what was not saved is one undo away.
        """
        file = TextFile(path)
        text = file.read()
        name = re.sub(r"[^\w.-]+", "-", file.path.name)[:40]
        directory = folder / f"{name}-{hashlib.sha256(str(file.path).encode('utf-8', 'replace')).hexdigest()[:16]}"
        known = (directory / NAME).exists()
        story = cls(Chronicle.open(directory) if known else Chronicle.blank(directory))
        story._file, story._saved = file, text
        if file.mixed:
            story.notices.append(f"“{file.path.name}” ends its lines in two ways; saving makes them one.")
        if not story.read_only:
            story._meet(text, known)
        if not known:
            story._chronicle.claim()
        return story

    @property
    def path(self) -> Path:
        """The file."""
        return self._file.path

    @property
    def unsaved(self) -> bool:
        """Whether the file lacks something."""
        return self.text != self._saved

    def changed_elsewhere(self) -> bool:
        """Whether another program changed the file since it was read or saved here."""
        return self._file.changed()

    def save(self, *, force: bool = False) -> None:
        """Write the file whole. Raises GuardedError where it should not be written over unasked, unless forced."""
        self._chronicle.check()
        text = self.text
        self._file.write(text, force=force)
        self._saved = text
        self._note_file()
        self.save_text()

    def reload(self) -> list[Splice]:
        """Take in what another program made of the file, as one edit that can be undone.

        Raises StudioError kinds where it is gone, or no text that can be read; the text here stays then.
        """
        if not self._file.there:
            raise NotFoundError(f"“{self._file.path.name}” is not there any more.", "Ctrl+S makes it again.")
        self._saved = self._file.read()
        splices = self._become(self._saved)
        self._note_file()
        return splices

    def _meet(self, text: str, known: bool) -> None:
        """Bring the journal's text and the file's together."""
        name, noted = self._file.path.name, self.notes.get(FILE)
        before = noted.get("digest") if isinstance(noted, dict) else None
        if not known:
            self.edit(0, 0, text, cause="import")
        elif not self._file.digest and before:
            self.notices.append(f"“{name}” is not there any more; saving makes it again.")
        elif self._file.digest == before:
            if self.unsaved:
                self.notices.append(f"What was not saved to “{name}” last time is back.")
        elif self.text != text:
            self._become(text)
            self.notices.append(f"“{name}” was changed elsewhere: its text is here, what was here is one undo away.")
        self._note_file()

    def _become(self, text: str) -> list[Splice]:
        join = False
        splices = []
        for at, removed, inserted in list(differences(self.text, text)):
            splices.append(self.edit(at, removed, inserted, join=join, cause="elsewhere"))
            join = True
        return splices

    def _note_file(self) -> None:
        self.note(FILE, {"path": str(self._file.path), "digest": self._file.digest})


def differences(old: str, new: str) -> Iterator[tuple[int, int, str]]:
    """The edits that make *new* of *old*, the last first: where, how many characters go, what comes."""
    start = common(old, new)
    end = common(old[start:][::-1], new[start:][::-1])
    mine = old[start : len(old) - end].splitlines(keepends=True)
    theirs = new[start : len(new) - end].splitlines(keepends=True)
    if not mine and not theirs:
        return
    if max(len(mine), len(theirs)) > LINES:
        yield start, sum(map(len, mine)), "".join(theirs)
        return
    place = start + sum(map(len, mine))
    for kind, low, high, from_, to in reversed(difflib.SequenceMatcher(None, mine, theirs).get_opcodes()):
        size = sum(map(len, mine[low:high]))
        place -= size
        if kind != "equal":
            yield place, size, "".join(theirs[from_:to])
