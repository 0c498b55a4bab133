"""What the studio's dialogs have in common: a pane over the screen, rows of labels and fields, Enter and Esc."""

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Static

from gpt2studio.app.common.shown import shown
from gpt2studio.errors import StudioError

T = TypeVar("T")


class Dialog(ModalScreen[T | None], Generic[T]):
    """A pane with a title; None where the person leaves it."""

    CSS_PATH = Path(__file__).with_name("dialog.tcss")  # a bare name is looked for beside whoever inherits
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", show=False, priority=True),
        Binding("enter", "accept", "Do it", show=False, priority=True),
        Binding("down", "app.focus_next", "Next field", show=False),
        Binding("up", "app.focus_previous", "Previous field", show=False),
    ]
    TITLE_WORDS = ""
    """Stands in the border."""
    KEYS = "Enter · Esc"
    """Stands in the border's foot."""

    def compose(self) -> ComposeResult:
        """The fields, and below them what there is to say."""
        with VerticalScroll(id="dialog", can_focus=False) as pane:
            pane.border_title = Content(self.TITLE_WORDS).markup
            pane.border_subtitle = Content(self.KEYS).markup
            yield from self.fields()
            yield Static("", id="said", markup=False)

    def fields(self) -> Iterable[Widget]:
        """The dialog's own."""
        return ()

    def say(self, words: Content | str, fault: bool = False) -> None:
        """Put words below the fields."""
        if self.is_mounted:
            content = words if isinstance(words, Content) else Content(shown_lines(words))
            self.query_one("#said", Static).update(content.stylize("$text-error") if fault else content)
            self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        """Give what is said its height: a layout that is asked for while the first one goes on is lost."""
        said = self.query_one("#said", Static)
        if said.size.height != said.get_content_height(said.container_size, self.app.size, said.size.width):
            said.refresh(layout=True)

    def refuse(self, error: StudioError) -> None:
        """Say what is wrong, and what to do."""
        self.say(f"{error.message}\n{error.hint}", fault=True)

    def action_accept(self) -> None:
        """What Enter does."""

    def action_leave(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)


def row(label: str, field: Widget) -> Horizontal:
    """A label and a field beside it."""
    return Horizontal(Static(label, classes="label", markup=False), field, classes="row")


def line(value: str = "", placeholder: str = "", id: str | None = None) -> Input:
    """A line to type in, one row high."""
    return Input(value, placeholder=placeholder, id=id, compact=True, select_on_focus=False)


def shown_lines(text: str) -> str:
    """Text of several lines, with nothing in it that a terminal obeys."""
    return "\n".join(shown(each) for each in text.split("\n"))
