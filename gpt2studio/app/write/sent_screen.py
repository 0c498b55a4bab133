"""What was sent: the exact text that the model read for a continuation, and how it was to go on."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from gpt2studio.app.common.wording import counted
from gpt2studio.app.dialogs.dialog import shown_lines
from gpt2studio.app.write.sent import Sent

_STYLES = {"memory": "$text-accent", "note": "$text-accent", "story": ""}


class SentScreen(ModalScreen[None]):
    """Shows what was sent, to scroll in."""

    CSS_PATH = "sent.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,q", "dismiss", "Back", show=False)]

    def __init__(self, sent: Sent) -> None:
        super().__init__()
        self._sent = sent

    def compose(self) -> ComposeResult:
        """The facts, then the text."""
        with VerticalScroll(id="sent") as pane:
            pane.border_title = "What was sent"
            pane.border_subtitle = "↑ ↓ · Esc"
            for name, value in self._sent.facts:
                told = Static(shown_lines(value), classes="value", markup=False)
                yield Horizontal(Static(name, classes="label", markup=False), told, classes="fact")
            yield Static(Content.styled(self._window(), "$text-muted"), id="window")
            yield Static(self._text(), id="text")

    def _window(self) -> str:
        sent = self._sent
        if not sent.window_known:
            return "The whole text; where the model's window began was not kept."
        hidden = f"{counted(len(sent.hidden), 'character')} before this it did not see. " if sent.hidden else ""
        return f"{hidden}The model read exactly this:"

    def _text(self) -> Content:
        parts = [Content.styled(shown_lines(text), _STYLES[kind]) for kind, text in self._sent.parts]
        return Content("").join(parts) if parts else Content.styled("nothing: a page from its start", "$text-muted")
