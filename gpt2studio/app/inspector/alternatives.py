"""The alternatives: what could come next, the likeliest first, for a digit to take."""

import math
from dataclasses import dataclass
from textwrap import wrap
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from gpt2studio.app.common import bars
from gpt2studio.app.common.wording import clipped, count, percent, visible
from gpt2studio.wire.messages import Alternative, Distribution

ROWS = 9
"""As many as there are digits to take one with."""
EMPTY = "F8 takes one token and shows here what else could have come."


class Alternatives(Widget, can_focus=True):
    """A list of tokens with their chances: a digit, Enter or a click takes one."""

    HELP = "What could come next. A digit takes that token; ↑ ↓ and Enter too. Dim: cut by the sampling."

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "alternatives--digit",
        "alternatives--token",
        "alternatives--bar",
        "alternatives--chance",
        "alternatives--cut",
        "alternatives--chosen",
        "alternatives--hover",
        "alternatives--empty",
    }

    DEFAULT_CSS = """
    Alternatives {
        border-title-color: $text-muted;
        border-subtitle-color: $text-muted;
        height: auto;
        background: transparent;
        & > .alternatives--digit { color: $text-muted; }
        & > .alternatives--token { color: $foreground; }
        & > .alternatives--bar { color: $accent; }
        & > .alternatives--chance { color: $foreground; }
        & > .alternatives--cut { color: $text-disabled; }
        & > .alternatives--chosen { background: $boost; }
        & > .alternatives--hover { background: $boost; }
        & > .alternatives--empty { color: $text-muted; text-style: italic; }
        &:focus { border-title-color: $foreground; }
        &:focus > .alternatives--chosen { background: $block-cursor-blurred-background; }
        &:focus > .alternatives--digit { color: $text-accent; text-style: bold; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "choose(-1)", "Previous", show=False, id="alternatives.previous"),
        Binding("down", "choose(1)", "Next", show=False, id="alternatives.next"),
        *(
            Binding(str(row), f"take_row({row})", show=False, id=f"alternatives.take-{row}")
            for row in range(1, ROWS + 1)
        ),
        Binding("enter", "take", "Take this one", show=False, id="alternatives.take"),
    ]

    distribution: reactive[Distribution | None] = reactive(None)
    """What is shown; None: the sentence that says how to come by one."""
    chosen: reactive[int] = reactive(0)
    """The row that Enter takes."""
    hovered: reactive[int | None] = reactive(None)
    """The row under the pointer."""

    @dataclass
    class Taken(Message):
        """A person has taken a token."""

        alternative: Alternative
        alternatives: "Alternatives"

        @property
        def control(self) -> "Alternatives":
            """The list that it was taken from."""
            return self.alternatives

    def __init__(self, empty: str = EMPTY, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.border_title = "Alternatives"
        self._empty = empty

    def show(self, distribution: Distribution | None) -> None:
        """Show these alternatives, or none."""
        self.distribution = distribution
        self.chosen = 0

    def watch_distribution(self, distribution: Distribution | None) -> None:
        """Say in the border how many tokens the sampling left over."""
        self.border_subtitle = f"{count(distribution.kept)} kept" if distribution else ""

    @property
    def rows(self) -> tuple[Alternative, ...]:
        """What a digit can take."""
        return self.distribution.alternatives[:ROWS] if self.distribution else ()

    # --- drawing -----------------------------------------------------------------------------------------------------

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Room for every digit, so that nothing below moves as alternatives come and go."""
        return ROWS

    def render_line(self, y: int) -> Strip:
        """One alternative, or a line of the sentence that stands in their place."""
        width = self.size.width
        if not self.rows:
            lines = wrap(self._empty, max(8, width))
            style = self._style("empty")
            return Strip([Segment(lines[y] if y < len(lines) else "", style)]).adjust_cell_length(width, style)
        segments = self._row(y, width) if y < len(self.rows) else []
        return Strip(segments).adjust_cell_length(width, self._style("token", y))

    def _row(self, index: int, width: int) -> list[Segment]:
        """Digit, token, bar and chance of one alternative; the longest bar is the likeliest's."""
        rows = self.rows
        alternative = rows[index]
        cut = alternative.probability <= 0
        chance = percent(math.exp(min(alternative.logprob, 0.0)) if cut else alternative.probability)
        room = max(4, min(max(cell_len(visible(each.text)) for each in rows), (width - 8) * 3 // 5))
        token = clipped(visible(alternative.text) or "‹nothing›", room)
        bar_width = max(0, width - 2 - room - 1 - 6)
        longest = max(each.probability for each in rows)
        bar = bars.line(alternative.probability / longest, bar_width) if longest > 0 else ""
        return [
            Segment(f"{index + 1} ", self._style("cut" if cut else "digit", index)),
            Segment(token + " " * (room - cell_len(token) + 1), self._style("cut" if cut else "token", index)),
            Segment(bar + " " * (bar_width - cell_len(bar)), self._style("bar", index)),
            Segment(chance.rjust(6), self._style("cut" if cut else "chance", index)),
        ]

    def _style(self, part: str, row: int = -1) -> Style:
        chosen = row == self.chosen and self.has_focus and row < len(self.rows)
        behind = ["alternatives--chosen"] if chosen else ["alternatives--hover"] if row == self.hovered else []
        return self.get_visual_style(*behind, f"alternatives--{part}").rich_style

    # --- acting ------------------------------------------------------------------------------------------------------

    def take(self, index: int) -> bool:
        """Take the alternative of that row, from 0; False where there is none."""
        if not 0 <= index < len(self.rows):
            return False
        self.post_message(self.Taken(self.rows[index], self))
        return True

    def action_choose(self, by: int) -> None:
        """Choose another row."""
        self.chosen = min(max(self.chosen + by, 0), max(0, len(self.rows) - 1))

    def action_take(self) -> None:
        """Take the chosen one."""
        self.take(self.chosen)

    def action_take_row(self, row: int) -> None:
        """Take the one of that row, from 1."""
        self.take(row - 1)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A digit is the list's own only where there is a token for it."""
        return 0 < int(str(parameters[0])) <= len(self.rows) if action == "take_row" else True

    def on_click(self, event: events.Click) -> None:
        """A click takes the alternative under it."""
        row = self._row_at(event)
        if row is not None:
            self.chosen = row
            self.take(row)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Mark the row under the pointer."""
        self.hovered = self._row_at(event)

    def on_leave(self) -> None:
        """Mark none."""
        self.hovered = None

    def _row_at(self, event: events.MouseEvent) -> int | None:
        offset = event.get_content_offset(self)
        return offset.y if offset is not None and 0 <= offset.y < len(self.rows) else None
