"""A story: a text with its ink, its history and its branches, kept as a journal on disk."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from gpt2studio.stories.branches import Branches
from gpt2studio.stories.chronicle import Chronicle
from gpt2studio.stories.records import Begin, Edit, End, Note, Rename, TokenRecord, Tokens
from gpt2studio.stories.splice import Author, Piece, Pieces, Splice, by_person, joined
from gpt2studio.stories.views import GenerationView, NodeView

__all__ = ["Author", "GenerationView", "NodeView", "Piece", "Splice", "Story", "TokenRecord"]


class Story(Branches):
    """A story that is open here.

    What changes the text returns the splices that an editor applies to show the same. Nothing but `sync`, `save`,
    `save_text` and `close` raises because a disk is full: the text goes on in memory, and is written when it can be.
    """

    def __init__(self, chronicle: Chronicle) -> None:
        super().__init__(chronicle)
        self.moved: list[Splice] = []
        """What the last `begin` changed in the text before the first token: a retry takes the old one out."""

    @classmethod
    def create(cls, folder: Path, *, title: str = "") -> Self:
        """A new story in *folder*; on disk from the first change that is worth it."""
        name = f"{datetime.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        story = cls(Chronicle.blank(folder / name))
        story.rename(title)
        return story

    @classmethod
    def open(cls, directory: Path) -> Self:
        """The story in *directory*, as it was left; what is damaged is set aside, and `notices` say so.

        Read-only where another window has it or a newer program wrote it. Raises StudioError kinds where there is
        no story, or its files cannot be read.
        """
        return cls(Chronicle.open(directory))

    # --- what it is --------------------------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        """Its name among stories, which is its folder's: where that was moved beside another, it has got another."""
        return self.directory.name

    @property
    def directory(self) -> Path:
        """Where its files lie."""
        return self._chronicle.directory

    @property
    def read_only(self) -> bool:
        """Whether another window has it, or this program must not write to it."""
        return self._chronicle.read_only

    @property
    def notices(self) -> list[str]:
        """What was found and put right on opening, for the person."""
        return self._chronicle.notices

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

    def pieces(self, start: int, end: int) -> Pieces:
        """The characters from *start* up to *end*, with who wrote them."""
        return self._state.tree.document.pieces(start, end)

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
        self._chronicle.check()
        if not removed and not pieces:
            return Splice(at)
        for node in self._state.open_on_road():
            if self._state.overwrites(node, at, removed):
                self.end(node, "overwritten")
        return self._chronicle.do(Edit(at, removed, pieces, cause, join), worth=cause != "import")[0]

    def begin(self, at: int, request: Mapping[str, Any], *, retry_of: int | None = None, current: bool = True) -> int:
        """Begin a continuation at *at*; its node.

        With *retry_of* it stands in that continuation's place, whatever *at* says: that one leaves the text (`moved`
        has the splices) and stays as a branch, and what was typed elsewhere since stays in the text. With *current*
        false it grows as a branch beside the text, the retried one untouched: another candidate. Raises StudioError for
        another of one that is in the trash, which the text would follow there.
        """
        if not 0 <= at <= len(self._state.tree.document) and retry_of is None:
            raise ValueError(f"a continuation at {at}, beyond the text")
        self._chronicle.check()
        if retry_of is not None and current:
            self._check_shown(retry_of)
            for node in self._state.open_on_road():
                self.end(node, "stopped")
        self.moved = self._chronicle.do(Begin(at, request, retry_of, current), worth=False)
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
        return _only(self._chronicle.do(Tokens(node, tuple(row)), worth=any(token.text for token in tokens)))

    def end(self, node: int, finish: str, text: str = "", window_start: int = -1) -> Splice | None:
        """A continuation ended; *text* is what its last tokens still held back.

        *window_start* is where the part of the text began that the model saw; -1 where that is not known.
        """
        if node not in self._state.open:
            return None
        return _only(self._chronicle.do(End(node, finish, text, window_start), worth=bool(text)))

    @property
    def open_generations(self) -> tuple[int, ...]:
        """All continuations that tokens may come for, branches beside the text too."""
        return tuple(self._state.open)

    @property
    def generations(self) -> int:
        """How many continuations were ever begun, on whatever road."""
        return sum(node.generation is not None and node.source < 0 for node in self._state.tree.nodes)

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
        return next(each.request for each in self._chronicle.records(node) if isinstance(each, Begin))

    def tokens(self, node: int) -> list[TokenRecord]:
        """The tokens of a continuation as they came; of one that was taken in part, those of that part."""
        rows, made = self._chronicle.records(node), self._state.tree.nodes[node]
        source, end = (node, None) if made.source < 0 else (made.source, made.splices[0].put)
        tokens = [token for each in rows if isinstance(each, Tokens) and each.node == source for token in each.tokens]
        return [token for token in tokens if end is None or token.start < end]

    def token_at(self, offset: int) -> tuple[int, TokenRecord] | None:
        """The token that the character at *offset* of the text came with, and its continuation's node.

        None for what a person wrote.
        """
        if (came := self.origin(offset)) is None:
            return None
        found = (each for each in self.tokens(came.node) if each.start <= came.offset < each.end)
        return next(((came.node, each) for each in found), None)

    # --- kept --------------------------------------------------------------------------------------------------------

    def rename(self, title: str) -> None:
        """Give it a title."""
        if title != self.title:
            self._chronicle.do(Rename(title))

    def note(self, kind: str, data: Any, *, worth: bool = False) -> None:
        """Keep something with it, in place of what was kept under that name; *worth*: an empty page too for it."""
        if kind not in self.notes or self.notes[kind] != data:
            self._chronicle.do(Note(kind, data), worth=worth)

    def sync(self) -> None:
        """Make all safe from a power cut: once a second, from any thread.

        Raises StudioError the first time that the disk takes nothing; all is kept, and tried again at each change.
        """
        self._chronicle.sync()

    def save_text(self) -> None:
        """Write the current text as `story.txt` beside the journal: now and then; `close` does it too."""
        self._chronicle.save_text()

    def save(self, *, force: bool = False) -> None:
        """Write the text to where the person looks for it."""
        self.save_text()

    def changed_elsewhere(self) -> bool:
        """Whether another program changed the person's file since it was read or saved here."""
        return False

    def close(self) -> None:
        """Write what is to be written and let go. Raises StudioError where something could not be written."""
        self._chronicle.close()


def _only(splices: list[Splice]) -> Splice | None:
    return splices[0] if splices else None
