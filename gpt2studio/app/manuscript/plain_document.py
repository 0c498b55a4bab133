"""A text as TextArea's document: lines end at newlines alone, and places are offsets as well as rows and columns."""

from typing import Literal, overload

from rich.cells import cell_len
from textual.geometry import Size
from textual.widgets.text_area import DocumentBase, EditResult, Location

from gpt2studio.app.common.shown import shown
from gpt2studio.app.manuscript.totals import Totals


class PlainDocument(DocumentBase):
    """A text, character for character.

    Textual's own document also breaks lines at form feeds and other separators, and joins them again with
    newlines: then places in it are not places in the story. What the widget draws and wraps, ``lines``, is the
    text with control characters in visible shape, with exactly as many characters; ``text`` is the text itself.
    """

    def __init__(self, text: str = "") -> None:
        self._exact = text.split("\n")
        self._shown = [shown(line) for line in self._exact]
        self._starts = Totals(len(line) + 1 for line in self._exact)
        self._whole: str | None = text

    @property
    def text(self) -> str:
        """The text itself."""
        if self._whole is None:
            self._whole = "\n".join(self._exact)
        return self._whole

    @property
    def newline(self) -> Literal["\n"]:
        """What ends a line here, whatever the file has."""
        return "\n"

    @property
    def lines(self) -> list[str]:
        """The lines as they are drawn."""
        return self._shown

    @property
    def exact_lines(self) -> list[str]:
        """The lines as they are."""
        return self._exact

    @property
    def line_count(self) -> int:
        """How many lines there are; an empty text has one."""
        return len(self._exact)

    @property
    def start(self) -> Location:
        """Before the first character."""
        return (0, 0)

    @property
    def end(self) -> Location:
        """After the last character."""
        return (len(self._exact) - 1, len(self._exact[-1]))

    @property
    def length(self) -> int:
        """How many characters the text has."""
        return self._starts.total - 1

    def offset_of(self, location: Location) -> int:
        """How many characters stand before this place."""
        row, column = location
        return self._starts.before(row) + column

    def location_of(self, offset: int) -> Location:
        """The place after so many characters; beyond the end, the end."""
        offset = max(0, min(offset, self.length))
        row = self._starts.find(offset)
        return (row, offset - self._starts.before(row))

    def clamped(self, location: Location) -> Location:
        """The nearest place there is."""
        row, column = location
        if row >= len(self._exact):
            return self.end
        return (row, min(column, len(self._exact[row])))

    def replace_range(self, start: Location, end: Location, text: str) -> EditResult:
        """Put *text* in the place of what stands between two places."""
        top, bottom = sorted((self.clamped(start), self.clamped(end)))
        replaced = self.get_text_range(top, bottom)
        new = text.split("\n")
        ends_at = (top[0] + len(new) - 1, len(new[-1]) + (top[1] if len(new) == 1 else 0))
        new[-1] += self._exact[bottom[0]][bottom[1] :]
        new[0] = self._exact[top[0]][: top[1]] + new[0]
        rows = slice(top[0], bottom[0] + 1)
        self._exact[rows] = new
        self._shown[rows] = [shown(line) for line in new]
        self._starts.replace(rows.start, rows.stop, [len(line) + 1 for line in new])
        self._whole = None
        return EditResult(ends_at, replaced)

    def get_text_range(self, start: Location, end: Location) -> str:
        """The text itself between two places."""
        (top_row, top), (bottom_row, bottom) = sorted((self.clamped(start), self.clamped(end)))
        if top_row == bottom_row:
            return self._exact[top_row][top:bottom]
        between = self._exact[top_row + 1 : bottom_row]
        return "\n".join((self._exact[top_row][top:], *between, self._exact[bottom_row][:bottom]))

    def before(self, location: Location) -> str:
        """The text itself up to a place."""
        return self.get_text_range((0, 0), location)

    def get_line(self, index: int) -> str:
        """A line as it is drawn."""
        return self._shown[index]

    def get_size(self, indent_width: int) -> Size:
        """Columns of the longest line, and rows, without wrapping."""
        widest = max((cell_len(line.expandtabs(indent_width)) for line in self._shown), default=0)
        return Size(widest, len(self._shown))

    @overload
    def __getitem__(self, line_index: int) -> str: ...

    @overload
    def __getitem__(self, line_index: slice) -> list[str]: ...

    def __getitem__(self, line_index: int | slice) -> str | list[str]:
        return self._shown[line_index]
