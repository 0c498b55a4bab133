"""Who wrote each character of a text: one byte a character, one row a line."""

import re
from collections.abc import Iterable, Sequence

PERSON, MODEL = 0, 1

_BY_MODEL = re.compile(rb"\x01+")

Place = tuple[int, int]
"""Row and column."""


class Ink:
    """Who wrote each character, kept as the text is edited."""

    def __init__(self, rows: Sequence[bytes] = (b"",)) -> None:
        self._rows = list(rows)

    @property
    def rows(self) -> Sequence[bytes]:
        """A byte for each character of each line."""
        return self._rows

    def replace(self, top: Place, bottom: Place, inserted: Sequence[bytes]) -> None:
        """Put rows of ink in the place of what stands between two places, as text was put there."""
        (first, left), (last, right) = top, bottom
        new = list(inserted)
        new[-1] += self._rows[last][right:]
        new[0] = self._rows[first][:left] + new[0]
        self._rows[first : last + 1] = new

    def by_model(self, row: int, start: int, end: int) -> list[tuple[int, int]]:
        """The stretches of a line between two columns that the model wrote."""
        return [match.span() for match in _BY_MODEL.finditer(self._rows[row], start, end)]


def rows_of(pieces: Iterable[tuple[str, int]]) -> list[bytes]:
    """The ink of a text that is given as pieces, each with who wrote it."""
    rows = [bytearray()]
    for text, author in pieces:
        ink = bytes([author])
        lines = text.split("\n")
        rows[-1] += ink * len(lines[0])
        rows.extend(bytearray(ink * len(line)) for line in lines[1:])
    return [bytes(row) for row in rows]
