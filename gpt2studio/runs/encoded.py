"""Documents as tokens in one long file, and how they are divided into a training and a held-out part."""

import hashlib
import os
from array import array
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Protocol

import numpy as np
from numpy.typing import NDArray

from gpt2studio.errors import FormatError
from gpt2studio.runs.documents import Piece
from gpt2studio.runs.encoding import Tokens

MOST_HELD_OUT = 1 << 17
"""Tokens beyond which a longer held-out text tells no more."""

FEW = 10
"""Below so many different documents, the end of each is held out instead of whole ones."""

LEAST = 32
"""Tokens below which a held-out part would tell nothing."""

Spans = list[tuple[int, int]]
"""Parts of the long file: first token, and the one behind the last."""


class Hasher(Protocol):
    """Takes bytes in."""

    def update(self, data: bytes, /) -> None:
        """Take these in."""
        ...


class Encoded:
    """Documents one after another in a file, each with the end token behind it where there is one."""

    def __init__(self, path: Path, vocabulary_size: int, end_token: int | None) -> None:
        self.path = path
        self.dtype = np.dtype("<u2" if vocabulary_size <= 1 << 16 else "<u4")
        self.end_token = end_token
        self._vocabulary_size = vocabulary_size
        self._ends = array("q")
        self._prints = array("Q")
        self._size = 0

    @property
    def tokens(self) -> int:
        """How many there are in all."""
        return self._size

    @property
    def documents(self) -> int:
        """How many documents there are."""
        return len(self._ends)

    @property
    def duplicates(self) -> int:
        """How many of them are word for word like one before."""
        return len(self._prints) - len(set(self._prints))

    def write(self, encoded: Iterable[tuple[Piece, Tokens]]) -> None:
        """Put all documents into the file; documents without a token are left out."""
        begun, hasher = 0, hashlib.blake2b(digest_size=8)
        with self.path.open("wb") as file:
            for piece, tokens in encoded:
                self._put(file, tokens)
                hasher.update(tokens.tobytes())
                if piece.ends and self._size > begun:
                    if self.end_token is not None and (not len(tokens) or tokens[-1] != self.end_token):
                        self._put(file, np.array([self.end_token], np.uint32))
                    self._ends.append(self._size)
                    self._prints.append(int.from_bytes(hasher.digest(), "little"))
                    begun, hasher = self._size, hashlib.blake2b(digest_size=8)

    def read(self) -> NDArray[np.integer]:
        """All tokens, memory-mapped."""
        return np.memmap(self.path, self.dtype, mode="r") if self._size else np.empty(0, self.dtype)

    def whole(self) -> tuple[Spans, Spans]:
        """Everything to train on, nothing held out."""
        return [(0, self._size)], []

    def divided(self, share: float) -> tuple[Spans, Spans]:
        """A training part and a held-out part with about this share of the tokens, always the same.

        Whole documents are held out, copies of one together; of few documents, the end of each.
        """
        wanted = min(int(self._size * share), MOST_HELD_OUT)
        if wanted < LEAST:
            return self.whole()
        if len(set(self._prints)) >= FEW:
            return self._by_document(wanted)
        return self._by_position(wanted / self._size)

    def _by_document(self, wanted: int) -> tuple[Spans, Spans]:
        starts = [0, *self._ends[:-1]]
        # Sorted by fingerprint: a fair draw that is the same each time and keeps copies together.
        order = sorted(range(len(self._ends)), key=lambda number: (self._prints[number], number))
        held: set[int] = set()
        for number in order:
            length = self._ends[number] - starts[number]
            if length <= wanted or self._prints[number] in held:
                held.add(self._prints[number])
                wanted -= length
            if wanted <= 0:
                break
        parts: tuple[Spans, Spans] = ([], [])
        for number, span in enumerate(zip(starts, self._ends, strict=True)):
            _extend(parts[self._prints[number] in held], span)
        return parts if parts[1] else self._by_position(wanted / self._size)

    def _by_position(self, share: float) -> tuple[Spans, Spans]:
        training: Spans = []
        held_out: Spans = []
        start = 0
        for number, end in enumerate(self._ends):
            cut = end - round((end - start) * share)
            _extend(training, (start, cut))
            if self.end_token is not None and cut < end and number < len(self._ends) - 1:
                _extend(training, (end - 1, end))  # the next document is no continuation of this one
            _extend(held_out, (cut, end))
            start = end
        return training, held_out

    def _put(self, file: IO[bytes], tokens: Tokens) -> None:
        if len(tokens) and int(tokens.max()) >= self._vocabulary_size:
            raise FormatError(
                f"There is a token {int(tokens.max())}, which this vocabulary of {self._vocabulary_size:,} lacks.",
                "The encoded texts are for another model: encode them again.",
            )
        file.write(tokens.astype(self.dtype).tobytes())
        self._size += len(tokens)


def copy_spans(encoded: Encoded, spans: Spans, path: Path, hasher: Hasher, step: int = 1 << 20) -> int:
    """Write these parts into a file of their own; how many tokens they have."""
    tokens = encoded.read()
    count = 0
    with path.open("wb") as file:
        for start, end in spans:
            for at in range(start, end, step):
                data = tokens[at : min(at + step, end)].tobytes()
                file.write(data)
                hasher.update(data)
            count += end - start
        file.flush()
        os.fsync(file.fileno())  # the record that tells of them must not outlive them
    return count


def _extend(spans: Spans, span: tuple[int, int]) -> None:
    """Add a span, to the last one where they touch."""
    if spans and spans[-1][1] == span[0]:
        spans[-1] = (spans[-1][0], span[1])
    elif span[0] < span[1]:
        spans.append(span)
