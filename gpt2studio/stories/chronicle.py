"""A story's state with the journal that keeps it: what is done here is folded, and on its way to disk."""

import contextlib
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Self

from gpt2studio import __version__
from gpt2studio.errors import NotFoundError, StudioError
from gpt2studio.files import Lock, write_whole
from gpt2studio.stories import about, opening, snapshot
from gpt2studio.stories.journal import NAME, Journal
from gpt2studio.stories.lines import from_line, to_line
from gpt2studio.stories.records import Edit, End, Entry, Made, Record
from gpt2studio.stories.splice import Splice, by_person
from gpt2studio.stories.state import State

SNAPSHOT_EVERY = 1 << 18
"""Bytes of journal that may be left to fold at the next opening: a few tens of milliseconds."""

TEXT = "story.txt"
ELSEWHERE = "This text is open in another window, so it is read-only in this one."
_CLOSE_THAT = "Close the other window that has it, and open it again."
_NEWER_CAN = "The newer gpt2studio can write in it; Ctrl+N begins another story here."
_GIVE_ACCESS = "Give access to its folder, and open it again; Ctrl+N begins another story."


class Chronicle:
    """A story's files, open here, and what they add up to."""

    def __init__(self, directory: Path, state: State, journal: Journal) -> None:
        self.directory = directory
        self.state = state
        self.read_only = False
        self.notices: list[str] = []
        """What was found and put right on opening, for the person."""
        self._remedy = _CLOSE_THAT
        """What a person can do where it is read-only."""
        self._journal = journal
        self._snapshot_end = 0
        self._text_end = -1
        self._closed = False

    @classmethod
    def blank(cls, directory: Path) -> Self:
        """A new story in this directory, which need not be there."""
        chronicle = cls(directory, State(), Journal(directory, Lock(directory / "lock")))
        chronicle.do(Made(directory.name, __version__), worth=False)
        return chronicle

    @classmethod
    def open(cls, directory: Path) -> Self:
        """The story in *directory*, as it was left; what is damaged is set aside, and the notices say so.

        Read-only where another window has it or a newer program wrote it. Raises StudioError kinds where there is
        no story, or its files cannot be read.
        """
        if not (directory / NAME).exists():
            return cls._from_text(directory)
        notices: list[str] = []
        lock = Lock(directory / "lock")
        writable = _taken(lock, notices)
        try:
            opened = opening.read(directory)
        except OSError as error:
            lock.release()
            reason = error.strerror or error
            raise StudioError(f"The story in “{directory}” cannot be read: {reason}.", "Check the disk.") from error
        if opened.newer:
            notices.append(
                "A newer gpt2studio wrote in this story: it is shown as far as this one understands it, read-only. "
                f"The whole text is in {directory / TEXT}."
            )
        if writable and (opened.newer or not _repaired(directory, opened, notices)):
            writable = False
            lock.release()
        chronicle = cls(directory, opened.state, Journal(directory, lock, opened.last))
        chronicle.read_only = not writable
        chronicle._remedy = _CLOSE_THAT if ELSEWHERE in notices else _NEWER_CAN if opened.newer else _GIVE_ACCESS
        chronicle.notices = notices
        chronicle._snapshot_end = opened.end - opened.fresh
        chronicle._settle()
        return chronicle

    @classmethod
    def _from_text(cls, directory: Path) -> Self:
        """A story whose journal is gone, from the text that was kept beside it."""
        try:
            text = (directory / TEXT).read_text("utf-8", errors="replace")
        except OSError:
            raise NotFoundError(
                f"There is no story in “{directory}”.", "Ctrl+O lists the stories that there are."
            ) from None
        chronicle = cls.blank(directory)
        chronicle.do(Edit(0, 0, by_person(text), cause="import"))
        chronicle.notices.append("This story's journal is gone. Its text is here; who wrote what is not known.")
        return chronicle

    def claim(self) -> None:
        """Keep a new story for this window, before anything is worth a place on disk."""
        if not self._journal.claim():
            self.read_only = True
            self.notices.append(ELSEWHERE)

    @property
    def worth(self) -> bool:
        """Whether anything came that is worth a place on disk."""
        return self._journal.worth

    def check(self) -> None:
        """Raise StudioError where nothing may be written."""
        if self.read_only:
            raise StudioError("This story is read-only here.", self._remedy)

    def do(self, record: Record, *, worth: bool = True) -> list[Splice]:
        """Take a record in; the splices that it makes in the current text. What is not *worth* it makes no folder."""
        self.check()
        entry = Entry(self.state.seq, round(time.time(), 3), record, self._journal.end)
        line = to_line(entry)
        splices = self.state.apply(replace(entry, end=entry.start + len(line)))
        self._journal.append(line, worth=worth)
        return splices

    def records(self, node: int) -> Iterator[Record]:
        """The records from a continuation's first to its last, others between them."""
        made = self.state.tree.nodes[node].generation
        if made is None:
            raise ValueError(f"node {node} is no continuation")
        lines = self._journal.read(made.start, made.end).split(b"\n")[:-1]
        return (from_line(line).record for line in lines)

    def sync(self) -> None:
        """Make all safe from a power cut; raise StudioError the first time that the disk takes nothing."""
        self._journal.sync()

    def save_text(self) -> None:
        """Write the current text, and a line about it, beside the journal; StudioError where that cannot be."""
        if self.read_only or not self.worth or self._journal.end == self._text_end:
            return
        text = self.state.tree.document.text
        try:
            write_whole(self.directory / TEXT, text.encode("utf-8", "replace"))
            about.write(self.directory, about.about(self.state, self._journal.end))
            self._text_end = self._journal.end
        except OSError as error:
            raise StudioError(
                f"The story's text cannot be written to “{self.directory}”: {error.strerror or error}.",
                "Make room or give access to that folder: the journal beside it has all that was written before.",
            ) from error

    def close(self) -> None:
        """Write what is to be written and let go. Raises StudioError where something could not be written."""
        if self._closed:
            return
        self._closed = True
        try:
            if not self.read_only and self.worth:
                for node in list(self.state.open):
                    self.do(End(node, "interrupted"))
                self._sync_last()
                self.save_text()
                if self._journal.end - self._snapshot_end > SNAPSHOT_EVERY:
                    self._keep_snapshot()
        finally:
            self.read_only = True
            self._journal.close()

    def _sync_last(self) -> None:
        """Make all safe, or put the text where it can be found: what waits in memory goes with this process."""
        self._journal.told = False
        try:
            self._journal.sync()
        except StudioError as error:
            rescue = Path(tempfile.gettempdir()) / f"gpt2studio-{self.directory.name}.txt"
            try:
                write_whole(rescue, self.state.tree.document.text.encode("utf-8", "replace"), 0o600)
            except OSError:
                raise error from None
            raise StudioError(
                error.message, f"Its text is in “{rescue}”; the history of the last changes is not."
            ) from None

    def _settle(self) -> None:
        """End what the last process left open, and keep a snapshot where much had to be folded."""
        for node in list(self.state.open):
            if self.read_only:
                self.state.interrupt(node)
            else:
                self.do(End(node, "interrupted"))
        if not self.read_only and self._journal.end - self._snapshot_end > 4 * SNAPSHOT_EVERY:
            self._keep_snapshot()

    def _keep_snapshot(self) -> None:
        with contextlib.suppress(OSError, StudioError):  # the journal has all that is in it
            self._journal.sync()
            snapshot.save(self.state, self.directory, self._journal.end, self._journal.last)
            self._snapshot_end = self._journal.end


def _taken(lock: Lock, notices: list[str]) -> bool:
    """Take a story's lock; why not, if not."""
    try:
        if lock.acquire():
            return True
        notices.append(ELSEWHERE)
    except OSError as error:
        notices.append(f"This story is read-only: {error.strerror or error}.")
    return False


def _repaired(directory: Path, opened: opening.Opened, notices: list[str]) -> bool:
    """Set aside what is damaged; whether that could be done."""
    if opened.end == opened.size:
        return True
    try:
        notices.append(opening.repair(directory, opened))
    except OSError as error:
        notices.append(
            f"The end of this story's journal is damaged and cannot be set aside ({error.strerror}): read-only."
        )
        return False
    return True
