"""Two texts side by side: their lines in pairs, with the words in which they differ."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

Span = tuple[int, int]
"""Where something starts in a text, and where it ends."""

AROUND = 2
"""Lines that are shown before and after a difference; what else is alike is a gap."""
_LARGEST = 1500
"""Lines, or words of a line, beyond which two stretches count as different throughout: matching takes the square."""
_WORD = re.compile(r"\s+|[^\W_]+(?:['’][^\W_]+)*|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Pair:
    """A line of the one text beside a line of the other; an empty span where the other has none."""

    left: Span
    right: Span
    left_marks: tuple[Span, ...] = ()
    """The words, as places in the text, that the other line does not have."""
    right_marks: tuple[Span, ...] = ()
    alike: bool = True


@dataclass(frozen=True, slots=True)
class Gap:
    """Lines that are alike, and not shown."""

    words: int


def side_by_side(left: str, right: str) -> list[Pair | Gap]:
    """The lines of two texts in pairs, what is alike far from any difference left out."""
    pairs = list(_pairs(left, right))
    shown = set[int]()
    for index, pair in enumerate(pairs):
        if not pair.alike:
            shown.update(range(index - AROUND, index + AROUND + 1))
    rows: list[Pair | Gap] = []
    hidden = 0
    for index, pair in enumerate(pairs):
        if index not in shown:
            hidden += len(left[slice(*pair.left)].split())
            continue
        rows += [Gap(hidden)] if hidden else []
        rows.append(pair)
        hidden = 0
    return [*rows, Gap(hidden)] if hidden else rows


def _pairs(left: str, right: str) -> Iterator[Pair]:
    ours, theirs = _lines(left), _lines(right)
    one, other = ([text[low:high] for low, high in spans] for text, spans in ((left, ours), (right, theirs)))
    for kind, a, b, c, d in _changes(one, other):
        if kind == "equal":
            yield from (Pair(*both) for both in zip(ours[a:b], theirs[c:d], strict=True))
            continue
        for mine, yours in zip_longest(ours[a:b], theirs[c:d]):
            mine = mine or (ours[b - 1][1] if b else 0,) * 2
            yours = yours or (theirs[d - 1][1] if d else 0,) * 2
            yield Pair(mine, yours, *_marks(left, mine, right, yours), alike=False)


def _marks(left: str, mine: Span, right: str, yours: Span) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """The words of either line that the other does not have."""
    words = [[match.span() for match in _WORD.finditer(text, *span)] for text, span in ((left, mine), (right, yours))]
    texts = [[text[low:high] for low, high in spans] for text, spans in zip((left, right), words, strict=True)]
    marks: tuple[list[Span], list[Span]] = [], []
    for kind, a, b, c, d in _changes(*texts):
        if kind != "equal":
            for row, spans, low, high in ((marks[0], words[0], a, b), (marks[1], words[1], c, d)):
                row += [(spans[low][0], spans[high - 1][1])] if high > low else []
    return tuple(marks[0]), tuple(marks[1])


def _changes(one: Sequence[str], other: Sequence[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """What makes *other* of *one*, as difflib tells it; what both begin and end with costs nothing."""
    most = min(len(one), len(other))
    start = next((index for index in range(most) if one[index] != other[index]), most)
    rest = most - start
    end = next((index for index in range(rest) if one[-1 - index] != other[-1 - index]), rest)
    mine, yours = one[start : len(one) - end], other[start : len(other) - end]
    if start:
        yield "equal", 0, start, 0, start
    if max(len(mine), len(yours)) > _LARGEST:
        yield "replace", start, start + len(mine), start, start + len(yours)
    else:
        for kind, a, b, c, d in SequenceMatcher(None, mine, yours, autojunk=False).get_opcodes():
            yield kind, start + a, start + b, start + c, start + d
    if end:
        yield "equal", len(one) - end, len(one), len(other) - end, len(other)


def _lines(text: str) -> list[Span]:
    spans, start = [], 0
    for line in text.split("\n"):
        spans.append((start, start + len(line)))
        start += len(line) + 1
    return spans
