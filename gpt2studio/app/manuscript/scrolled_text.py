"""A long text that scrolls for little: rows that only move are not made again, nor a scrollbar that stays as it was.

Textual makes every row in sight anew for each row that a page scrolls. A model that writes at the foot of the page
has it do so several times a second, and the person's keys wait.
"""

from math import ceil

from textual.scrollbar import ScrollBar
from textual.strip import Strip
from textual.widgets import TextArea


class ScrolledText(TextArea):
    """A TextArea whose rows are drawn alike wherever on the page they stand."""

    def _refresh_size(self) -> None:
        """A longer text changes no more than the scrollbar, and that by less than can be seen as a rule."""
        before = self.virtual_size.height
        super()._refresh_size()
        height = self.virtual_size.height
        if height == before:
            return
        bar = self.vertical_scrollbar if self.show_vertical_scrollbar else None
        if bar is None or bar.window_size >= min(before, height) or looks(bar) != looks(bar, height=height):
            self._scroll_update(self.virtual_size)
        else:
            bar.set_reactive(ScrollBar.window_virtual_size, height)
            self.scroll_y = self.validate_scroll_y(self.scroll_y)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Show other rows: those that were in sight are there, only elsewhere."""
        if self.show_vertical_scrollbar:
            bar = self.vertical_scrollbar
            if looks(bar) == looks(bar, position=new_value):
                bar.set_reactive(ScrollBar.position, new_value)
            else:
                bar.position = new_value
        rows = round(new_value) - round(old_value)
        if rows:
            kept = self._drawn_after(rows)
            self.refresh(self.size.region)
            self._styles_cache._cache.update(kept)
            self._styles_cache._dirty_lines.difference_update(kept)

    def _drawn_after(self, rows: int) -> dict[int, Strip]:
        """What is drawn already of the rows that will be in sight, by where they will be."""
        page = self.size.region.translate(self.content_offset).line_range
        drawn, stale = self._styles_cache._cache, self._styles_cache._dirty_lines
        return {y - rows: drawn[y] for y in page if y - rows in page and y in drawn and y not in stale}


def looks(bar: ScrollBar, *, height: int | None = None, position: float | None = None) -> tuple[int, int]:
    """From where to where the thumb of a vertical scrollbar reaches, in eighths of a row, as it is or would be."""
    height = bar.window_virtual_size if height is None else height
    position = bar.position if position is None else position
    size, window = bar.size.height, bar.window_size
    length = max(1.0, window * size / max(1, height))
    start = int(8 * (size - length) * position / max(1, height - window))
    return start, start + ceil(8 * length)
