"""The page as it is painted: rows in two inks, shaded, searched and marked, and only those that have changed."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.geometry import Region, Size
from textual.reactive import Reactive, reactive
from textual.strip import Strip
from textual.widgets import TextArea
from textual.widgets.text_area import Selection

from gpt2studio.app.common.folding import folds, joined_to_previous
from gpt2studio.app.common.layers import Layer, segments
from gpt2studio.app.find.finding import Finds
from gpt2studio.app.manuscript.ink import Ink
from gpt2studio.app.manuscript.plain_document import PlainDocument
from gpt2studio.app.manuscript.scrolled_text import ScrolledText
from gpt2studio.app.manuscript.wrapping import Wrapping

if TYPE_CHECKING:
    from gpt2studio.app.surprise.shading import Shading


class PaintedText(ScrolledText):
    """Paints a text with its ink, and what else is to be seen on it; changing the two is left to who inherits."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "painted-text--model",
        "painted-text--mark",
        "painted-text--outside",
        "painted-text--placeholder",
        "painted-text--found",
        "painted-text--current",
        "painted-text--inspected",
        *(f"painted-text--surprise-{band}" for band in range(1, 5)),
    }

    DEFAULT_CSS = """
    PaintedText {
        color: $ink-person;
        background: $background;
        border: round $border-blurred;
        padding: 0 1 0 0;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        &:focus { border: round $border; }
        & .painted-text--model { color: $ink-model; }
        & .painted-text--mark { color: $mark-model; }
        & .painted-text--outside { color: $outside-window; }
        & .painted-text--found { background: $panel; text-style: underline; }
        & .painted-text--current { background: $accent; color: $background; text-style: bold; }
        & .painted-text--inspected { background: $block-cursor-background; color: $block-cursor-foreground; }
        & .painted-text--placeholder { color: $text-muted; }
        & .painted-text--surprise-1 { background: $surprise-1; }
        & .painted-text--surprise-2 { background: $surprise-2; text-style: italic; }
        & .painted-text--surprise-3 { background: $surprise-3; text-style: underline; }
        & .painted-text--surprise-4 { background: $surprise-4; text-style: bold underline; }
    }
    """

    outside: reactive[int] = reactive(0)
    """Up to this offset the model did not see the text when it last went on."""
    shading: "reactive[Shading | None]" = reactive(None)
    """How deeply words are shaded; None: not at all."""
    inspected: reactive[tuple[int, int] | None] = reactive(None)
    """Where the token under the inspector's glass begins and ends."""

    # Textual would paint the whole page again for every change of these.
    selection: Reactive[Selection] = reactive(Selection(), init=False, always_update=True, repaint=False)
    virtual_size: Reactive[Size] = reactive(Size(0, 0), layout=False, repaint=False)

    pointing: reactive[bool] = reactive(False)
    """Whether the cursor is seen while the keys go elsewhere: what is chosen there comes here."""
    finds: reactive[Finds] = reactive(Finds)
    """What a search has found."""

    def __init__(self, placeholder: str, *, id: str | None = None) -> None:
        """*placeholder* stands on an empty page."""
        self.ink = Ink()
        self._base: Style | None = None
        self._styles: dict[str, Style] = {}
        super().__init__(id=id, highlight_cursor_line=False, soft_wrap=True)
        self._hint = placeholder

    @property
    def plain_document(self) -> PlainDocument:
        """The text and its places."""
        assert isinstance(self.document, PlainDocument)
        return self.document

    # --- painting again ----------------------------------------------------------------------------------------------

    def watch_selection(self, before: Selection, now: Selection) -> None:
        """Paint the rows that the cursor or a selection has left or reached."""
        if not self.is_mounted:
            return
        row = self.wrapped_document.location_to_offset
        for top, bottom in (sorted(before), sorted(now)):
            self._repaint(row(top).y, row(bottom).y + 1)

    def _repaint_edited(self, whole: bool) -> None:
        """Paint the rows that an edit has changed, and the one after, into which a shaded word may reach."""
        assert isinstance(self.wrapped_document, Wrapping)
        begin, end = self.wrapped_document.changed
        if whole:
            self.refresh()
        else:
            self._repaint(begin, end + 1 if end is not None else None)

    def _repaint(self, begin: int, end: int | None) -> None:
        """Paint what is in sight of the rows from *begin* to before *end*; None: to the last."""
        size, scrolled = self.size, self.scroll_offset.y
        first, last = max(0, begin - scrolled), size.height if end is None else min(size.height, end - scrolled)
        if first < last:
            self.refresh(Region(0, first, size.width, last - first))

    def say_below(self, words: str) -> None:
        """Put plain words into the lower border, and paint no more than that."""
        content = Content(words)
        if self.border_subtitle != content.markup:
            self._border_subtitle = content
            self.refresh(Region(0, self.size.height, self.size.width, 1))

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows of a part of the page, without Textual's themes for code, which would be looked up each time."""
        return super(TextArea, self).render_lines(crop)

    # --- drawing -----------------------------------------------------------------------------------------------------

    @property
    def gutter_width(self) -> int:
        """Room for the mark beside the model's words."""
        return 2

    def render_line(self, y: int) -> Strip:
        """A row of the text as it is on screen."""
        width = self.scrollable_content_region.size.width
        base = self._base_style()
        if not self.plain_document.length:
            return self._empty_row(y, width, base)
        row = y + self.scroll_offset.y
        if row >= self.virtual_size.height:
            return Strip.blank(width, base)
        assert isinstance(self.wrapped_document, Wrapping)
        line, start, end = self.wrapped_document.row(row)
        text = self.document[line][start:end]
        by_model = self.ink.by_model(line, start, end)
        mark = Segment("▎ ", base + self._style("mark")) if by_model else Segment("  ", base)
        layers = [*self._inked(line, start, by_model), *self._shaded(line, start, end), *self._marked(line, start, end)]
        layers += self._found(line, start, end)
        if end == len(self.document[line]):
            text += " "  # where the cursor stands at a line's end
        strip = Strip([mark, *segments(text, base, layers, self.indent_width)])
        return strip.adjust_cell_length(width, base)

    def _inked(self, line: int, start: int, by_model: Sequence[tuple[int, int]]) -> Iterator[Layer]:
        """Who wrote what of a row, and what of it the model did not see."""
        style = self._style("model")
        for first, last in by_model:
            yield first - start, last - start, style
        if self.outside:
            hidden = self.outside - self.plain_document.offset_of((line, start))
            if hidden > 0:
                yield 0, hidden, self._style("outside")

    def _shaded(self, line: int, start: int, end: int) -> Iterator[Layer]:
        """How surprising the words of a row were."""
        if self.shading is not None:
            offset = self.plain_document.offset_of((line, start))
            text = self.document[line]
            for first, last, band in self.shading.between(offset, offset + end - start):
                begin = first - offset
                if last - first > 1 and start + begin >= 0 and text[start + begin] == " ":
                    begin += 1  # words stand apart
                yield begin, last - offset, self._style(f"surprise-{band}")

    def _found(self, line: int, start: int, end: int) -> Iterator[Layer]:
        """What a search has found on a row."""
        if len(self.finds):
            offset = self.plain_document.offset_of((line, start))
            for first, last, current in self.finds.between(offset, offset + end - start):
                yield first - offset, last - offset, self._style("current" if current else "found")

    def _marked(self, line: int, start: int, end: int) -> Iterator[Layer]:
        """The selection and the cursor, where they are on a row."""
        (top_line, top), (bottom_line, bottom) = sorted(self.selection)
        if not self.selection.is_empty and top_line <= line <= bottom_line:
            first = top if line == top_line else 0
            last = bottom if line == bottom_line else end + 1
            yield first - start, last - start, self.get_component_rich_style("text-area--selection", partial=True)
        if self.inspected is not None:
            offset = self.plain_document.offset_of((line, start))
            first, last = self.inspected[0] - offset, self.inspected[1] - offset
            if last > 0 and first <= end - start:
                yield first, max(last, first + 1), self._style("inspected")
        cursor_line, cursor = self.cursor_location
        if (self.has_focus or self.pointing) and line == cursor_line and start <= cursor <= end:
            last_row = end == len(self.document[line])
            if cursor < end or last_row:
                beyond = cursor + 1
                while joined_to_previous(self.document[line], beyond):
                    beyond += 1
                yield cursor - start, beyond - start, self.get_component_rich_style("text-area--cursor", partial=True)

    def _empty_row(self, y: int, width: int, base: Style) -> Strip:
        """A row of the sentence that stands on an empty page, which the model does not read."""
        room = max(1, width - self.gutter_width - 1)
        at = [0, *folds(self._hint, room, self.indent_width), len(self._hint)]
        text = self._hint[at[y] : at[y + 1]] if y + 1 < len(at) else ""
        row = [Segment("  ", base), Segment(text or " ", base + self._style("placeholder"))]
        if y == 0 and self.has_focus:
            cursor = base + self.get_component_rich_style("text-area--cursor", partial=True)
            row[1:] = [Segment((text or " ")[0], cursor), Segment(text[1:], base + self._style("placeholder"))]
        return Strip(row).adjust_cell_length(width, base)

    def _base_style(self) -> Style:
        """The style of the page itself: looked up anew for each row it would take a third of a repaint."""
        if self._base is None:
            self._base = self.rich_style
        return self._base

    def notify_style_update(self) -> None:
        """Another theme, or the focus: every style is looked up again."""
        self._base = None
        self._styles.clear()
        super().notify_style_update()

    def _style(self, name: str) -> Style:
        found = self._styles.get(name)
        if found is None:
            found = self._styles[name] = self.get_component_rich_style(f"painted-text--{name}", partial=True)
        return found
