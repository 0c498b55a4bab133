"""The dialog for what the model reads beside the story: its memory and a note near its end."""

from collections.abc import Callable, Iterable

from textual import on
from textual.widget import Widget
from textual.widgets import Input

from gpt2studio.app.common.wording import counted
from gpt2studio.app.dialogs.dialog import Dialog, line, row
from gpt2studio.errors import StudioError
from gpt2studio.wire.held import Held


class HoldScreen(Dialog[Held]):
    """Asks for memory, note and the note's distance."""

    TITLE_WORDS = "Held in the model's window"
    KEYS = "↑ ↓ · Enter keeps it · Esc"

    def __init__(self, held: Held, tokens: Callable[[str], int | None]) -> None:
        """*tokens* counts those of a text, where the model's vocabulary is known."""
        super().__init__()
        self._tokens = tokens
        self._memory = line(held.memory, "always at the start: who is who, what has happened")
        self._note = line(held.note, "always near the end: what is to happen, how it is told")
        self._words = line(str(held.words), "words")

    def fields(self) -> Iterable[Widget]:
        """Memory, note, distance."""
        yield row("memory", self._memory)
        yield row("note", self._note)
        yield row("words after", self._words)

    def on_mount(self) -> None:
        """Begin with the memory."""
        self._memory.focus()
        self._count()

    @on(Input.Changed)
    def _count(self) -> None:
        """Say what it takes of the window."""
        counts = [self._tokens(each.value) for each in (self._memory, self._note)]
        known = [count for count in counts if count is not None]
        taken = f"{counted(sum(known), 'token')} of the window. " if known else ""
        self.say(f"{taken}The note stands at a pause of the text, so many words before its end or more.")

    def action_accept(self) -> None:
        """Keep it, where the distance is a number."""
        try:
            if not self._words.value.strip().isdecimal():
                raise StudioError("That is no number of words.", "Type a number, or 0: at the very end.")
            self.dismiss(Held(self._memory.value, self._note.value, int(self._words.value)))
        except StudioError as error:
            self.refuse(error)
