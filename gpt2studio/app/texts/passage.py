"""A passage of a person's texts, with the words that were found in it marked."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from gpt2studio.app.common.shown import shown
from gpt2studio.app.texts.own_texts import Passage

AROUND = 6000
"""Characters before and after that can be read too."""


class PassageScreen(ModalScreen[None]):
    """Shows where words stand: the text around them, to scroll in."""

    CSS_PATH = "passage.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter", "leave", "Back", show=False, priority=True),
        Binding("down", "scroll(1)", "Down", show=False, priority=True),
        Binding("up", "scroll(-1)", "Up", show=False, priority=True),
        Binding("pagedown,space", "scroll(10)", "Page down", show=False, priority=True),
        Binding("pageup", "scroll(-10)", "Page up", show=False, priority=True),
    ]

    def __init__(self, title: str, note: str, passage: Passage | None) -> None:
        """*note* says in a sentence what was found."""
        super().__init__()
        self._title = title
        self._note = note
        self._passage = passage
        self._text = _Text(self._centre)
        self._scroll = VerticalScroll(self._text)

    def compose(self) -> ComposeResult:
        """The note, then the passage."""
        with Vertical(id="passage") as pane:
            pane.border_title = Content(self._title).markup
            pane.border_subtitle = Content("↑ ↓ scroll · Esc").markup if self._passage else Content("Esc").markup
            pane.set_class(self._passage is None, "-short")
            yield Static(self._note, id="note", markup=False)
            if self._passage is not None:
                yield self._scroll

    def on_mount(self) -> None:
        """Show the passage."""
        self._scroll.can_focus = False
        if self._passage is not None:
            self._text.update(_marked(self._passage))

    def _centre(self) -> None:
        """Have the words that were found in sight."""
        passage = self._passage
        if passage is None or not self._text.size.width:
            return
        before = Content(_shown(_before(passage)))
        above = len(before.wrap(self._text.size.width))
        self._scroll.scroll_to(y=max(0, above - self._scroll.size.height // 3), animate=False)

    def action_scroll(self, by: int) -> None:
        """Read on, or back."""
        self._scroll.scroll_relative(y=by, animate=False)

    def action_leave(self) -> None:
        """Back to where the person was."""
        self.dismiss(None)


class _Text(Static):
    """The text, which tells when its lines are laid out anew: a busy machine lays them out long after the screen."""

    def __init__(self, laid_out: Callable[[], None]) -> None:
        super().__init__("", id="text", markup=False)
        self._laid_out = laid_out

    def on_resize(self) -> None:
        """Tell of it, once the pane around it knows how far there is to scroll."""
        self.call_after_refresh(self._laid_out)


def _before(passage: Passage) -> str:
    return passage.text[max(0, passage.offset - AROUND) : passage.offset]


def _marked(passage: Passage) -> Content:
    end = passage.offset + passage.length
    after = passage.text[end : end + AROUND]
    return Content.assemble(_shown(_before(passage)), (_shown(passage.found), "$accent bold underline"), _shown(after))


def _shown(text: str) -> str:
    return "\n".join(shown(line) for line in text.split("\n"))
