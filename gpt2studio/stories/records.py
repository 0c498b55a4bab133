"""What can happen to a story, each as one record of its journal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from gpt2studio.stories.splice import Pieces
from gpt2studio.wire.messages import Source


class DamagedError(ValueError):
    """A line of a journal, or of a snapshot, that means nothing."""


class NewerError(ValueError):
    """A record that only a later version of the program understands."""


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """A token of a continuation."""

    id: int
    text: str
    """The whole characters that it completed; often a word, sometimes none."""
    logprob: float | None
    """Natural logarithm of the model's own probability."""
    rank: int | None
    """1: the likeliest."""
    start: int = 0
    """Where its text starts within the continuation, in code points; the story fills it in."""
    end: int = 0
    source: Source | None = None
    """Where it was copied from, where the model copies."""


@dataclass(frozen=True, slots=True)
class Record:
    """Something that happened."""

    KIND: ClassVar[str]


@dataclass(frozen=True, slots=True)
class Made(Record):
    """The story begins; always the first record."""

    KIND: ClassVar[str] = "story"
    id: str
    program: str = ""


@dataclass(frozen=True, slots=True)
class Edit(Record):
    """Characters were taken out of the text and others put in."""

    KIND: ClassVar[str] = "edit"
    at: int
    removed: int = 0
    inserted: Pieces = ()
    cause: str = "typing"
    join: bool = False
    """Whether it is one step with the edit before it, where that was the last thing that happened."""


@dataclass(frozen=True, slots=True)
class Begin(Record):
    """A continuation begins."""

    KIND: ClassVar[str] = "begin"
    at: int
    request: Mapping[str, Any] = field(default_factory=dict)
    """All that it takes to make it again."""
    retry_of: int | None = None
    """The node of the continuation that this is another of."""
    current: bool = True
    """Whether the text follows it, or stays where it is."""


@dataclass(frozen=True, slots=True)
class Tokens(Record):
    """Tokens of a continuation came."""

    KIND: ClassVar[str] = "tokens"
    node: int
    tokens: tuple[TokenRecord, ...]


@dataclass(frozen=True, slots=True)
class End(Record):
    """A continuation ended; *text* is what was still held back."""

    KIND: ClassVar[str] = "end"
    node: int
    finish: str
    text: str = ""
    window_start: int = -1
    """The offset of the first character that the model saw of the text; -1 where that is not known."""


@dataclass(frozen=True, slots=True)
class Undo(Record):
    """One step back; with *over*, that continuation, still streaming, is taken out whole instead."""

    KIND: ClassVar[str] = "undo"
    over: int | None = None


@dataclass(frozen=True, slots=True)
class Redo(Record):
    """One step forward."""

    KIND: ClassVar[str] = "redo"


@dataclass(frozen=True, slots=True)
class Go(Record):
    """To another node of the tree."""

    KIND: ClassVar[str] = "go"
    node: int


@dataclass(frozen=True, slots=True)
class Take(Record):
    """The beginning of a continuation that stands beside the text is put into it."""

    KIND: ClassVar[str] = "take"
    node: int
    length: int
    """How many of its characters."""


@dataclass(frozen=True, slots=True)
class Trash(Record):
    """A branch goes into the trash, or comes out of it; where the text was on it, it goes back to before it."""

    KIND: ClassVar[str] = "trash"
    node: int
    restored: bool = False


@dataclass(frozen=True, slots=True)
class Empty(Record):
    """What is in the trash is not shown there any more."""

    KIND: ClassVar[str] = "empty"


@dataclass(frozen=True, slots=True)
class Mark(Record):
    """A node gets a star, or loses it."""

    KIND: ClassVar[str] = "mark"
    node: int
    on: bool = True


@dataclass(frozen=True, slots=True)
class Name(Record):
    """A node is called something; by nothing it loses its name."""

    KIND: ClassVar[str] = "name"
    node: int
    title: str


@dataclass(frozen=True, slots=True)
class Rename(Record):
    """The story's title."""

    KIND: ClassVar[str] = "rename"
    title: str


@dataclass(frozen=True, slots=True)
class Note(Record):
    """Something the app keeps with the story; the last of a name counts."""

    KIND: ClassVar[str] = "note"
    name: str
    data: Any = None


@dataclass(frozen=True, slots=True)
class Skipped(Record):
    """A record of a later program that says of itself that it may be skipped."""

    KIND: ClassVar[str] = ""


KINDS: Mapping[str, type[Record]] = {
    kind.KIND: kind
    for kind in (Made, Edit, Begin, Tokens, End, Undo, Redo, Go, Take, Trash, Empty, Mark, Name, Rename, Note)
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A record in its place in the journal."""

    seq: int
    time: float
    """Seconds since 1970."""
    record: Record
    start: int = 0
    """Where its line starts in the file, in bytes."""
    end: int = 0
