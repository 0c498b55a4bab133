"""A change to a text that can be taken back: pieces by the person or the model, put in place of others."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import AnyStr

_RUNS = re.compile(rb"\x00+|\x01+")


class Author(StrEnum):
    """Who wrote a character."""

    PERSON = "person"
    MODEL = "model"

    @property
    def ink(self) -> int:
        """The byte that stands for the author: 0 the person, 1 the model."""
        return 1 if self is Author.MODEL else 0


AUTHORS = (Author.PERSON, Author.MODEL)
"""The authors by their ink."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text by one author."""

    author: Author
    text: str


Pieces = tuple[Piece, ...]
"""A text with its ink."""


def by_person(text: str) -> Pieces:
    """The text as the person's."""
    return (Piece(Author.PERSON, text),) if text else ()


def by_model(text: str) -> Pieces:
    """The text as the model's."""
    return (Piece(Author.MODEL, text),) if text else ()


def plain(pieces: Pieces) -> str:
    """The text without its ink."""
    return "".join([piece.text for piece in pieces])


def length(pieces: Pieces) -> int:
    """How many characters the pieces hold."""
    return sum([len(piece.text) for piece in pieces])


def joined(parts: Iterable[Piece]) -> Pieces:
    """The pieces in one row: nothing empty, neighbours of one author made one."""
    runs = groupby([part for part in parts if part.text], lambda part: part.author)
    return tuple([Piece(author, "".join([part.text for part in run])) for author, run in runs])


def cut(pieces: Pieces, start: int, end: int) -> Pieces:
    """The characters from *start* up to *end*."""
    row: list[Piece] = []
    for piece in pieces:
        if end <= 0:
            break
        kept = piece.text[max(start, 0) : end]
        if kept:
            row.append(Piece(piece.author, kept))
        start -= len(piece.text)
        end -= len(piece.text)
    return tuple(row)


def pieces_of(text: str, ink: bytes) -> Pieces:
    """A text as pieces, from one byte of ink for each of its characters."""
    return tuple(Piece(AUTHORS[ink[run.start()]], text[run.start() : run.end()]) for run in _RUNS.finditer(ink))


def common(one: AnyStr, other: AnyStr) -> int:
    """How many characters, or bytes, both begin with."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


@dataclass(frozen=True, slots=True)
class Splice:
    """At one place of a text, some characters taken out and others put in."""

    at: int
    """Where, in code points of the text before."""
    removed: Pieces = ()
    inserted: Pieces = ()

    @property
    def taken(self) -> int:
        """How many characters go."""
        return length(self.removed)

    @property
    def put(self) -> int:
        """How many characters come."""
        return length(self.inserted)

    @property
    def nothing(self) -> bool:
        """Whether the text stays as it is."""
        return not self.removed and not self.inserted

    def inverse(self) -> "Splice":
        """The splice that takes this one back."""
        return Splice(self.at, self.inserted, self.removed)

    def then(self, after: "Splice") -> "Splice | None":
        """This splice and the one after it as one; None where they do not touch."""
        begin, middle = self.at, self.put
        start, end = after.at, after.at + after.taken
        if end < begin or start > begin + middle:
            return None
        before = cut(after.removed, 0, begin - start)
        beyond = cut(after.removed, begin + middle - start, end - start)
        head = cut(self.inserted, 0, start - begin)
        tail = cut(self.inserted, end - begin, middle)
        return Splice(
            min(begin, start),
            joined((*before, *self.removed, *beyond)),
            joined((*head, *after.inserted, *tail)),
        )


LARGE = 8192
"""Characters of a splice that no other is made one with: each time all of them would be copied."""


def compact(splices: Iterable[Splice]) -> list[Splice]:
    """The same change in few splices: neighbours that touch become one while they are not large."""
    row: list[Splice] = []
    for splice in splices:
        merged = row[-1].then(splice) if row and row[-1].put + row[-1].taken < LARGE else None
        if merged is not None:
            row[-1] = merged
        else:
            row.append(splice)
    return [splice for splice in row if not splice.nothing]
