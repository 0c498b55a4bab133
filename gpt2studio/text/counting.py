"""How many tokens a text has, while somebody edits it: only the stretch that changed is encoded again."""

import re
from collections.abc import Callable
from itertools import zip_longest
from typing import Final

# A newline before something that is no white space is one token, whatever stands around it: the text between two of
# them counts for itself. (The class is the standard library's, which has all that GPT-2's pattern calls white space.)
_lines: Final = re.compile(r"\n(?=\S)").split

# The first space after a mark is a border, and so is the place between a full stop of Chinese or Japanese and a letter.
_after_marks: Final = re.compile(r" (?<=[.!?…”’\"'] )").split
_after_full_stops: Final = re.compile(r"([。！？])(?=[一-鿿ぁ-ゖァ-ヺ])").split

_LONG: Final = 4096
"""A paragraph of more characters is counted by its sentences."""

_REMEMBERED: Final = 4_000_000
"""Characters of stretches to remember, at least."""


class StretchCounts(dict[str, int]):
    """Token counts of the stretches of texts counted before."""

    def __init__(self, count: Callable[[str], int]) -> None:
        super().__init__()
        self._count = count
        self._characters = 0

    def count(self, text: str) -> int:
        """The tokens of the text."""
        if self._characters > max(_REMEMBERED, 4 * len(text)):
            self.clear()
            self._characters = 0
        stretches = _lines(text)
        return sum(map(self.__getitem__, stretches)) + len(stretches) - 1

    def __missing__(self, stretch: str) -> int:
        if len(stretch) > _LONG and len(parts := _sentences(stretch)) > 1:
            return sum(map(self.__getitem__, parts))
        count = self[stretch] = self._count(stretch)
        self._characters += len(stretch)
        return count


def _sentences(paragraph: str) -> list[str]:
    """The paragraph in parts that are split each for itself as the whole would be."""
    first, *others = _after_marks(paragraph)
    if others:
        return [first, *[" " + other for other in others]]
    parts = _after_full_stops(paragraph)
    return [text + mark for text, mark in zip_longest(parts[::2], parts[1::2], fillvalue="")]
