"""Splices moved to another place because the text before them is not what it was."""

from collections.abc import Iterable
from dataclasses import replace

from gpt2studio.stories.splice import Splice, cut, joined


def shifted(splices: Iterable[Splice], mark: int, growth: int) -> tuple[list[Splice], int]:
    """The splices for a text that grew by *growth* at *mark*; and where the mark is after them, growth left out.

    What lies at the mark or after it moves; what lies before it moves the mark.
    """
    row = []
    for splice in splices:
        if splice.at >= mark:
            row.append(replace(splice, at=splice.at + growth) if growth else splice)
            continue
        row.append(splice)
        if splice.at + splice.taken <= mark:
            mark += splice.put - splice.taken
        else:
            mark = splice.at + splice.put
    return row, mark


def carried(splices: Iterable[Splice], start: int, end: int) -> tuple[list[Splice], int, int]:
    """The splices for a text that lacks the region from *start* to *end*; and where the region is after them.

    A change inside the region belongs to it and stays behind; of one across its border, the part outside is kept,
    with all that it put in.
    """
    row = []
    for splice in splices:
        at, stop, change = splice.at, splice.at + splice.taken, splice.put - splice.taken
        if at >= end:
            row.append(replace(splice, at=at - (end - start)))
        elif stop <= start:
            row.append(splice)
            start, end = start + change, end + change
        elif start <= at and stop <= end:
            end += change
        else:
            outside = joined((*cut(splice.removed, 0, start - at), *cut(splice.removed, end - at, stop - at)))
            row.append(Splice(min(at, start), outside, splice.inserted))
            if at >= start:
                end = at
            else:
                start = at + splice.put
                end = start + max(end - stop, 0)
    return row, start, end
