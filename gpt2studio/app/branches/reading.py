"""A part of a text to read, in the inks of those who wrote it."""

import re
from itertools import pairwise
from typing import ClassVar

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from gpt2studio.app.common.folding import folds
from gpt2studio.app.common.layers import Layer, segments
from gpt2studio.app.common.shown import shown
from gpt2studio.stories.document import Document
from gpt2studio.stories.splice import by_person

_AROUND = 3000
"""Characters before and after the place that are looked at."""
_BY_MODEL = re.compile(rb"\x01+")


class Reading(Widget):
    """Shows a text around what stands at one place, which begins in the upper half."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"reading--model", "reading--here", "reading--mark"}

    DEFAULT_CSS = """
    Reading {
        background: $background;
        color: $ink-person;
        border: round $border-blurred;
        border-title-color: $text-muted;
        border-subtitle-color: $text-muted;
        padding: 0 1;
        & > .reading--model { color: $ink-model; }
        & > .reading--here { background: $boost; }
        & > .reading--mark { color: $mark-model; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._text, self._ink = "", b""
        self._here = 0, 0
        self._rows: list[tuple[int, int]] = []
        self._top = 0

    def show(self, document: Document, start: int, end: int) -> None:
        """Show the text around what stands from *start* up to *end*."""
        low, high = max(0, start - _AROUND), min(len(document), end + _AROUND)
        self._text, self._ink = document.slice(low, high), document.ink(low, high)
        self._here = start - low, end - low
        self._fold()

    def say(self, sentence: str) -> None:
        """Show a sentence in place of a text."""
        self.show(Document(by_person(sentence)), 0, 0)

    def on_resize(self) -> None:
        """Fold it to the new width."""
        self._fold()

    def _fold(self) -> None:
        width, height = self.size
        self._rows, at = [], 0
        for line in self._text.split("\n"):
            cuts = [0, *folds(shown(line), max(1, width - 2), 4), len(line)]
            self._rows += [(at + low, at + high) for low, high in pairwise(cuts)]
            at += len(line) + 1
        start, end = self._here
        first = next((y for y, (_, high) in enumerate(self._rows) if high > start), len(self._rows) - 1)
        last = next((y for y, (_, high) in enumerate(self._rows) if high >= end), len(self._rows) - 1)
        top = min(first - 1, last - height + 2) if last - first < height - 2 else first - 1
        self._top = max(0, min(top, len(self._rows) - height))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """A row, a mark beside what the model wrote."""
        width, base = self.size.width, self.rich_style
        if y + self._top >= len(self._rows):
            return Strip.blank(width, base)
        low, high = self._rows[y + self._top]
        ink = self._ink[low:high]
        model = self.get_component_rich_style("reading--model", partial=True)
        layers: list[Layer] = [(*match.span(), model) for match in _BY_MODEL.finditer(ink)]
        start, end = (place - low for place in self._here)
        layers.append((start, end, self.get_component_rich_style("reading--here", partial=True)))
        mark = base + self.get_component_rich_style("reading--mark", partial=True)
        row = segments(shown(self._text[low:high]), base, layers, 4)
        return Strip([Segment("▎ " if b"\x01" in ink else "  ", mark), *row]).adjust_cell_length(width, base)
