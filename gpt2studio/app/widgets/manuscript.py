"""The manuscript: an editor in which the person's words and the model's stand in different ink."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Offset, Region, Size
from textual.reactive import Reactive, reactive
from textual.strip import Strip
from textual.widgets import TextArea
from textual.widgets.text_area import (
    DocumentNavigator,
    Edit,
    EditHistory,
    EditResult,
    Location,
    Selection,
)

from gpt2studio.app.finding import Finds
from gpt2studio.app.shown import typed
from gpt2studio.app.widgets.folding import folds, joined_to_previous
from gpt2studio.app.widgets.ink import PERSON, Ink, rows_of
from gpt2studio.app.widgets.layers import Layer, segments
from gpt2studio.app.widgets.plain_document import PlainDocument
from gpt2studio.app.widgets.wrapping import Wrapping
from gpt2studio.stories.splice import Piece, Splice, plain

if TYPE_CHECKING:
    from gpt2studio.app.widgets.shading import Shading

Recorder = Callable[[int, str, str], None]
"""Told of each of the person's edits as it is made: at which offset, what went, what came."""

_OWN_HISTORY = {"undo", "redo"}
_NOT_HERE = {"select_line", "select_all"}
"""Their keys, F6 and F7, are the studio's; Ctrl+Shift+A and the mouse select."""


class NoHistory(EditHistory):
    """A history that keeps nothing: the story remembers, also after a restart."""

    def record(self, edit: Edit) -> None:
        """Let the edit go by."""


