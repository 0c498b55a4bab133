"""The manuscript: an editor in which the person's words and the model's stand in different ink."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Offset, Size
from textual.message import Message
from textual.widgets import TextArea
from textual.widgets.text_area import (
    DocumentNavigator,
    Edit,
    EditHistory,
    EditResult,
    Location,
    Selection,
)

from gpt2studio.app.common.folding import joined_to_previous
from gpt2studio.app.common.shown import typed
from gpt2studio.app.manuscript.ink import PERSON, Ink, rows_of
from gpt2studio.app.manuscript.painted_text import PaintedText
from gpt2studio.app.manuscript.plain_document import PlainDocument
from gpt2studio.app.manuscript.wrapping import Wrapping
from gpt2studio.stories.splice import Piece, Splice, plain

Recorder = Callable[[int, str, str], None]
"""Told of each of the person's edits as it is made: at which offset, what went, what came."""

_OWN_HISTORY = {"undo", "redo"}
_NOT_HERE = {"select_line", "select_all"}
"""Their keys, F6 and F7, are the studio's; Ctrl+Shift+A and the mouse select."""


class NoHistory(EditHistory):
    """A history that keeps nothing: the story remembers, also after a restart."""

    def record(self, edit: Edit) -> None:
        """Let the edit go by."""


class Manuscript(PaintedText, inherit_bindings=False):
    """A full editor of one story. It shows splices that the story makes, and tells of edits that the person makes."""

    class Rewrapped(Message):
        """The page has another width."""

    HELP = "Your story. Words of the model's have their own ink, and a mark in the margin beside them."

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

    def __init__(self, recorder: Recorder, *, placeholder: str = "", id: str | None = None) -> None:
        super().__init__(placeholder, id=id)
        self._recorder = recorder
        self._mirroring: list[bytes] | None = None
        self._still = self._followed = False
        self._room = Size()
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
        followed = self._cursor_in_sight
        try:
            self._still = True  # until the cursor is where it belongs
            self.edit(Edit(plain(splice.inserted), document.location_of(splice.at), document.location_of(end), True))
            self._still = not followed
            self.selection = Selection(*(document.location_of(offset) for offset in selection))
        finally:
            self._mirroring, self._still = None, False

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

    def _rewrap_and_refresh_virtual_size(self) -> None:
        """Fold the text to the width there is, and paint it again."""
        wrapping = self.wrapped_document
        before = wrapping.width if isinstance(wrapping, Wrapping) else 0
        super()._rewrap_and_refresh_virtual_size()
        self.refresh()
        if self.wrap_width != before:
            self.post_message(self.Rewrapped())

    def _size_updated(self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True) -> bool:
        """Take another size; the cursor stays in sight if it was, though rows go and others are folded anew."""
        room, self._room = self._room, container_size  # scrollbars, which come and go, take none of it
        if room and room != container_size and self._cursor_within(room.height):
            self._followed = True  # until it has been brought into sight: another size may come before that
            self.call_after_refresh(self._follow)
        return super()._size_updated(size, virtual_size, container_size, layout)

    def _follow(self) -> None:
        if self._followed:
            self._followed = False
            self.scroll_cursor_visible()

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
        self.scroll_cursor_visible()  # again: where the text has become longer there was no room to scroll before
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
        if center or animate:
            return super().scroll_cursor_visible(center, animate)
        return self._bring_cursor_into_sight()

    def _bring_cursor_into_sight(self) -> Offset:
        """Scroll at once, by no more than it takes; by how much.

        Textual scrolls after the next refresh. What comes before it (the model's words, in mid-typing) would find the
        cursor out of sight, and leave it there.
        """
        self._recompute_cursor_offset()  # type: ignore[no-untyped-call]
        _, y = self._cursor_offset
        before = self.scroll_offset.y
        rows = max(1, self.scrollable_content_region.height)
        self.scroll_to(y=min(max(before, y + 1 - rows), y), animate=False, force=True, immediate=True)
        return Offset(0, self.scroll_offset.y - before)

    def offsets_in_sight(self) -> tuple[int, int]:
        """Where the part of the text that is on screen begins and ends."""
        assert isinstance(self.wrapped_document, Wrapping)
        last = max(0, min(self.virtual_size.height, self.wrapped_document.height) - 1)
        rows = (min(max(0, self.scroll_offset.y + y), last) for y in (0, max(0, self.size.height - 1)))
        (top, start, _), (bottom, _, end) = (self.wrapped_document.row(row) for row in rows)
        return self.plain_document.offset_of((top, start)), self.plain_document.offset_of((bottom, end))

    @property
    def _cursor_in_sight(self) -> bool:
        return self._cursor_within(self.size.height)

    def _cursor_within(self, rows: int) -> bool:
        """Whether the cursor is in so many rows at the place that is in sight."""
        _, y = self.wrapped_document.location_to_offset(self.cursor_location)
        return 0 <= y - self.scroll_offset.y < max(1, rows)

    async def _on_paste(self, event: events.Paste) -> None:
        """Take pasted text in as the person's."""
        event.prevent_default()
        event.stop()
        if not self.read_only:
            self.replace(event.text, *self.selection, maintain_selection_offset=False)
