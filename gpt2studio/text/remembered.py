"""Tables of what was encoded before, which spare most texts most of the work; bounded, and filled as they are asked."""

from itertools import chain
from typing import Final

from gpt2studio.text import splitting
from gpt2studio.text.merging import Merger

Ids = tuple[int, ...]

_ENTRIES: Final = 1 << 18
"""Entries a table may hold, some 150 bytes each. A full one is emptied: common words are back in no time."""

_LONGEST: Final = 48
"""Longer keys are not kept: they hardly come again, and a few could be as large as the text itself."""


class PreTokens(dict[str, Ids]):
    """The tokens of pre-tokens."""

    def __init__(self, merger: Merger) -> None:
        super().__init__()
        self._merger = merger

    def __missing__(self, pre_token: str) -> Ids:
        ids = self._merger.merge(pre_token.encode())
        _keep(self, pre_token, ids)
        return ids

    def encode(self, text: str) -> list[int]:
        """The tokens of a text, split as it should be."""
        return list(chain.from_iterable(map(self.__getitem__, splitting.pre_tokens(text))))


class Chunks(dict[str, Ids]):
    """The tokens of chunks, as splitting.chunks cuts them: of the space before the key and the key."""

    def __init__(self, pre_tokens: PreTokens) -> None:
        super().__init__()
        self._pre_tokens = pre_tokens

    def encode(self, segment: str) -> list[int]:
        """The tokens of a segment of text."""
        chunks = iter(splitting.chunks(segment))
        first = next(chunks)  # the only one without a space before it
        try:
            if first:
                _refuse_odd_space(first)
            ids = self._pre_tokens.encode(first)
            ids += chain.from_iterable(map(self.__getitem__, chunks))
        except _OddSpaceError:
            return self._pre_tokens.encode(segment)
        return ids

    def __missing__(self, chunk: str) -> Ids:
        _refuse_odd_space(chunk)
        text = chunk if chunk[0] == "\n" else " " + chunk
        if len(text) > _LONGEST:
            return tuple(self._pre_tokens.encode(text))
        first, *others = splitting.pre_tokens(text)
        ids = self._pre_tokens[first]
        for other in others:
            ids += self._pre_tokens[other]
        _keep(self, chunk, ids)
        return ids


class _OddSpaceError(Exception):
    """A chunk cannot be split for itself."""


def _refuse_odd_space(chunk: str) -> None:
    if not chunk or chunk[-1].isspace():
        raise _OddSpaceError


def _keep(table: dict[str, Ids], key: str, ids: Ids) -> None:
    if len(key) <= _LONGEST:
        if len(table) >= _ENTRIES:
            table.clear()
        table[key] = ids
