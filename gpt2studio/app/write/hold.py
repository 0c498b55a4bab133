"""The dialog for what the model reads beside the story: its memory and a note near its end."""

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input, TextArea

from gpt2studio.app.common.shown import typed
from gpt2studio.app.common.wording import counted
from gpt2studio.app.dialogs.dialog import Dialog, line, row
from gpt2studio.wire.held import WORDS, Held


class HoldScreen(Dialog[Held]):
    """Asks for memory, note and the note's distance. To leave it is to keep it: None where nothing has changed."""

    TITLE_WORDS = "Memory and note"
    KEYS = "Tab next field · Ctrl+Z takes back · Esc keeps it"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "accept", "Keep it", show=False, priority=True),
        Binding("enter", "accept", "Keep it", show=False),  # not before the text, in which it begins a line
    ]

    def __init__(self, held: Held, tokens: Callable[[str], int | None]) -> None:
        """*tokens* counts those of a text, where the model's vocabulary is known."""
        super().__init__()
        self._held = held
        self._tokens = tokens
        self._memory = _Lines(held.memory, "always at the start: who is who, what has happened")
        self._note = _Lines(held.note, "always near the end: what is to happen, how it is told")
        self._words = line(str(held.words), str(WORDS))
        self._words.restrict = r"\d{0,6}"

    def fields(self) -> Iterable[Widget]:
        """Memory, note, distance."""
        yield row("memory", self._memory).add_class("-lines")
        yield row("note", self._note).add_class("-lines")
        yield row("words after", self._words)

    def on_mount(self) -> None:
        """Begin with the memory."""
        self._memory.focus()
        self._count()

    @on(Input.Changed)
    @on(TextArea.Changed)
    def _count(self) -> None:
        """Say what it takes of the window."""
        counts = [self._tokens(each.text) for each in (self._memory, self._note)]
        known = [count for count in counts if count is not None]
        taken = f"{counted(sum(known), 'token')} of the window. " if known else ""
        self.say(f"{taken}The note stands at a pause of the text, so many words before its end or more.")

    @on(Input.Submitted)
    def action_accept(self) -> None:
        """Keep it; without a number the distance is the usual one."""
        words = int(self._words.value) if self._words.value.isdecimal() else WORDS
        held = Held(self._memory.text, self._note.text, words)
        self.dismiss(held if held != self._held else None)


class _Lines(TextArea):
    """Some lines to type in."""

    def __init__(self, text: str, placeholder: str) -> None:
        super().__init__(text, placeholder=placeholder, compact=True, highlight_cursor_line=False)
        self.cursor_blink = False
        self.move_cursor(self.document.end)

    async def _on_paste(self, event: events.Paste) -> None:
        """Take pasted text in without terminal codes."""
        event.prevent_default()
        event.stop()
        self.insert(typed(event.text))
