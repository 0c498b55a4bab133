"""A choice among a few words: one row, ← → change it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget


class Choice(Widget, can_focus=True):
    """Shows the chosen word between arrows; ← → or a click choose another."""

    HELP = "A choice. ← → change it."
    DEFAULT_CSS = """
    Choice { height: 1; width: 1fr; }
    Choice:disabled { color: $text-disabled; }
    Choice:focus { background: $block-cursor-blurred-background; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "turn(-1)", "Previous", show=False),
        Binding("right,space", "turn(1)", "Next", show=False),
    ]

    index: reactive[int] = reactive(0)
    """Which one is chosen."""

    @dataclass
    class Changed(Message):
        """Another one was chosen."""

        choice: "Choice"

        @property
        def control(self) -> "Choice":
            """The choice that changed."""
            return self.choice

    def __init__(self, words: Sequence[str], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._words = tuple(words)

    def render(self) -> Content:
        """The chosen word; arrows where there is another."""
        word = self._words[self.index] if self._words else ""
        if len(self._words) < 2:
            return Content(word)
        return Content.assemble(("‹ ", "$text-muted"), word, (" ›", "$text-muted"))

    def watch_index(self) -> None:
        """Tell of it."""
        self.post_message(self.Changed(self))

    def action_turn(self, by: int) -> None:
        """The next one, or the one before."""
        if self._words:
            self.index = (self.index + by) % len(self._words)

    def on_click(self, event: events.Click) -> None:
        """The next one."""
        self.action_turn(1)
