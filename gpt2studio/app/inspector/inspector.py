"""The inspector: a token, what could have stood in its place, and what each stage of the sampling made of that."""

from dataclasses import dataclass
from textwrap import wrap
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.events import MouseEvent
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from gpt2studio.app.common.wording import clipped, count, percent, visible
from gpt2studio.app.inspector.alternatives import ROWS, Alternatives
from gpt2studio.wire.messages import Alternative, Distribution

EMPTY = "What could come next, once a model is loaded."
HEAD = 3
"""Rows above the alternatives."""
_LAST = 8
"""Cells of the table's last column: there are 32 in the dock, and a vocabulary has five digits and a comma."""


@dataclass(frozen=True, slots=True)
class Card:
    """What is said of a token beside its distribution."""

    title: str
    """The token, or that it is the next one."""
    about: str
    """Who wrote it, and what it is judged by."""
    sampling: str
    """Which sampling the chances are after."""


class Inspector(Alternatives):
    """The alternatives of a token with its rank, the stages of the sampling order and the draw."""

    HELP = "A token of the text. ← → go to another, a digit takes another instead; s: your sampling, or the one it had."

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "walk(-1)", "Token before", show=False, id="inspector.before"),
        Binding("right", "walk(1)", "Token after", show=False, id="inspector.after"),
        Binding("s", "switch_sampling", "Other sampling", show=False, id="inspector.sampling"),
        Binding("w", "sent", "What was sent", show=False, id="inspector.sent"),
    ]

    @dataclass
    class Walked(Message):
        """To the token before, -1, or the one after, 1."""

        by: int

    class Switched(Message):
        """By the other sampling: the person's own, or the one that the token was drawn with."""

    class SentAsked(Message):
        """What was sent when this token was drawn?"""

    def __init__(self) -> None:
        super().__init__(EMPTY)
        self.border_title = "Next token"
        self._card: Card | None = None

    def inspect(self, card: Card | None, distribution: Distribution | None, otherwise: str = EMPTY) -> None:
        """Show this token, or none and what is said in its place."""
        self._card = card if distribution is not None else None
        of_text = otherwise != EMPTY or (distribution is not None and distribution.chosen is not None)
        self.border_title = "Token" if of_text else "Next token"
        before = self.size.height, self.get_content_height(self.size, self.size, self.size.width)
        self._empty = otherwise
        self.show(distribution)
        standing = distribution.chosen.token if distribution is not None and distribution.chosen is not None else None
        self.chosen = next((n for n, each in enumerate(self.rows) if each.token == standing), 0)
        if before[1] != self.get_content_height(self.size, self.size, self.size.width):
            self.refresh(layout=True)
        self.refresh()

    @property
    def rows(self) -> tuple[Alternative, ...]:
        """What a digit can take, and the token that stands there where it is none of them."""
        if self.distribution is None:
            return ()
        found = self.distribution.alternatives[:ROWS]
        chosen = self.distribution.chosen
        if chosen is None or any(each.token == chosen.token for each in found):
            return found
        return (*found, chosen)

    # --- drawing -----------------------------------------------------------------------------------------------------

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As much as there is to say; little while there is nothing."""
        if self.distribution is None:
            return max(2, len(wrap(self._empty, max(8, width))))
        return HEAD + ROWS + 1 + len(self._below(width))

    def render_line(self, y: int) -> Strip:
        """The head, an alternative, or what the stages left over."""
        width = self.size.width
        if self._card is None or self.distribution is None:
            return super().render_line(y) if not self.rows else Strip.blank(width)
        if y < HEAD:
            return self._head(y, width)
        row = y - HEAD
        if row < ROWS + 1:
            segments = self._row(row, width) if row < len(self.rows) else []
            return Strip(segments).adjust_cell_length(width, self._style("token", row))
        below = self._below(width)
        line = below[row - ROWS - 1] if row - ROWS - 1 < len(below) else ""
        style = self._style("digit" if row == ROWS + 1 else "token")
        return Strip([Segment(line, style)]).adjust_cell_length(width, style)

    def _head(self, y: int, width: int) -> Strip:
        assert self._card is not None
        text = (self._card.title, self._standing() or self._card.about, self._card.sampling)[y]
        style = self._style("token" if y == 0 else "empty")
        return Strip([Segment(clipped(text, width), style)]).adjust_cell_length(width, style)

    def _standing(self) -> str:
        """The place in the ranking of what stands there."""
        chosen = self.distribution.chosen if self.distribution is not None else None
        if chosen is None or self._card is None:
            return ""
        return f"{self._card.about} · rank {count(chosen.rank)}"

    def _row(self, index: int, width: int) -> list[Segment]:
        row = super()._row(index, width)
        chosen = self.distribution.chosen if self.distribution is not None else None
        if index >= ROWS:
            row[0] = Segment("  ", row[0].style)
        if chosen is not None and self.rows[index].token == chosen.token:
            row[0] = Segment(row[0].text[:1] + "▸", row[0].style)
        return row

    def _below(self, width: int) -> list[str]:
        """A line a stage: how many tokens it left over, how probable they were, and the marked token's chance then."""
        told = self.distribution
        if told is None or not self.rows:
            return []
        marked = self.rows[min(self.chosen, len(self.rows) - 1)]
        token = clipped(visible(marked.text) or "‹nothing›", _LAST - 1)
        lines = [f"{'stage':<11}{'left':>7}{'mass':>6}{' ' * (_LAST - cell_len(token))}{token}"]
        chance = 1.0
        for number, stage in enumerate(told.stages):
            after = marked.trace[number] if number < len(marked.trace) else 0.0
            said = percent(after) if after > 0 else "cut" if chance > 0 else ""
            chance = after
            name = stage.name.replace("_", "-")
            lines.append(
                f"{clipped(name, 11):<11}{count(stage.kept):>7}{percent(round(stage.mass, 6)):>6}{said:>{_LAST}}"
            )
        if not told.stages:
            lines.append("no stage changed anything")
        if (drawn := told.drawn) is not None:
            low, high = f"{drawn.low:.4f}", f"{drawn.high:.4f}"
            lines += [f"draw {drawn.index + 1}: {drawn.number:.4f}", f"in {low}–{high}: {visible(drawn.text)}"]
        return [clipped(line, width) for line in lines]

    def watch_chosen(self) -> None:
        """The table is of the marked token."""
        self.refresh()

    def _row_at(self, event: MouseEvent) -> int | None:
        offset = event.get_content_offset(self)
        row = offset.y - HEAD if offset is not None else -1
        return row if 0 <= row < len(self.rows) else None

    # --- acting ------------------------------------------------------------------------------------------------------

    def action_walk(self, by: int) -> None:
        """To another token of the text."""
        self.post_message(self.Walked(by))

    def action_switch_sampling(self) -> None:
        """Show the chances after the other sampling."""
        self.post_message(self.Switched())

    def action_sent(self) -> None:
        """What the model read when it drew this token."""
        self.post_message(self.SentAsked())
