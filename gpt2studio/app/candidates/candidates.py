"""The candidates: several continuations side by side as they come, of which one is taken, whole or in part."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from gpt2studio.app.candidates.choosing import Candidate
from gpt2studio.app.candidates.rows import (
    GAP,
    HEAD,
    Row,
    about,
    fits_beside,
    one_line,
    padded,
    parts_of,
    rows_for,
    rows_of,
)
from gpt2studio.app.common.wording import clipped, fitting

MOST = 9


class Candidates(Widget, can_focus=True):
    """Up to nine continuations: a digit takes one, the arrows choose, Enter takes up to the chosen word."""

    HELP = "Continuations to choose among. A digit takes one; ↑ ↓ choose, ← → set how far, Enter takes that; g: others."

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *("candidates--digit", "candidates--text", "candidates--taken", "candidates--left", "candidates--word"),
        *("candidates--about", "candidates--gap", "candidates--chosen"),
    }

    DEFAULT_CSS = """
    Candidates {
        border: round $border-blurred;
        border-title-color: $text-muted;
        border-subtitle-color: $text-muted;
        background: $background;
        padding: 0 1;
        display: none;
        &.-open { display: block; }
        & > .candidates--digit { color: $text-muted; }
        & > .candidates--text { color: $ink-model; }
        & > .candidates--taken { color: $ink-model; }
        & > .candidates--left { color: $text-muted; text-style: dim; }
        & > .candidates--word { color: $ink-model; text-style: underline bold; }
        & > .candidates--about { color: $text-muted; }
        & > .candidates--gap { color: $text-disabled; }
        & > .candidates--chosen { background: $boost; }
        &:focus { border: round $border; border-title-color: $foreground; }
        &:focus > .candidates--chosen { background: $block-cursor-blurred-background; }
        &:focus > .candidates--digit { color: $text-accent; text-style: bold; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,shift+tab", "choose(-1)", "Previous", show=False, id="candidates.previous"),
        Binding("down", "choose(1)", "Next", show=False, id="candidates.next"),
        Binding("left", "word(-1)", "A word less", show=False, id="candidates.less"),
        Binding("right", "word(1)", "A word more", show=False, id="candidates.more"),
        Binding("home", "first", "The first word", show=False, id="candidates.first"),
        Binding("end", "whole", "All of it", show=False, id="candidates.whole"),
        Binding("enter", "take", "Take it", show=False, id="candidates.take"),
        Binding("g", "others", "Others", show=False, id="candidates.others"),
        *(Binding(str(n), f"take_number({n})", show=False, id=f"candidates.take-{n}") for n in range(1, MOST + 1)),
    ]

    candidates: reactive[Sequence[Candidate]] = reactive(())
    chosen: reactive[int] = reactive(0)
    """Which of them the arrows have come to."""
    words: reactive[int | None] = reactive(None)
    """How many of its words are to be taken; None: all, those still to come too."""

    @dataclass
    class Taken(Message):
        """A person takes a candidate, or its first *length* characters; None: whole."""

        node: int
        length: int | None

    @dataclass
    class Others(Message):
        """A person wants other ones."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.border_title = "Candidates"
        self.waiting = ""
        """What is said where there is no candidate yet."""

    @property
    def is_open(self) -> bool:
        """Whether it is on screen."""
        return self.has_class("-open")

    def open(self, count: int, length: int) -> None:
        """Come on screen, with room for so many continuations of so many tokens: nothing moves as they come."""
        self.candidates, self.chosen, self.words, self.waiting = (), 0, None, ""
        width, height = self.app.size
        inner = width - 4
        if fits_beside(count, inner):
            rows = 4 + rows_for(length, (inner - len(GAP) * (count - 1)) // count)
            most = height * 45 // 100
        else:
            rows = count - 1 + rows_for(length, inner - HEAD)
            most = height * 60 // 100
        self.styles.height = max(min(rows + 2, most), 5)
        self.add_class("-open")

    def close(self) -> None:
        """Leave the screen."""
        self.remove_class("-open")

    def show(self, candidates: Sequence[Candidate]) -> None:
        """Show them as they are by now."""
        self.candidates = candidates
        self._say()

    def _say(self) -> None:
        """The keys, as far as there is room for them."""
        count = len(self.candidates)
        upto = "take to the word" if self.words is not None else "take it"
        whole = f"1–{count} take · ↑↓ choose · ←→ words · Enter {upto} · g others · Esc"
        brief = f"1–{count} take · ↑↓ ←→ · Enter · g others · Esc"
        said = fitting((whole, brief), self.size.width - 4) if count else ""
        if self.border_subtitle != said:
            self.border_subtitle = said

    # --- drawing -----------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """A row across all columns, or of the one candidate that stands on it."""
        width, height = self.size
        rows = self._rows(width, height)
        segments = [Segment(text, self._style(part)) for text, part in (rows[y] if y < len(rows) else [])]
        return Strip(segments).adjust_cell_length(width, self._style("text"))

    def _rows(self, width: int, height: int) -> list[Row]:
        if not self.candidates:
            return [[(clipped(self.waiting, width), "about")]]
        if fits_beside(len(self.candidates), width):
            return self._beside(width, height)
        return self._stacked(width, height)

    def _beside(self, width: int, height: int) -> list[Row]:
        """All in full, in columns."""
        count = len(self.candidates)
        column = (width - len(GAP) * (count - 1)) // count
        columns = []
        for index, candidate in enumerate(self.candidates):
            head: Row = [(f"{self._mark(index)}{index + 1} ", "digit"), (about(candidate), "about")]
            columns.append([head, *self._text(index, column, height - 1)])
        rows = []
        for y in range(height):
            row: Row = []
            for index, each in enumerate(columns):
                cells = each[y] if y < len(each) else []
                row += [(GAP, "gap")] if index else []
                row += self._tinted(index, padded(cells, column))
            rows.append(row)
        return rows

    def _stacked(self, width: int, height: int) -> list[Row]:
        """The chosen one in full, of the others a line each."""
        count, room = len(self.candidates), max(1, height - len(self.candidates) + 1)
        rows: list[Row] = []
        at = 0
        for index, candidate in enumerate(self.candidates):
            head = (f"{self._mark(index)}{index + 1} ", "digit")
            if index == self.chosen:
                at = len(rows)
                text = self._text(index, width - cell_len(head[0]), room)
                blank = (" " * cell_len(head[0]), "text")
                full = [padded([blank if y else head, *row], width) for y, row in enumerate(text)]
                rows += [self._tinted(index, row) for row in full]
                continue
            end = about(candidate) if width >= 60 else ""
            line = clipped(one_line(candidate.text), width - cell_len(head[0]) - cell_len(end) - 1)
            rows.append([*padded([head, (line, "text")], width - cell_len(end)), (end, "about")])
        top = min(max(0, at + room - height), max(0, len(rows) - height)) if count > height else 0
        return rows[top : top + height]

    def _tinted(self, index: int, row: Row) -> Row:
        """The row on another ground where it is the chosen one's."""
        return [(text, f"{part} chosen") for text, part in row] if index == self.chosen else row

    def _mark(self, index: int) -> str:
        return "▸" if index == self.chosen else " "

    def _text(self, index: int, width: int, room: int) -> list[Row]:
        """A candidate's text in rows, at most *room* of them, the word that was come to among them."""
        candidate, (start, stop) = self.candidates[index], (0, 0)
        if index == self.chosen and self.words is not None:
            start, stop = self._span(candidate)
        rows = rows_of(candidate.text, width)
        here = next((y for y, (_, end) in enumerate(rows) if stop and stop <= end), 0)
        top = max(0, here - room + 1)
        start += len(candidate.text[start:stop]) - len(candidate.text[start:stop].lstrip())
        drawn = [parts_of(candidate.text, low, high, start, stop) for low, high in rows[top : top + room]]
        if top + room < len(rows) and drawn:
            low, high = rows[top + room - 1]
            drawn[-1] = parts_of(clipped(one_line(candidate.text[low:high]) + "…", width), 0, width, 0, 0)
        return drawn

    def _span(self, candidate: Candidate) -> tuple[int, int]:
        """Where the last word that is to be taken starts, and where it ends."""
        ends = [0, *candidate.ends]
        last = min(self.words or 0, len(ends) - 1)
        return ends[max(last - 1, 0)], ends[last]

    def _style(self, part: str) -> Style:
        name, *over = part.split()
        return self.get_visual_style(*(f"candidates--{each}" for each in over), f"candidates--{name}").rich_style

    # --- acting ------------------------------------------------------------------------------------------------------

    def action_choose(self, by: int) -> None:
        """Go to another candidate."""
        self._choose(min(max(self.chosen + by, 0), max(0, len(self.candidates) - 1)))

    def _choose(self, index: int) -> None:
        if index != self.chosen:
            self.chosen, self.words = index, None
            self._say()

    def action_word(self, by: int) -> None:
        """Take one word more, or one less."""
        if self.candidates:
            count = len(self.candidates[self.chosen].ends)
            words = (count if by < 0 else 0) if self.words is None else self.words
            words = max(words + by, min(1, count))
            self.words = words if words < count else None
            self._say()

    def action_first(self) -> None:
        """Take the first word alone."""
        self.words = 1 if self.candidates and self.candidates[self.chosen].ends else None
        self._say()

    def action_whole(self) -> None:
        """Take all of it."""
        self.words = None
        self._say()

    def action_take(self) -> None:
        """Take the chosen one, up to the chosen word."""
        if self.chosen < len(self.candidates):
            candidate = self.candidates[self.chosen]
            if candidate.text:
                length = None if self.words is None else self._span(candidate)[1]
                self.post_message(self.Taken(candidate.node, length))

    def action_take_number(self, number: int) -> None:
        """Take the one of that number: whole, or up to the word that was come to in it."""
        self._choose(number - 1)
        self.action_take()

    def action_others(self) -> None:
        """Have other ones."""
        self.post_message(self.Others())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A digit is the list's own only where there is a candidate for it."""
        return 0 < int(str(parameters[0])) <= len(self.candidates) if action == "take_number" else True

    def on_click(self, event: events.Click) -> None:
        """A click chooses, a second one takes."""
        offset = event.get_content_offset(self)
        if offset is None or not self.candidates:
            return
        index = self._index_at(offset.x, offset.y)
        again = index == self.chosen and event.chain > 1
        self._choose(index)
        if again:
            self.action_take()

    def _index_at(self, x: int, y: int) -> int:
        width, count = self.size.width, len(self.candidates)
        if fits_beside(count, width):
            return min(x * count // max(1, width), count - 1)
        if y <= self.chosen:
            return y
        full = len(self._text(self.chosen, width - 3, max(1, self.size.height - count + 1)))
        return min(max(self.chosen, y - full + 1), count - 1)

    def on_resize(self) -> None:
        """Say as much as there is room for now."""
        self._say()
