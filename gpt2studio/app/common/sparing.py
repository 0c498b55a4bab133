"""Painting no more of the screen than has changed.

Textual has every widget between the first and the last changed row paint all of its rows, and then takes a few. While
a model writes that is thirty times a second, and the person's keys wait for it.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby

from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.strip import Strip

Span = tuple[int, int, int]
"""Part of a row: y, and from which x to before which."""


class SparingCompositor(Compositor):
    """Asks of each widget the rows that are wanted of it."""

    def render_partial_update(self) -> ChopsUpdate | None:
        """What has changed since the last time; None: nothing."""
        screen = self.size.region
        changed = [region.intersection(screen) for region in self._dirty_regions]
        self._dirty_regions.clear()
        spans: list[Span] = list(self._regions_to_spans(changed))
        if not spans:
            return None
        chops = [dict[int, Strip]() for _ in self.cuts]
        for block in blocks(spans):
            painted = self._render_chops(block, lambda y: True)
            chops[block.y : block.bottom] = [dict(row) for row in painted[block.y : block.bottom]]
        return ChopsUpdate(chops, spans, [cuts[1:] for cuts in self.cuts])

    def _get_renders(self, crop: Region | None = None) -> Iterable[tuple[Region, Region, list[Strip]]]:
        """Of each widget in sight the rows within *crop*: where it is, which part of it is meant, and its rows."""
        if crop is None:
            yield from super()._get_renders()
            return
        for widget, (region, clip) in self.visible_widgets.items():
            seen = region.intersection(clip)
            if seen.overlaps(crop):
                top, bottom = max(seen.y, crop.y), min(seen.bottom, crop.bottom)
                part = Region(seen.x, top, seen.width, bottom - top)
                yield region, part, widget.render_lines(part.translate(-region.offset))


def blocks(spans: Iterable[Span]) -> Iterator[Region]:
    """What these spans, in order of rows, take up: rows that follow each other and change alike in one piece."""
    rows = [(y, min(x for _, x, _ in row), max(x for _, _, x in row)) for y, row in _by_row(spans)]
    begun = 0
    for at in range(1, len(rows) + 1):
        y, left, right = rows[at - 1]
        if at == len(rows) or rows[at] != (y + 1, left, right):
            top = rows[begun][0]
            yield Region(left, top, right - left, y + 1 - top)
            begun = at


def _by_row(spans: Iterable[Span]) -> Iterator[tuple[int, list[Span]]]:
    for y, row in groupby(spans, key=lambda span: span[0]):
        yield y, list(row)