class Manuscript(TextArea, inherit_bindings=False):
    """A full editor of one story. It shows splices that the story makes, and tells of edits that the person makes."""

    HELP = "Your story. Words of the model's have their own ink, and a mark in the margin beside them."

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "manuscript--model",
        "manuscript--mark",
        "manuscript--outside",
        "manuscript--placeholder",
        "manuscript--found",
        "manuscript--current",
        "manuscript--inspected",
        *(f"manuscript--surprise-{band}" for band in range(1, 5)),
    }

    DEFAULT_CSS = """
    Manuscript {
        color: $ink-person;
        background: $background;
        border: round $border-blurred;
        padding: 0 1 0 0;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        &:focus { border: round $border; }
        & .manuscript--model { color: $ink-model; }
        & .manuscript--mark { color: $mark-model; }
        & .manuscript--outside { color: $outside-window; }
        & .manuscript--found { background: $panel; text-style: underline; }
        & .manuscript--current { background: $accent; color: $background; text-style: bold; }
        & .manuscript--inspected { background: $block-cursor-background; color: $block-cursor-foreground; }
        & .manuscript--placeholder { color: $text-muted; }
        & .manuscript--surprise-1 { background: $surprise-1; }
        & .manuscript--surprise-2 { background: $surprise-2; text-style: italic; }
        & .manuscript--surprise-3 { background: $surprise-3; text-style: underline; }
        & .manuscript--surprise-4 { background: $surprise-4; text-style: bold underline; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            binding
            for binding in TextArea.BINDINGS
            if isinstance(binding, Binding) and binding.action not in _OWN_HISTORY | _NOT_HERE
        ),
        Binding("ctrl+shift+a", "select_all", "Select all", show=False),
        Binding("ctrl+home", "text_start", "Start of the text", show=False),
        Binding("ctrl+end", "text_end", "End of the text", show=False),
    ]

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

    def __init__(self, recorder: Recorder, *, placeholder: str = "", id: str | None = None) -> None:
        self.ink = Ink()
        self._base: Style | None = None
        super().__init__(id=id, highlight_cursor_line=False, soft_wrap=True)
        self._recorder = recorder
        self._hint = placeholder
        self._mirroring: list[bytes] | None = None
        self._still = False
        self.cursor_blink = False
        self.match_cursor_bracket = False
        self.history = NoHistory(max_checkpoints=1, checkpoint_timer=0, checkpoint_max_characters=1)
        self._open("")

    # --- the story ---------------------------------------------------------------------------------------------------

    def load_pieces(self, pieces: Sequence[Piece], cursor: int = 0) -> None:
        """Show this text in place of what is shown now."""
        self.ink = Ink(rows_of((piece.text, piece.author.ink) for piece in pieces))
        self._open("".join(piece.text for piece in pieces))
        self.outside = 0
        self.shading = self.inspected = None
        self.post_message(self.Changed(self))
        self.cursor_offset = cursor

    def mirror(self, splice: Splice) -> None:
        """Do to the text shown what was done to the story. The person's cursor stays where it was in the text.

        A cursor at the very place rides along; what the person looks at does not move unless the cursor is in sight.
        """
        document = self.plain_document
        end = splice.at + splice.taken
        anchor, cursor = (document.offset_of(place) for place in self.selection)
        # A bare cursor rides along; what comes at either end of a selection stays out of it.
        selection = self._moved(anchor, splice, anchor <= cursor), self._moved(cursor, splice, cursor <= anchor)
        self._mirroring = rows_of((piece.text, piece.author.ink) for piece in splice.inserted)
        try:
            with self._held_still(unless=self._cursor_in_sight):
                self.edit(
                    Edit(plain(splice.inserted), document.location_of(splice.at), document.location_of(end), True)
                )
                self.selection = Selection(*(document.location_of(offset) for offset in selection))
        finally:
            self._mirroring = None

    @property
    def plain_document(self) -> PlainDocument:
        """The text and its places."""
        assert isinstance(self.document, PlainDocument)
        return self.document

    @property
    def cursor_offset(self) -> int:
        """Where the cursor is, in characters from the start."""
        return self.plain_document.offset_of(self.cursor_location)

    @cursor_offset.setter
    def cursor_offset(self, offset: int) -> None:
        self.move_cursor(self.plain_document.location_of(offset))

    def _open(self, text: str) -> None:
        self.document = PlainDocument(text)
        self.wrapped_document = Wrapping(self.document, tab_width=self.indent_width)
        self.navigator = DocumentNavigator(self.wrapped_document)
        self.selection = Selection()
        self._rewrap_and_refresh_virtual_size()
        self.refresh()

    @staticmethod
    def _moved(offset: int, splice: Splice, rides: bool) -> int:
        """Where a place of the text is after a splice; at the very place of one it rides along or stays."""
        if offset < splice.at or (offset == splice.at and not rides):
            return offset
        return splice.at + splice.put + max(0, offset - splice.at - splice.taken)

    # --- editing -----------------------------------------------------------------------------------------------------

    def edit(self, edit: Edit) -> EditResult:
        """Change the text, the ink and the story alike."""
        document = self.plain_document
        top, bottom = document.clamped(edit.top), document.clamped(edit.bottom)
        text = edit.text if self._mirroring is not None else typed(edit.text)
        at, removed = document.offset_of(top), document.get_text_range(top, bottom)
        if not text and not removed:
            return EditResult(bottom, "")
        self.ink.replace(top, bottom, self._mirroring or rows_of([(text, PERSON)]))
        self.inspected = None
        if self.shading is not None:
            self.shading.edited(at, len(removed), len(text))
        if len(self.finds):
            self.finds = self.finds.until(at)
        if at < self.outside:  # it moves with the text, so that what is painted stays right
            outside = at + len(text) + max(0, self.outside - at - len(removed))
            self.set_reactive(Manuscript.outside, outside)
        was_empty = not document.length
        result = super().edit(Edit(text, top, bottom, edit.maintain_selection_offset))
        self._repaint_edited(was_empty or not document.length)
        if self._mirroring is None:
            self._recorder(at, removed, text)
        return result

    def undo(self) -> None:
        """Nothing: the story's own undo is the studio's command."""

    def redo(self) -> None:
        """Nothing: the story's own redo is the studio's command."""

    def get_cursor_left_location(self) -> Location:
        """The place before the cursor, never inside a joined character."""
        row, column = super().get_cursor_left_location()
        while joined_to_previous(self.document[row], column):
            column -= 1
        return row, column

    def get_cursor_right_location(self) -> Location:
        """The place after the cursor, never inside a joined character."""
        row, column = super().get_cursor_right_location()
        while joined_to_previous(self.document[row], column):
            column += 1
        return row, column

    def find_matching_bracket(self, bracket: str, search_from: Location) -> Location | None:
        """None: a story is no program, and the search would read all of it."""
        return None

    def action_text_start(self) -> None:
        """Go to the start of the text."""
        self.move_cursor(self.document.start)

    def action_text_end(self) -> None:
        """Go to the end of the text."""
        self.move_cursor(self.document.end)

    # --- what is in sight --------------------------------------------------------------------------------------------

    def scroll_cursor_visible(self, center: bool = False, animate: bool = False) -> Offset:
        """Bring the cursor into sight, unless the person is reading elsewhere while the text grows."""
        if self._still:
            self._recompute_cursor_offset()  # type: ignore[no-untyped-call]  # Textual's own, unannotated
            return Offset(0, 0)
        return super().scroll_cursor_visible(center, animate)

    @contextmanager
    def _held_still(self, unless: bool) -> Iterator[None]:
        self._still = not unless
        try:
            yield
        finally:
            self._still = False

    def offsets_in_sight(self) -> tuple[int, int]:
        """Where the part of the text that is on screen begins and ends."""
        assert isinstance(self.wrapped_document, Wrapping)
        last = max(0, min(self.virtual_size.height, self.wrapped_document.height) - 1)
        rows = (min(max(0, self.scroll_offset.y + y), last) for y in (0, max(0, self.size.height - 1)))
        (top, start, _), (bottom, _, end) = (self.wrapped_document.row(row) for row in rows)
        return self.plain_document.offset_of((top, start)), self.plain_document.offset_of((bottom, end))

    @property
    def _cursor_in_sight(self) -> bool:
        _, y = self.wrapped_document.location_to_offset(self.cursor_location)
        return 0 <= y - self.scroll_offset.y < max(1, self.size.height)

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

    def _refresh_size(self) -> None:
        """A longer text changes no more than the scrollbar."""
        height = self.virtual_size.height
        super()._refresh_size()
        if self.virtual_size.height != height:
            self._scroll_update(self.virtual_size)

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
        super().notify_style_update()

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"manuscript--{name}", partial=True)

    async def _on_paste(self, event: events.Paste) -> None:
        """Take pasted text in as the person's."""
        event.prevent_default()
        event.stop()
        if not self.read_only:
            self.replace(event.text, *self.selection, maintain_selection_offset=False)
