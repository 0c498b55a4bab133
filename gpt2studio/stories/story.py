"""A story: a text with its ink, its history and its branches, kept as a journal on disk."""

import contextlib
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from gpt2studio import __version__
from gpt2studio.errors import NotFoundError, StudioError
from gpt2studio.files import Lock, write_whole
from gpt2studio.stories import about, opening, snapshot
from gpt2studio.stories.journal import NAME, Journal
from gpt2studio.stories.records import (
    Begin,
    Edit,
    End,
    Entry,
    Go,
    Made,
    Note,
    Record,
    Redo,
    Rename,
    TokenRecord,
    Tokens,
    Undo,
    from_line,
    to_line,
)
from gpt2studio.stories.splice import Author, Piece, Splice, by_person, joined
from gpt2studio.stories.state import State
from gpt2studio.stories.views import GenerationView, NodeView, view

__all__ = ["Author", "GenerationView", "NodeView", "Piece", "Splice", "Story", "TokenRecord"]

SNAPSHOT_EVERY = 1 << 18
"""Bytes of journal that may be folded anew at the next opening: a few tens of milliseconds."""

TEXT = "story.txt"


class Story:
    """A story that is open here.

    What changes the text returns the splices that an editor applies to show the same. Nothing here raises because
    a disk is full: the text goes on in memory, and `sync` tells it.
    """

    def __init__(self, directory: Path, state: State, journal: Journal, *, read_only: bool = False) -> None:
        self.directory = directory
        self.read_only = read_only
        """Whether another window has it, or this program must not write to it."""
        self.notices: list[str] = []
        """What was found and put right on opening, for the person."""
        self.moved: list[Splice] = []
        """What the last `begin` changed in the text before the first token: a retry takes the old one out."""
        self._state = state
        self._journal = journal
        self._snapshot_end = 0
        self._closed = False

    # --- made and opened ---------------------------------------------------------------------------------------------

    @classmethod
    def create(cls, folder: Path, *, title: str = "") -> Self:
        """A new story in *folder*; on disk from the first change that is worth it."""
        name = f"{datetime.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        story = cls.blank(folder / name)
        story.rename(title)
        return story

    @classmethod
    def blank(cls, directory: Path) -> Self:
        """A new story in this directory, which need not be there."""
        story = cls(directory, State(), Journal(directory, Lock(directory / "lock")))
        story._do(Made(directory.name, __version__), worth=False)
        return story

    @classmethod
    def open(cls, directory: Path) -> Self:
        """The story in *directory*, as it was left; what is damaged is set aside, and `notices` say so.

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
        if writable and (opened.newer or not _repaired(directory, opened, notices)):
            writable = False
            lock.release()
        if opened.newer:
            notices.append(
                f"A newer gpt2studio wrote in this story: it is shown as far as this one understands it, read-only. "
                f"The whole text is in {directory / TEXT}."
            )
        story = cls(directory, opened.state, Journal(directory, lock, opened.last), read_only=not writable)
        story.notices = notices
        story._snapshot_end = opened.end - opened.fresh
        story._settle()
        return story

    @classmethod
    def open_file(cls, folder: Path, path: Path) -> "Story":
        """A person's own text file, edited in place; its journal is kept in *folder*."""
        from gpt2studio.stories.filestory import FileStory  # which is a Story itself

        return FileStory.of(folder, path)

    @classmethod
    def _from_text(cls, directory: Path) -> Self:
        """A story whose journal is gone, from the text that was kept beside it."""
        try:
            text = (directory / TEXT).read_text("utf-8", errors="replace")
        except OSError:
            raise NotFoundError(
                f"There is no story in “{directory}”.", "Ctrl+O lists the stories that there are."
            ) from None
        story = cls.blank(directory)
        story.edit(0, 0, text, cause="import")
        story.notices.append("The journal of this story is gone: its text is here, who wrote what is not known.")
        return story

    def _settle(self) -> None:
        """End what the last process left open, and keep a snapshot where much had to be folded."""
        for node in list(self._state.open):
            if self.read_only:
                self._state.interrupt(node)
            else:
                self.end(node, "interrupted")
        if not self.read_only and self._journal.end - self._snapshot_end > 4 * SNAPSHOT_EVERY:
            self._keep_snapshot()

    # --- what it is --------------------------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        """Its name among stories, and its folder's."""
        return self._state.id or self.directory.name

    @property
    def title(self) -> str:
        """What the person calls it; empty: nothing yet."""
        return self._state.title

    @property
    def path(self) -> Path | None:
        """The text file that it is saved to; None for a story of the studio's own."""
        return None

    @property
    def text(self) -> str:
        """The current text."""
        return self._state.tree.document.text

    @property
    def notes(self) -> Mapping[str, Any]:
        """What the app keeps with it, by name."""
        return self._state.notes

    @property
    def unsaved(self) -> bool:
        """Whether the person's file lacks something; never so for a story of the studio's own."""
        return False

    def ink(self, start: int, end: int) -> bytes:
        """Who wrote the characters from *start* up to *end*: one byte each, 0 the person, 1 the model."""
        return self._state.tree.document.ink(start, end)

    # --- written -----------------------------------------------------------------------------------------------------

    def edit(
        self, at: int, removed: int, inserted: str | Sequence[Piece], *, join: bool = False, cause: str = "typing"
    ) -> Splice:
        """Take *removed* characters out at *at* and put others in; a string is the person's.

        With *join* it is one step with the edit just before. It ends a continuation whose place it takes away: then
        `open_generation` is another afterwards.
        """
        pieces = by_person(inserted) if isinstance(inserted, str) else joined(inserted)
        if not 0 <= at <= at + removed <= len(self._state.tree.document):
            raise ValueError(f"an edit of {removed} characters at {at}, beyond the text")
        self._check()
        if not removed and not pieces:
            return Splice(at)
        for node in self._state.open_on_road():
            if self._state.overwrites(node, at, removed):
                self.end(node, "overwritten")
        return self._do(Edit(at, removed, pieces, cause, join), worth=cause != "import")[0]

    def begin(self, at: int, request: Mapping[str, Any], *, retry_of: int | None = None, current: bool = True) -> int:
        """Begin a continuation at *at*; its node.

        With *retry_of* it stands in that continuation's place, whatever *at* says: that one leaves the text (`moved`
        has the splices) and stays as a branch, and what was typed elsewhere since stays in the text. With *current*
        false it grows as a branch beside the text, the retried one untouched: another candidate.
        """
        if not 0 <= at <= len(self._state.tree.document) and retry_of is None:
            raise ValueError(f"a continuation at {at}, beyond the text")
        self._check()
        if retry_of is not None and current:
            for node in self._state.open_on_road():
                self.end(node, "stopped")
        self.moved = self._do(Begin(at, request, retry_of, current), worth=False)
        return len(self._state.tree.nodes) - 1

    def extend(self, node: int, tokens: Sequence[TokenRecord]) -> Splice | None:
        """Tokens of a continuation came; the splice for the editor, None where nothing visible came.

        For a continuation that has ended nothing happens: a token may be late.
        """
        if node not in self._state.open or not tokens:
            return None
        end = self._state.tree.nodes[node].splices[0].put
        row = []
        for token in tokens:
            row.append(replace(token, start=end, end=end + len(token.text)))
            end += len(token.text)
        return _only(self._do(Tokens(node, tuple(row)), worth=any(token.text for token in tokens)))

    def end(self, node: int, finish: str, text: str = "") -> Splice | None:
        """A continuation ended; *text* is what its last tokens still held back."""
        if node not in self._state.open:
            return None
        return _only(self._do(End(node, finish, text), worth=bool(text)))

    @property
    def open_generation(self) -> int | None:
        """The continuation that tokens come for into the current text."""
        return next(iter(self._state.open_on_road()), None)

    @property
    def open_generations(self) -> tuple[int, ...]:
        """All continuations that tokens may come for, branches beside the text too."""
        return tuple(self._state.open)

    @property
    def last_generation(self) -> GenerationView | None:
        """The newest continuation in the current text."""
        for node in self._state.tree.ancestors():
            if node.generation is not None:
                return GenerationView(
                    node.id, *self._state.region(node.id), self.request(node.id), node.generation.finish
                )
        return None

    def request(self, node: int) -> Mapping[str, Any]:
        """All that it took to make a continuation."""
        return next(each.request for each in self._records(node) if isinstance(each, Begin))

    def tokens(self, node: int) -> list[TokenRecord]:
        """The tokens of a continuation as they came."""
        rows = [each.tokens for each in self._records(node) if isinstance(each, Tokens) and each.node == node]
        return [token for row in rows for token in row]

    # --- history and branches ----------------------------------------------------------------------------------------

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return self._state.place > 0

    @property
    def can_redo(self) -> bool:
        """Whether there is a step that was taken back."""
        return self._state.place + 1 < len(self._state.visited)

    def undo(self) -> list[Splice]:
        """One step back: an edit, a continuation, a jump. One that streams ends and is taken out whole."""
        return self._do(Undo(self.open_generation)) if self.can_undo else []

    def redo(self) -> list[Splice]:
        """One step forward again."""
        return self._do(Redo()) if self.can_redo else []

    def go(self, node: int) -> list[Splice]:
        """To another node of the tree."""
        if not 0 <= node < len(self._state.tree.nodes):
            raise ValueError(f"no node {node}")
        return self._do(Go(node)) if node != self._state.tree.current else []

    def sibling(self, step: int) -> list[Splice]:
        """To another road at the nearest fork upwards, where the person left it; round after the last."""
        roads, index = self._state.fork()
        return self.go(self._state.tree.deepest(roads[(index + step) % len(roads)])) if roads else []

    def parent(self) -> list[Splice]:
        """To the node that the current one comes from."""
        node = self._state.node
        return self.go(node.parent) if node.parent >= 0 and node.id != self._state.ground else []

    def child(self) -> list[Splice]:
        """To the child that was on the road last."""
        node, roads = self._state.node, self._state.tree.roads(self._state.tree.current)
        return self.go(node.last if node.last in roads else roads[-1]) if roads else []

    def position(self) -> tuple[int, int]:
        """Which road this is at the nearest fork upwards, and of how many."""
        roads, index = self._state.fork()
        return index + 1, max(len(roads), 1)

    def road(self) -> list[NodeView]:
        """The nodes from the story's start to the current one; `node` has the others, by their ids."""
        depth = self._state.tree.nodes[self._state.ground].depth
        return [self.node(node.id) for node in self._state.tree.ancestors(depth)][::-1]

    def node(self, node: int) -> NodeView:
        """A node of the tree."""
        tree = self._state.tree
        return view(tree, tree.nodes[node], self._state.ground)

    # --- kept --------------------------------------------------------------------------------------------------------

    def rename(self, title: str) -> None:
        """Give it a title."""
        if title != self.title:
            self._do(Rename(title))

    def note(self, kind: str, data: Any) -> None:
        """Keep something with it, in place of what was kept under that name."""
        if kind not in self.notes or self.notes[kind] != data:
            self._do(Note(kind, data), worth=False)

    def sync(self) -> None:
        """Make all safe from a power cut: once a second, from any thread.

        Raises StudioError the first time that the disk takes nothing; all is kept, and tried again at each change.
        """
        self._journal.sync()

    def save_text(self) -> None:
        """Write the current text, and a line about it, beside the journal."""
        if self.read_only or not self._journal.worth:
            return
        try:
            write_whole(self.directory / TEXT, self.text.encode("utf-8", "replace"))
            about.write(self.directory, about.about(self.title, self.text, self._journal.end))
        except OSError as error:
            raise StudioError(
                f"The story's text cannot be written to “{self.directory}”: {error.strerror or error}.",
                "Make room or give access to that folder.",
            ) from error

    def save(self, *, force: bool = False) -> None:
        """Write the text to where the person looks for it."""
        self.save_text()

    def changed_elsewhere(self) -> bool:
        """Whether another program changed the person's file since it was read or saved here."""
        return False

    def close(self) -> None:
        """Write what is to be written and let go. Raises StudioError where changes could not be written."""
        if self._closed:
            return
        self._closed = True
        try:
            if not self.read_only and self._journal.worth:
                for node in list(self._state.open):
                    self.end(node, "interrupted")
                self._journal.told = False
                self._journal.sync()
                self.save_text()
                if self._journal.end - self._snapshot_end > SNAPSHOT_EVERY:
                    self._keep_snapshot()
        finally:
            self.read_only = True
            self._journal.close()

    def _keep_snapshot(self) -> None:
        with contextlib.suppress(OSError):  # the journal has all that is in it
            self._journal.sync()
            snapshot.save(self._state, self.directory, self._journal.end, self._journal.last)
            self._snapshot_end = self._journal.end

    def _do(self, record: Record, *, worth: bool = True) -> list[Splice]:
        """Take a record in, and put it on its way to disk."""
        self._check()
        entry = Entry(self._state.seq, round(time.time(), 3), record, self._journal.end)
        line = to_line(entry)
        splices = self._state.apply(replace(entry, end=entry.start + len(line)))
        self._journal.append(line, worth=worth)
        return splices

    def _check(self) -> None:
        if self.read_only:
            raise StudioError("This story is read-only here.", "Close the other window that has it, and open it again.")

    def _records(self, node: int) -> list[Record]:
        """The records between a continuation's first and its last."""
        made = self._state.tree.nodes[node].generation
        if made is None:
            raise ValueError(f"node {node} is no continuation")
        lines = self._journal.read(made.start, made.end).splitlines(keepends=True)
        return [from_line(line).record for line in lines]


def _only(splices: list[Splice]) -> Splice | None:
    return splices[0] if splices else None


def _taken(lock: Lock, notices: list[str]) -> bool:
    """Take a story's lock; why not, if not."""
    try:
        if lock.acquire():
            return True
        notices.append("This story is open in another window, so it is read-only in this one.")
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
        notices.append(f"The end of this story's journal is damaged and cannot be set aside: {error.strerror}.")
        return False
    return True
