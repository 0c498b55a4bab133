"""Passages of texts, found by the words they share with a query: BM25, by SQLite's full-text search."""

import re
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import regex
from numpy.typing import NDArray

from gpt2studio.retrieval.corpus import Span

LENGTH = 600
"""Characters of a passage, about: some lines of talk, or one long paragraph."""

Ranges = NDArray[np.int64]
"""Text, offset and length of each passage: (passages, 3)."""

_NONE: Ranges = np.empty((0, 3), dtype=np.int64)

_FILE, _RANGES = "passages.sqlite", "ranges.bin"

# Without a content table: the texts lie beside, in plain.
_TABLES = """
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    CREATE VIRTUAL TABLE passages USING fts5(text, content='', tokenize='unicode61 remove_diacritics 2');
    CREATE VIRTUAL TABLE words USING fts5vocab(passages, 'row');
"""

# Scripts that write no spaces between words: each of their characters is a word of its own to the search, and what a
# word is to a reader is a row of them.
_unspaced = regex.compile(r"([\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}])")
_words = regex.compile(r"[\p{L}\p{N}]+").findall
_sentence_end = re.compile(r"(?<=[.!?…。！？])[\"')」』]*\s*")


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage, and how well it answers."""

    passage: int
    score: float
    """BM25, above 0; the higher the better."""


class Passages:
    """The passages of some texts, in their order."""

    def __init__(self, database: sqlite3.Connection, ranges: Ranges) -> None:
        self._database = database
        self.ranges = ranges
        self.documents = lru_cache(maxsize=65536)(self._documents)

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Passages":
        """Passages in memory."""
        database = sqlite3.connect(":memory:", check_same_thread=False)
        database.executescript(_TABLES)
        return cls(database, _filled(database, texts))

    @classmethod
    def write(cls, folder: Path, texts: Iterable[str], earlier: Path | None = None, first: int = 0) -> None:
        """Put the passages of *texts* into a folder, for `open`; after those of *first* texts in an *earlier* one."""
        before = _NONE
        if earlier is not None:
            shutil.copyfile(earlier / _FILE, folder / _FILE)
            before = _ranges_in(earlier)
        database = sqlite3.connect(folder / _FILE)
        try:
            if earlier is None:
                database.executescript(_TABLES)
            _filled(database, texts, before, first).tofile(folder / _RANGES)
        finally:
            database.close()

    @classmethod
    def open(cls, folder: Path) -> "Passages":
        """The passages that lie in a folder."""
        path = (folder / _FILE).absolute().as_uri()
        database = sqlite3.connect(f"{path}?mode=ro&immutable=1", uri=True, check_same_thread=False)
        return cls(database, _ranges_in(folder))

    def close(self) -> None:
        """Let the database go."""
        self._database.close()

    def __len__(self) -> int:
        return len(self.ranges)

    def span(self, passage: int) -> Span:
        """Where a passage stands."""
        text, offset, length = self.ranges[passage].tolist()
        return Span(text, offset, length)

    def search(self, terms: Sequence[str], limit: int = 20) -> list[Hit]:
        """The passages that share most with the terms, best first; rare terms weigh more (BM25).

        A term of several words, or of characters of a script without spaces, is found as a phrase.
        """
        phrases = [f'"{spaced}"' for term in terms if (spaced := " ".join(words(term)))]
        if not phrases:
            return []
        rows = self._database.execute(
            "SELECT rowid, -bm25(passages) FROM passages WHERE passages MATCH ? ORDER BY rank LIMIT ?",
            (" OR ".join(phrases), limit),
        )
        return [Hit(passage, score) for passage, score in rows]

    def _documents(self, word: str) -> int:
        """In how many passages a single word stands."""
        if word.isascii():
            row = self._database.execute("SELECT doc FROM words WHERE term = ?", (word,)).fetchone()
        else:  # the search has words without their accents, as it alone knows how
            match = "SELECT count(*) FROM passages WHERE passages MATCH ?"
            row = self._database.execute(match, (f'"{word}"',)).fetchone()
        return row[0] if row else 0


def words(text: str) -> list[str]:
    """The words of a text as the search knows them, in lower case."""
    spaced = text if text.isascii() else _unspaced.sub(r" \1 ", text)
    found: list[str] = _words(spaced.lower())
    return found


def cut(text: str) -> Iterator[tuple[int, int]]:
    """Where passages begin and end: at lines, at sentences where a line is long."""
    begin, end = 0, 0
    for border in _borders(text):
        if border - begin > LENGTH and end > begin:
            yield begin, end
            begin = end
        end = border
    if end > begin:
        yield begin, end


def _borders(text: str) -> Iterator[int]:
    at = 0
    for line in text.splitlines(keepends=True):
        if len(line) > LENGTH:
            yield from (at + match.end() for match in _sentence_end.finditer(line) if match.end() < len(line))
        at += len(line)
        yield at


def _filled(database: sqlite3.Connection, texts: Iterable[str], before: Ranges = _NONE, first: int = 0) -> Ranges:
    """Add the passages of *texts*, numbered from *first* on, to those there were *before*; where all of them are."""
    parts, rows = [before], len(before)
    for number, text in enumerate(texts, first):
        spans = list(cut(text))
        database.executemany(
            "INSERT INTO passages(rowid, text) VALUES (?, ?)",
            ((row, " ".join(words(text[begin:end]))) for row, (begin, end) in enumerate(spans, rows)),
        )
        parts.append(np.array([(number, begin, end - begin) for begin, end in spans], dtype=np.int64).reshape(-1, 3))
        rows += len(spans)
    database.commit()
    return np.concatenate(parts)


def _ranges_in(folder: Path) -> Ranges:
    return np.fromfile(folder / _RANGES, dtype=np.int64).reshape(-1, 3)
