"""Tables of what was encoded before, which spare most texts most of the work; bounded, and filled as they are asked.

Tokens are kept as the bytes of an array of ints: small, and joined faster than anything else.
"""

from array import array
from typing import Final

from gpt2studio.text import splitting
from gpt2studio.text.merging import Merger

INT: Final = "i"
"""The type code of the arrays whose bytes the tables keep."""

_ENTRIES: Final = 1 << 18
"""Entries a table may hold, some 150 bytes each. A full one is emptied: common words are back in no time."""

_LONGEST: Final = 48
"""Longer keys are not kept: they hardly come again, and a few could be as large as the text itself."""

_MARKS: Final = ".,;:!?\"'()-_…—–“”‘’"
"""Marks that often follow a word; with no letter after them they are one pre-token."""


class PreTokens(dict[str, bytes]):
    """The tokens of pre-tokens."""

    def __init__(self, merger: Merger) -> None:
        super().__init__()
        self._merger = merger

    def __missing__(self, pre_token: str) -> bytes:
        ids = array(INT, self._merger.merge(pre_token.encode())).tobytes()
        _keep(self, pre_token, ids)
        return ids

    def encode(self, text: str) -> bytes:
        """The tokens of a text, split as it should be."""
        return b"".join(map(self.__getitem__, splitting.pre_tokens(text)))


class Chunks(dict[str, bytes]):
    """The tokens of chunks, as splitting.chunks cuts them: of the space before the key and the key."""

    def __init__(self, pre_tokens: PreTokens) -> None:
        super().__init__()
        self._pre_tokens = pre_tokens

    def encode(self, segment: str) -> bytes:
        """The tokens of a segment of text."""
        chunks = iter(splitting.chunks(segment))
        first = next(chunks)  # the only one without a space before it
        try:
            if first:
                _refuse_odd_space(first)
            return self._pre_tokens.encode(first) + b"".join(map(self.__getitem__, chunks))
        except _OddSpaceError:
            return self._pre_tokens.encode(segment)

    def __missing__(self, chunk: str) -> bytes:
        _refuse_odd_space(chunk)
        word = chunk.rstrip(_MARKS)
        if word.isascii() and word.isalpha():  # most chunks: no need to search
            ids = self._pre_tokens[" " + word]
            if len(word) < len(chunk):
                ids += self._pre_tokens[chunk[len(word) :]]
        else:
            ids = self._pre_tokens.encode(chunk if chunk[0] == "\n" else " " + chunk)
        _keep(self, chunk, ids)
        return ids


class _OddSpaceError(Exception):
    """A chunk cannot be split for itself."""


def _refuse_odd_space(chunk: str) -> None:
    if not chunk or chunk[-1].isspace():
        raise _OddSpaceError


def _keep(table: dict[str, bytes], key: str, ids: bytes) -> None:
    if len(key) <= _LONGEST:
        if len(table) >= _ENTRIES:
            table.clear()
        table[key] = ids
