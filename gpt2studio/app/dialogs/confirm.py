"""A question that Y answers, for what cannot be taken back; or what is to be known, without one."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from gpt2studio.app.dialogs.dialog import shown_lines


class ConfirmScreen(ModalScreen[bool]):
    """Tells what would happen; true where the person presses y. Without a *yes* it tells why nothing will."""

    CSS_PATH = "confirm.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,Y", "answer(True)", "Yes", show=False, priority=True),
        Binding("n,N", "answer(False)", "No", show=False, priority=True),
        Binding("escape,enter", "leave", "No", show=False, priority=True),
    ]

    def __init__(self, title: str, words: str, yes: str = "") -> None:
        super().__init__()
        self._title, self._words, self._yes = title, words, yes

    def compose(self) -> ComposeResult:
        """The words, the answers in the border's foot."""
        with VerticalScroll(id="confirm") as pane:
            pane.border_title = Content(self._title).markup
            keys = f"y {self._yes} · Esc leaves it as it is" if self._yes else "Esc"
            pane.border_subtitle = Content(keys).markup
            yield Static(Content(shown_lines(self._words)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where nothing is asked, letters answer nothing: a person may be typing into what did not open."""
        return bool(self._yes) if action == "answer" else True

    def action_answer(self, yes: bool) -> None:
        """Yes or no."""
        self.dismiss(yes)

    def action_leave(self) -> None:
        """No, or seen."""
        self.dismiss(False)
