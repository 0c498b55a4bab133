"""The list of stories, narrowed by typing, of which Enter opens one and Ctrl+D throws one away."""

import time
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from gpt2studio.app.common.shown import shown
from gpt2studio.app.common.wording import ago, clipped, counted
from gpt2studio.app.dialogs.confirm import ConfirmScreen
from gpt2studio.errors import StudioError
from gpt2studio.stories.shelf import TRASH, Listed, StoryShelf


class OpenStoryScreen(ModalScreen[Listed | None]):
    """Chooses a story; None where the person leaves without one."""

    CSS_PATH = "open_story.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+o", "leave", "Back", show=False, priority=True),
        Binding("down", "choose(1)", "Next", show=False, priority=True),
        Binding("up", "choose(-1)", "Previous", show=False, priority=True),
        Binding("pagedown", "choose(10)", "Page down", show=False, priority=True),
        Binding("pageup", "choose(-10)", "Page up", show=False, priority=True),
        Binding("ctrl+d,delete", "trash", "Throw away", show=False, priority=True),
    ]

    def __init__(self, shelf: StoryShelf, current: str) -> None:
        """*current*: the id of the story that is open here."""
        super().__init__()
        self._shelf = shelf
        self._stories = shelf.stories()
        self._current = current
        self._found = self._stories
        self._line = Input(placeholder="Type a part of its title or first words")
        self._options = OptionList(markup=False)

    def compose(self) -> ComposeResult:
        """A line to type a part of a title in, and the stories that have it."""
        with Vertical(id="stories") as pane:
            pane.border_title = "Open a story"
            pane.border_subtitle = "↑ ↓ · Enter opens it · Ctrl+D throws it away · Esc"
            yield self._line
            yield self._options

    def on_mount(self) -> None:
        """Show them all."""
        self._line.focus()
        self.call_after_refresh(self._narrow, "")

    def on_resize(self, event: events.Resize) -> None:
        """Draw for the new width."""
        self.call_after_refresh(self._narrow, self._line.value)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._narrow(event.value)

    def _narrow(self, part: str) -> None:
        """Show the stories that have every word of *part* in title or first words."""
        words = part.casefold().split()
        self._found = [
            each for each in self._stories if all(word in f"{each.title} {each.excerpt}".casefold() for word in words)
        ]
        options = self._options
        options.clear_options()
        width, now = max(20, options.size.width - 2), time.time()
        options.add_options([Option(self._row(each, width, now)) for each in self._found])
        if not self._found:
            options.add_option(Option("No story has that in its title or first words.", disabled=True))
        options.highlighted = 0 if self._found else None

    def _row(self, story: Listed, width: int, now: float) -> Content:
        about = f"{counted(story.words, 'word')} · {ago(now - story.modified)}"
        mark = "● " if story.id == self._current else "  "
        label = clipped(shown(story.label), max(8, width - len(about) - 4))
        gap = " " * max(1, width - len(mark) - Content(label).cell_length - len(about))
        return Content.assemble((mark, "$accent"), label, gap, (about, "$text-muted"))

    def action_choose(self, by: int) -> None:
        """Move among the stories without leaving the line."""
        options = self._options
        if self._found:
            options.highlighted = min(max((options.highlighted or 0) + by, 0), len(self._found) - 1)

    @on(Input.Submitted)
    def _entered(self) -> None:
        highlighted = self._options.highlighted
        if self._found and highlighted is not None:
            self.dismiss(self._found[highlighted])

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._found[event.option_index])

    @work
    async def action_trash(self) -> None:
        """Put a story into the trash folder, after a question; the one that is open here stays."""
        highlighted = self._options.highlighted
        if not self._found or highlighted is None:
            return
        story = self._found[highlighted]
        if story.id == self._current:
            self.notify("This story is open here. Open another one, or begin one (Ctrl+N), first.", markup=False)
            return
        what = f"“{shown(story.label)}”, {counted(story.words, 'word')}, with all its branches"
        words = f"{what}, goes to {self._shelf.folder / TRASH}. Moved back from there, it is in this list again."
        if await self.app.push_screen_wait(ConfirmScreen("Throw the story away?", words, "throws it away")):
            try:
                self._shelf.trash(story.id)
            except StudioError as error:
                self.notify(f"{error.message} {error.hint}", severity="error", markup=False)
            self._stories = self._shelf.stories()
            self._narrow(self._line.value)
            self._options.highlighted = min(highlighted, len(self._found) - 1) if self._found else None

    def action_leave(self) -> None:
        """Leave without a story."""
        self.dismiss(None)
