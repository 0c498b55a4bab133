"""How many tokens a text has, while somebody edits it: only the stretch that changed is encoded again."""

import re
from collections.abc import Callable
from typing import Final

import regex

# A newline before something that is no white space is one token, whatever stands around it: the text between two of
# them counts for itself. (The class is the standard library's, which has all that GPT-2's pattern calls white space.)
_lines: Final = re.compile(r"\n(?=\S)").split

# Ends of sentences: borders too, before a space that something follows, or between marks and a letter.
_sentences: Final = regex.compile(r"(?<=[.!?…])(?=[ ]\S)|(?<=[。！？])(?=\p{L})").split

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
