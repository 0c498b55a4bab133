"""A document's lines folded to a width, and kept folded through edits.

Textual's own WrappedDocument folds an edited line whole (15 ms for a paragraph of 100 kB) and touches every line
below one that changes its height. This one folds from the row before the edit to where the old folds fit again.
"""

from bisect import bisect_left, bisect_right

from textual.geometry import Offset
from textual.widgets.text_area import DocumentBase, Location, WrappedDocument

from gpt2studio.app.common.folding import cells, column_at, folds
from gpt2studio.app.manuscript.totals import Totals

_STRETCH = 4096
"""Characters of a long line that are folded at a time."""


class Wrapping(WrappedDocument):
    """The folds of every line, and which rows on screen each line takes."""

    def __init__(self, document: DocumentBase, width: int = 0, tab_width: int = 4) -> None:
        self._folds: list[list[int]] = []
        self._rows = Totals(())
        self._folded_for: tuple[int, int] | None = None
        self.changed: tuple[int, int | None] = (0, None)
        """The first row that the last edit changed, and the row after the last; None: all that follow."""
        super().__init__(document, width, tab_width)

    @property
    def width(self) -> int:
        """The cells that every line is folded to; 0: none is folded."""
        return self._width

    @property
    def wrapped(self) -> bool:
        """Whether any line takes more than one row."""
        return self.height > len(self._folds)

    @property
    def height(self) -> int:
        """How many rows the whole text takes."""
        return self._rows.total

    def wrap(self, width: int, tab_width: int | None = None) -> None:
        """Fold every line to *width* cells; 0 folds nothing."""
        self._width = width
        self._tab_width = tab_width or self._tab_width
        if self._folded_for == (self._width, self._tab_width):
            return
        self._folded_for = (self._width, self._tab_width)
        self._folds = [self._fold(line) for line in self.document.lines]
        self._rows = Totals(len(each) + 1 for each in self._folds)

    def wrap_range(self, start: Location, old_end: Location, new_end: Location) -> None:
        """Fold again what an edit changed: from *start* to *old_end* before it, to *new_end* now."""
        (first, edited), (last, old_column), (new_last, new_column) = start, old_end, new_end
        if first == last == new_last:
            new = [self._fold_again(first, edited, new_column, new_column - old_column)]
        else:
            new = [self._fold(line) for line in self.document.lines[first : new_last + 1]]
        old = self._folds[first : last + 1]
        self._folds[first : last + 1] = new
        self._rows.replace(first, last + 1, [len(each) + 1 for each in new])
        top, before, now = self._rows.before(first), sum(map(len, old)), sum(map(len, new))
        begin = _first_apart(old[0], new[0], edited)
        if last == first == new_last and before == now:
            after = _last_apart(old[0], new[0], begin, new_column, new_column - old_column)
            self.changed = top + begin, top + after + 1
        else:
            same = before + len(old) == now + len(new)
            self.changed = top + begin, top + now + len(new) if same else None

    def row(self, y: int) -> tuple[int, int, int]:
        """The line on this row, and the columns at which the row starts and ends in it."""
        line = self._rows.find(y)
        start, end = self._span(line, min(y - self._rows.before(line), len(self._folds[line])))
        return line, start, end

    def offset_to_location(self, offset: Offset) -> Location:
        """The place in the text that is nearest to a cell."""
        x, y = max(0, offset[0]), max(0, min(offset[1], self.height - 1))
        line = self._rows.find(y)
        return line, self.get_target_document_column(line, x, y - self._rows.before(line))

    def location_to_offset(self, location: Location) -> Offset:
        """The cell at which a place in the text is drawn."""
        line, column = min(location[0], len(self._folds) - 1), location[1]
        section = bisect_right(self._folds[line], column)
        start, _ = self._span(line, section)
        x = cells(self.document[line][start:column], self._tab_width)
        return Offset(x, self._rows.before(line) + section)

    def get_target_document_column(self, line_index: int, x_offset: int, y_offset: int) -> int:
        """The column of a line that is drawn *x_offset* cells into its row number *y_offset*; -1 is its last."""
        sections = len(self._folds[line_index]) + 1
        section = y_offset % sections
        start, end = self._span(line_index, section)
        column = start + column_at(self.document[line_index][start:end], x_offset, self._tab_width)
        return column if section == sections - 1 else min(column, end - 1)

    def get_sections(self, line_index: int) -> list[str]:
        """What of a line stands on each of its rows."""
        line = self.document[line_index]
        return [line[slice(*self._span(line_index, each))] for each in range(len(self._folds[line_index]) + 1)]

    def get_offsets(self, line_index: int) -> list[int]:
        """The columns at which a line is folded."""
        if not 0 <= line_index < len(self._folds):
            raise ValueError(f"There is no line {line_index}.")
        return self._folds[line_index]

    def _span(self, line: int, section: int) -> tuple[int, int]:
        at = self._folds[line]
        return (at[section - 1] if section else 0), (at[section] if section < len(at) else len(self.document[line]))

    def _fold(self, text: str) -> list[int]:
        return folds(text, self._width, self._tab_width)

    def _fold_again(self, row: int, edited: int, edit_end: int, shift: int) -> list[int]:
        """The folds of a line that is new from *edited* to *edit_end*, what stands after having moved by *shift*."""
        text, old = self.document[row], self._folds[row]
        if len(text) < _STRETCH or not self._width:
            return self._fold(text)
        # A word that became shorter may go back to the row before, but no change reaches further back.
        new = old[: max(0, bisect_right(old, edited) - 2)]
        while True:
            begin = new[-1] if new else 0
            found = [begin + each for each in self._fold(text[begin : begin + _STRETCH])]
            for fold in found:
                new.append(fold)
                at = bisect_left(old, fold - shift)
                if fold >= edit_end and at < len(old) and old[at] == fold - shift:
                    return new + [each + shift for each in old[at + 1 :]]
            if begin + _STRETCH >= len(text):
                return new
            if not found:
                return self._fold(text)


def _first_apart(old: list[int], new: list[int], edited: int) -> int:
    """The first row of a line that an edit changed."""
    row = 0
    while row < min(len(old), len(new)) and old[row] == new[row] <= edited:
        row += 1
    return row


def _last_apart(old: list[int], new: list[int], first: int, edit_end: int, shift: int) -> int:
    """The last row of a line that an edit changed, where the line has as many rows as before."""
    row = len(new)
    while row > first and new[row - 1] >= edit_end and new[row - 1] == old[row - 1] + shift:
        row -= 1
    return row
