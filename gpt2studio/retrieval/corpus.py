"""Texts as tokens of one vocabulary, and the order of all their suffixes: any stretch is found, counted, placed."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from mmap import mmap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpt2studio.retrieval.lexicon import Lexicon
from gpt2studio.retrieval.suffixes import Places, suffix_array

BLOCK = 1024
"""Tokens between two places whose distance in characters is kept."""


@dataclass(frozen=True, slots=True)
class Found:
    """Where a stretch stands, as a part of the order of suffixes."""

    low: int
    high: int
    length: int
    """Tokens of the stretch."""

    @property
    def count(self) -> int:
        """How often it stands there."""
        return self.high - self.low


@dataclass(frozen=True, slots=True)
class Span:
    """Characters of one of the texts."""

    text: int
    """Which one."""
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Arrays:
    """What a corpus is made of, as it lies in memory or on disk."""

    tokens: bytes | mmap
    """All texts, a border after each, in the lexicon's number type."""
    order: Places
    """The suffix array."""
    begins: NDArray[np.int64]
    """The place of each text's first token, and one more: (texts + 1,)."""
    characters: NDArray[np.int64]
    """How many characters begin before each block's first token."""


class Corpus:
    """Texts to search, in one vocabulary."""

    def __init__(self, names: Sequence[str], arrays: Arrays, lexicon: Lexicon) -> None:
        self.names = tuple(names)
        """The texts' names."""
        self.lexicon = lexicon
        self.order = arrays.order
        self.begins = arrays.begins
        self.tokens: NDArray[Any] = np.frombuffer(arrays.tokens, dtype=lexicon.dtype)
        """All texts, a border after each: (places,)."""
        self._data = arrays.tokens
        self._marks = arrays.characters
        self._begin_list: list[int] = arrays.begins.tolist()
        # A memoryview hands out Python's own numbers, several times as fast as numpy's.
        self._order = arrays.order.data

    @classmethod
    def of(cls, texts: Iterable[tuple[str, str]], lexicon: Lexicon) -> "Corpus":
        """A corpus in memory, of (name, text) pairs."""
        return cls.of_tokens([(name, lexicon.encode(text)) for name, text in texts], lexicon)

    @classmethod
    def of_tokens(cls, texts: Sequence[tuple[str, NDArray[Any]]], lexicon: Lexicon) -> "Corpus":
        """A corpus in memory, of (name, tokens) pairs."""
        arrays = arrays_of([tokens for _, tokens in texts], lexicon)
        return cls([name for name, _ in texts], arrays, lexicon)

    def __len__(self) -> int:
        return len(self.tokens)

    def find(self, stretch: Sequence[int]) -> Found:
        """Where a stretch of tokens stands; an empty one: everywhere."""
        pattern = self.lexicon.packed(list(stretch))
        return Found(0, 0, len(stretch)) if pattern is None else self.find_packed(pattern)

    def find_packed(self, pattern: bytes) -> Found:
        """The same for tokens that are packed already, as the lexicon packs them."""
        width, size, data = self.lexicon.dtype.itemsize, len(pattern), self._data
        key = lambda place: data[width * place : width * place + size]  # noqa: E731
        low = bisect_left(self._order, pattern, key=key)
        return Found(low, bisect_right(self._order, pattern, low, key=key), size // width)

    def longest_suffix(self, context: Sequence[int], at_least: int = 1, *, continued: bool = False) -> Found:
        """The longest end of *context* that stands there *at_least* times; *continued*: with more of its text after it.

        The empty end, of length 0, stands everywhere.
        """
        usable = list(context)
        for back, token in enumerate(reversed(usable)):
            if not 0 <= token < self.lexicon.border:
                usable = usable[len(usable) - back :]
                break
        pattern = self.lexicon.packed(usable) or b""
        width = self.lexicon.dtype.itemsize

        def end(length: int) -> Found:
            found = self.find_packed(pattern[len(pattern) - width * length :])
            return self.before_borders(found) if continued else found

        known, best, refused = 0, end(0), len(usable) + 1
        step = 1
        while known + 1 < refused:
            # Doubling steps up, then halves: most ends are short.
            length = min(known + step, refused - 1) if refused > len(usable) else (known + refused) // 2
            found = end(length)
            if found.count >= at_least:
                known, best = length, found
                step *= 2
            else:
                refused = length
        return best

    def before_borders(self, found: Found) -> Found:
        """Those of the places where something of the same text follows."""
        # The border is the highest token, so that what it follows stands last.
        high = bisect_left(
            self._order, self.lexicon.border, found.low, found.high, key=lambda place: self.token(place + found.length)
        )
        return Found(found.low, high, found.length)

    def extended(self, found: Found, token: int) -> Found:
        """Those of the places where the stretch is followed by *token*."""
        key = lambda place: self.token(place + found.length)  # noqa: E731
        low = bisect_left(self._order, token, found.low, found.high, key=key)
        return Found(low, bisect_right(self._order, token, low, found.high, key=key), found.length + 1)

    def following(self, found: Found) -> NDArray[Any]:
        """The token after each of the places, ascending, borders included."""
        # A suffix ends with its text's border at the latest, so this looks beyond the end for no stretch but `b""`.
        return self.tokens[self.places(found) + found.length]

    def places(self, found: Found) -> Places:
        """The first place of each occurrence, in the order of suffixes."""
        return self.order[found.low : found.high]

    def token(self, place: int) -> int:
        """The token at a place; the border at and beyond the end."""
        width = self.lexicon.dtype.itemsize
        data = self._data[width * place : width * (place + 1)]
        return int.from_bytes(data, "big") if data else self.lexicon.border

    def stretch(self, place: int, length: int) -> list[int]:
        """The tokens from *place* on, at most *length*, none of another text."""
        end = self._begin_list[self.text_at(place) + 1] - 1
        tokens: list[int] = self.tokens[place : min(place + length, end)].tolist()
        return tokens

    def text_at(self, place: int) -> int:
        """Which text a place is in; its border counts as its own."""
        return bisect_right(self._begin_list, place) - 1

    def begin_of(self, text: int) -> int:
        """The place of a text's first token."""
        return self._begin_list[text]

    def span(self, place: int, length: int) -> Span:
        """The characters that begin in *length* tokens from *place* on."""
        text = self.text_at(place)
        start = self._characters_before(place)
        begun = int(self.lexicon.characters[self.tokens[place : place + length]].sum())
        return Span(text, start - self._text_starts[text], begun)

    def place_of(self, text: int, offset: int) -> int:
        """The place of the first token in which a character at *offset* of a text, or a later one, begins."""
        wanted = self._text_starts[text] + offset
        block = max(int(np.searchsorted(self._marks, wanted, side="left")) - 1, 0)
        tokens = self.tokens[block * BLOCK : (block + 1) * BLOCK]
        # How many characters have begun by the end of each token.
        begun = self._marks[block] + np.cumsum(self.lexicon.characters[tokens])
        return max(block * BLOCK + int(np.searchsorted(begun, wanted, side="right")), self._begin_list[text])

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """How often each token stands in the texts, the border last: (vocabulary + 1,)."""
        return np.bincount(self.tokens, minlength=self.lexicon.border + 1)

    @cached_property
    def _text_starts(self) -> list[int]:
        return [self._characters_before(begin) for begin in self._begin_list[:-1]]

    def _characters_before(self, place: int) -> int:
        block = place // BLOCK
        return int(self._marks[block] + self.lexicon.characters[self.tokens[block * BLOCK : place]].sum())


def arrays_of(encoded: Sequence[NDArray[Any]], lexicon: Lexicon) -> Arrays:
    """The arrays of texts that are encoded already."""
    border = np.array([lexicon.border], dtype=lexicon.dtype.newbyteorder("="))
    native = np.concatenate([part for text in encoded for part in (text, border)] or [border[:0]], dtype=border.dtype)
    begins = np.cumsum([0, *(len(text) + 1 for text in encoded)], dtype=np.int64)
    return Arrays(native.astype(lexicon.dtype).tobytes(), suffix_array(native), begins, _marks(native, lexicon))


def _marks(tokens: NDArray[Any], lexicon: Lexicon) -> NDArray[np.int64]:
    """How many characters begin before each block, and before the one after the last."""
    blocks = [lexicon.characters[tokens[at : at + BLOCK]].sum() for at in range(0, len(tokens), BLOCK)]
    return np.cumsum([0, *blocks], dtype=np.int64)
