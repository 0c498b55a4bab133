"""Two texts in two columns that scroll together, the words in which they differ marked."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from gpt2studio.app.branches.comparing import Gap, Pair, Span, side_by_side
from gpt2studio.app.common.folding import folds
from gpt2studio.app.common.layers import Layer, segments
from gpt2studio.app.common.shown import shown
from gpt2studio.app.common.wording import counted
from gpt2studio.stories.document import Document

_BY_MODEL = re.compile(rb"\x01+")
_GAP = " │ "

_Row = tuple[Span | None, Span | None, Pair] | Gap
"""What of either text stands on a row."""


class Comparison(ScrollView, can_focus=True):
    """Two texts, of which one is chosen."""

    HELP = "Two branches side by side. ← → choose one, Enter takes it; ↑ ↓ scroll both, n goes to the next difference."

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *("comparison--model", "comparison--different", "comparison--gap", "comparison--alike", "comparison--person"),
    }

    DEFAULT_CSS = """
    Comparison {
        background: $background;
        scrollbar-size: 0 1;
        padding: 0 1;
        & > .comparison--person { color: $ink-person; }
        & > .comparison--model { color: $ink-model; }
        & > .comparison--different { background: $boost; text-style: bold underline; }
        & > .comparison--alike { text-style: dim; }
        & > .comparison--gap { color: $text-disabled; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", show=False, id="comparison.down"),
        Binding("k", "scroll_up", "Up", show=False, id="comparison.up"),
        Binding("left,h", "side(0)", "The left one", show=False, id="comparison.left"),
        Binding("right,l", "side(1)", "The right one", show=False, id="comparison.right"),
        Binding("tab", "side(-1)", "The other one", show=False, id="comparison.other"),
        Binding("n", "difference(1)", "Next difference", show=False, id="comparison.next"),
        Binding("N", "difference(-1)", "Previous difference", show=False, id="comparison.previous"),
    ]

    side: reactive[int] = reactive(1)
    """Which of the two is chosen: 0 the left, 1 the right."""

    def __init__(self, left: Document, right: Document) -> None:
        super().__init__()
        self._documents = left, right
        self._texts = left.text, right.text
        self._pairs = side_by_side(*self._texts)
        self._rows: list[_Row] = []
        self._new = True

    @property
    def differences(self) -> int:
        """How many pairs of lines differ."""
        return sum(isinstance(each, Pair) and not each.alike for each in self._pairs)

    @property
    def column(self) -> int:
        """How many cells each text has."""
        return max(4, (self.scrollable_content_region.width - len(_GAP)) // 2)

    def on_resize(self) -> None:
        """Fold both to the new width."""
        self._rows = [row for each in self._pairs for row in self._folded(each)]
        self.virtual_size = Size(0, len(self._rows))
        self.refresh()
        if self._new and self._rows:
            self._new = False
            self.call_after_refresh(self._to_first)

    def _to_first(self) -> None:
        first = next((y for y, row in enumerate(self._rows) if _differs(row)), 0)
        self.scroll_to(y=max(0, first - 2), animate=False)

    def _folded(self, each: Pair | Gap) -> list[_Row]:
        if isinstance(each, Gap):
            return [each]
        sides = [self._cuts(text, span) for text, span in zip(self._texts, (each.left, each.right), strict=True)]
        rows: list[_Row] = []
        for y in range(max(map(len, sides))):
            left, right = (side[y] if y < len(side) else None for side in sides)
            rows.append((left, right, each))
        return rows

    def _cuts(self, text: str, span: Span) -> list[Span]:
        line = text[slice(*span)]
        return [
            (span[0] + low, span[0] + high)
            for low, high in pairwise([0, *folds(shown(line), self.column, 4), len(line)])
        ]

    def render_line(self, y: int) -> Strip:
        """A row of both."""
        width, base = self.scrollable_content_region.width, self.get_component_rich_style("comparison--person")
        at = y + self.scroll_offset.y
        if at >= len(self._rows):
            return Strip.blank(width, base)
        row, gap = self._rows[at], self.get_component_rich_style("comparison--gap")
        if isinstance(row, Gap):
            said = f" {counted(row.words, 'word')} alike "
            return Strip([Segment(said.center(width, "┈"), gap)]).adjust_cell_length(width, base)
        left, right, pair = row
        cells = [
            *self._side(0, left, pair.left_marks, pair),
            Segment(_GAP, gap),
            *self._side(1, right, pair.right_marks, pair),
        ]
        return Strip(cells).adjust_cell_length(width, base)

    def _side(self, side: int, span: Span | None, marks: Sequence[Span], pair: Pair) -> list[Segment]:
        base = self.get_component_rich_style("comparison--person")
        if span is None:
            return [Segment(" " * self.column, base)]
        low, high = span
        model = self.get_component_rich_style("comparison--model", partial=True)
        different = self.get_component_rich_style("comparison--different", partial=True)
        ink = self._documents[side].ink(low, high)
        layers: list[Layer] = [(*match.span(), model) for match in _BY_MODEL.finditer(ink)]
        layers += [(start - low, end - low, different) for start, end in marks if start < high and end > low]
        if pair.alike:
            layers.append((0, high - low, self.get_component_rich_style("comparison--alike", partial=True)))
        row = segments(shown(self._texts[side][low:high]), base, layers, 4)
        return list(Strip(row).adjust_cell_length(self.column, base))

    def action_side(self, side: int) -> None:
        """Choose the left one, the right one, or the other."""
        self.side = 1 - self.side if side < 0 else side

    def action_difference(self, by: int) -> None:
        """To the next stretch that differs, or the one before."""
        starts = [
            y for y, row in enumerate(self._rows) if _differs(row) and (y == 0 or not _differs(self._rows[y - 1]))
        ]
        top = self.scroll_offset.y + 2
        there = [y for y in starts if y > top] if by > 0 else [y for y in starts if y < top][::-1]
        if there:
            self.scroll_to(y=max(0, there[0] - 2), animate=False)


def _differs(row: _Row) -> bool:
    return not isinstance(row, Gap) and not row[2].alike
