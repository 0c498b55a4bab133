"""A row of text with styles laid over stretches of it, as segments for the screen."""

from collections.abc import Sequence
from itertools import pairwise

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

Layer = tuple[int, int, Style]
"""From which column to which, and how."""


def segments(text: str, base: Style, layers: Sequence[Layer], tab: int) -> list[Segment]:
    """The row in its styles, a later layer over an earlier one, tabs as the blanks that they take."""
    length = len(text)
    cuts = {0, length}
    for start, end, _ in layers:
        cuts.add(min(max(start, 0), length))
        cuts.add(min(max(end, 0), length))
    row: list[Segment] = []
    x = 0
    for start, end in pairwise(sorted(cuts)):
        style = base
        for first, last, over in layers:
            if first <= start and end <= last:
                style += over
        part = text[start:end]
        if "\t" in part:
            part = _spread_from(part, x, tab)
        x += cell_len(part)
        row.append(Segment(part, style))
    return row


def _spread_from(part: str, x: int, tab: int) -> str:
    """The part of a row that begins at the cell *x*, each tab as blanks up to its stop."""
    spread = ""
    for piece in part.split("\t")[:-1]:
        spread += piece
        spread += " " * (tab - (x + cell_len(spread)) % tab)
    return spread + part.rpartition("\t")[2]
