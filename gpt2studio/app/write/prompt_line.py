"""The prompt line: a line for the person, which Enter adds to the manuscript for the model to go on from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Input

from gpt2studio.app.common.shown import typed
from gpt2studio.app.common.wording import fitting


class PromptLine(Input):
    """A line of text, with the lines typed earlier behind ↑ and ↓."""

    HELP = "Write a line and press Enter: it joins the story, and the model goes on. Enter alone: it just goes on."

    DEFAULT_CSS = """
    PromptLine {
        height: 3;
        color: $ink-person;
        background: $background;
        border: round $border-blurred;
        border-subtitle-color: $text-muted;
        padding: 0 1;
        &:focus { border: round $border; background-tint: $background 0%; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "earlier(1)", "Earlier line", show=False),
        Binding("down", "earlier(-1)", "Later line", show=False),
    ]

    @dataclass
    class Entered(Message):
        """The person has pressed Enter; *line* may be empty."""

        line: str
        prompt_line: "PromptLine"

        @property
        def control(self) -> "PromptLine":
            """The prompt line itself."""
            return self.prompt_line

    @dataclass
    class Pasted(Message):
        """Several lines were pasted: *text* is they, between what stood in the line before and after the cursor."""

        text: str

    def __init__(
        self,
        lines: Sequence[str] = (),
        hints: Sequence[str] = (),
        elsewhere: Sequence[str] = (),
        *,
        id: str | None = None,
    ) -> None:
        """While the line is empty the first of *hints* that it has room for stands in it.

        One of *elsewhere* is in its place while the keys go elsewhere.
        """
        super().__init__(id=id, select_on_focus=False)
        self._hints, self._elsewhere = hints, elsewhere
        self._here = True
        self.cursor_blink = False
        self._lines = list(lines)
        self._back = 0
        self._draft = ""
        self._sayings: tuple[str, ...] = ()

    def watch_has_focus(self, has_focus: bool) -> None:
        """Say what the line is for now."""
        super().watch_has_focus(has_focus)
        self.point(here=has_focus)

    def point(self, *, here: bool) -> None:
        """Say what to do: *here* is where the keys go."""
        self._here = here
        self._say_again()

    def say(self, sayings: Sequence[str]) -> None:
        """Say the first of these that there is room for in the border."""
        self._sayings = tuple(sayings)
        self._say_again()

    def on_resize(self) -> None:
        """Say as much as there is room for now."""
        self._say_again()

    def _say_again(self) -> None:
        room = self.size.width - 2
        self.border_subtitle = Content(fitting(self._sayings, room)).markup
        self.placeholder = fitting(self._hints if self._here else self._elsewhere, room)

    async def action_submit(self) -> None:
        """Hand the line over and begin an empty one."""
        self.post_message(self.Entered(self.take(), self))

    def begin(self, draft: str) -> None:
        """Show a line that was begun earlier."""
        self._back, self._draft = 0, ""
        self.value = draft
        self.cursor_position = len(draft)

    def take(self) -> str:
        """The line, in whose place there is an empty one then."""
        line = self.value
        if line:
            self._lines = [each for each in self._lines if each != line] + [line]
        self._back, self._draft = 0, ""
        self.value = ""
        return line

    def action_earlier(self, step: int) -> None:
        """Go back among the lines typed earlier, or forward again to the one that was being typed."""
        back = min(max(self._back + step, 0), len(self._lines))
        if back == self._back:
            return
        if self._back == 0:
            self._draft = self.value
        self._back = back
        self.value = self._lines[-back] if back else self._draft
        self.cursor_position = len(self.value)

    def _on_paste(self, event: events.Paste) -> None:
        """Take a pasted line in, without terminal codes; several are for the manuscript, which keeps their ends."""
        event.prevent_default()
        event.stop()
        text = typed(event.text)
        if "\n" in text.rstrip("\n"):
            before, after = self.value[: self.cursor_position], self.value[self.cursor_position :]
            self.begin("")
            self.post_message(self.Pasted(before + text + after))
        else:
            self.insert_text_at_cursor(text.rstrip("\n"))
