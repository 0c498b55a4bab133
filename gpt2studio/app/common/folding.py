"""Where a line of text is folded so that each row of it fits a width; a tab reaches to the next stop of its row."""

import re
from collections.abc import Iterator

from rich.cells import cell_len, get_character_cell_size

_UNEVEN = re.compile(
    "[^\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u0482\u048a-\u052f\u1e00-\u1fff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf]"
)
"""Characters that may take other than one cell, or that allow a fold beside them."""

_CLOSING = frozenset(
    "、。，．：；！？）］｝〉》」』】〕〗〙’”…‥ー々ゝゞぁぃぅぇぉっゃゅょァィゥェォッャュョ,.!?)]}:;%·"
)
"""Never at the start of a row where it can be helped."""
_OPENING = frozenset("（［｛〈《「『【〔〖〘‘“([{")
"""Never at the end of a row where it can be helped."""


def folds(text: str, width: int, tab: int) -> list[int]:
    """The columns at which rows but the first begin, each row at most *width* cells wide; one space may hang beyond.

    A row begins where a word does, if the word before left no room for it; a word wider than a row is cut. Where a row
    begins depends only on what follows the row's beginning, so folding can be taken up again at any fold.
    """
    if width <= 0:
        return []
    return _fold_even(text, width) if not _UNEVEN.search(text) else _fold_any(text, width, tab)


def cells(text: str, tab: int) -> int:
    """How many cells a row's beginning takes, its tabs reaching to the stops."""
    if "\t" not in text:
        return cell_len(text)
    return cell_len(spread(text, tab))


def spread(text: str, tab: int) -> str:
    """A row with each tab as the blanks that it takes."""
    parts = text.split("\t")
    x, row = 0, []
    for part in parts[:-1]:
        blanks = tab - (x + cell_len(part)) % tab
        row.append(part + " " * blanks)
        x += cell_len(part) + blanks
    return "".join((*row, parts[-1]))


def column_at(text: str, x: int, tab: int) -> int:
    """How many characters of a row stand before the cell *x*."""
    reached = 0
    for column, width in enumerate(_widths(text, tab)):
        if reached + width > x:
            return column
        reached += width
    return len(text)


def joined_to_previous(text: str, column: int) -> bool:
    """Whether the character belongs to the one before it, as a combining mark does."""
    if not 0 < column < len(text) or text[column] == "\t":
        return False
    return text[column] == "\ufe0f" or text[column - 1] == "\u200d" or get_character_cell_size(text[column]) == 0


def _fold_even(text: str, width: int) -> list[int]:
    """Folds of a text in which every character takes one cell."""
    found: list[int] = []
    start, length = 0, len(text)
    while length - start > width:
        end = start + width
        fold = end + 1 if text[end] == " " else text.rfind(" ", start, end) + 1 or end
        if fold >= length:
            break
        found.append(fold)
        start = fold
    return found


def _fold_any(text: str, width: int, tab: int) -> list[int]:
    """Folds of any text: beside wide characters as well as at spaces, never inside a joined character."""
    found: list[int] = []
    start = chance = x = column = 0
    while column < len(text):
        character = text[column]
        size = _size(text, column, x, tab)
        if column > start and _may_part(text, column):
            chance = column
        hangs = character == " " and x <= width
        if x + size <= width or hangs or column == start or joined_to_previous(text, column):
            x += size
            column += 1
            continue
        fold = chance if chance > start else column
        found.append(fold)
        start = chance = column = fold
        x = 0
    return found


def _may_part(text: str, column: int) -> bool:
    """Whether a row may begin with this character for the sake of what is beside it."""
    before, after = text[column - 1], text[column]
    if before == " " or before == "\t":
        return True
    if joined_to_previous(text, column) or after in _CLOSING or before in _OPENING or after == " ":
        return False
    return get_character_cell_size(before) == 2 or get_character_cell_size(after) == 2


def _widths(text: str, tab: int) -> Iterator[int]:
    x = 0
    for column in range(len(text)):
        size = _size(text, column, x, tab)
        x += size
        yield size


def _size(text: str, column: int, x: int, tab: int) -> int:
    """Cells of the character that is drawn at *x*."""
    character = text[column]
    if character == "\t":
        return tab - x % tab
    if column and text[column - 1] == "\u200d":
        return 0
    if character == "\ufe0f" and column:
        return cell_len(text[column - 1 : column + 1]) - cell_len(text[column - 1])
    return get_character_cell_size(character)
