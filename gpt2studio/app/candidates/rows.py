"""How candidates are laid out: columns beside each other where there is room, rows of a text, words of a row."""

from itertools import pairwise

from rich.cells import cell_len

from gpt2studio.app.candidates.choosing import Candidate
from gpt2studio.app.common.folding import folds
from gpt2studio.app.common.shown import shown
from gpt2studio.app.common.wording import clipped

COLUMN = 28
"""Cells that a candidate needs beside others; where there is no room for that, they stand below each other."""
GAP = " │ "
HEAD = 2
"""Cells before a candidate's text: its digit."""

Row = list[tuple[str, str]]
"""Texts from left to right, each with the part that says how it is drawn."""


def fits_beside(count: int, width: int) -> bool:
    """Whether so many candidates can stand in columns."""
    return count * (COLUMN + len(GAP)) - len(GAP) <= width


def about(candidate: Candidate) -> str:
    """How far a candidate is, and how likely its words were to the model."""
    likely = f"{candidate.logprob:.2f}".replace("-", "−") if candidate.logprob is not None else ""
    ends = {None: " …", "end": " ■", "length": ""}.get(candidate.finish, " ·")
    return likely + ends


def rows_of(text: str, width: int) -> list[tuple[int, int]]:
    """Where each row of a text starts and ends, folded to a width."""
    start = len(text) - len(text.lstrip(" "))  # the blank that parts it from what stands before
    rows, text = [], text[start:]
    for line in text.split("\n"):
        at = [0, *folds(shown(line), max(1, width), 4), len(line)]
        rows += [(start + low, start + high) for low, high in pairwise(at)]
        start += len(line) + 1
    return rows


def rows_for(length: int, width: int) -> int:
    """About how many rows so many tokens take, a paragraph's end among them."""
    return (min(length or 64, 128) * 9 // 2) // max(width, 1) + 2


def one_line(text: str) -> str:
    """A text on one line."""
    return shown(" ⏎ ".join(text.strip().split("\n"))).replace("\t", " ")


def parts_of(text: str, low: int, high: int, start: int, stop: int) -> Row:
    """A row of a text in its parts: what would be taken, its last word, what would be left."""
    line = shown(text[low:high]).replace("\t", " ")
    if not stop:
        return [(line, "text")]
    first, last = min(max(start - low, 0), len(line)), min(max(stop - low, 0), len(line))
    return [(line[:first], "taken"), (line[first:last], "word"), (line[last:], "left")]


def padded(row: Row, width: int) -> Row:
    """A row that takes exactly so many cells."""
    free = width - sum(cell_len(text) for text, _ in row)
    if free >= 0:
        return [*row, (" " * free, "text")]
    *before, (text, part) = row
    rest = width - sum(cell_len(each) for each, _ in before)
    cut = clipped(text.rstrip(), max(0, rest))
    return [*before, (cut + " " * (rest - cell_len(cut)), part)]
