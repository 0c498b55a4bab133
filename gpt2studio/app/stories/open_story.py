"""The list of stories and edited files, narrowed by typing: Enter opens one, Ctrl+D throws it away, Tab shows those."""

import time
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from gpt2studio.app.common.pane_list import PaneList
from gpt2studio.app.common.shown import shown
from gpt2studio.app.common.wording import ago, clipped, counted
from gpt2studio.app.dialogs.confirm import ConfirmScreen
from gpt2studio.errors import StudioError
from gpt2studio.stories.shelf import TRASH, Listed, StoryShelf, edited_files


class OpenStoryScreen(ModalScreen[Listed | None]):
    """Chooses a story or a text file that was edited; None where the person leaves without one."""

    CSS_PATH = "open_story.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+o", "leave", "Back", show=False, priority=True),
        Binding("down", "choose(1)", "Next", show=False, priority=True),
        Binding("up", "choose(-1)", "Previous", show=False, priority=True),
        Binding("pagedown", "choose(10)", "Page down", show=False, priority=True),
        Binding("pageup", "choose(-10)", "Page up", show=False, priority=True),
        Binding("ctrl+d,delete", "trash", "Throw away", show=False, priority=True),
        Binding("tab,shift+tab", "turn", "Stories or trash", show=False, priority=True),
    ]

    def __init__(self, shelf: StoryShelf, files: Path, current: str) -> None:
        """*files*: the folder with the journals of edited files; *current*: the id of what is open here."""
        super().__init__()
        self._shelf = shelf
        self._files = files
        self._current = current
        self._in_trash = False
        """Whether what was thrown away is shown."""
        self._stories: list[Listed] = []
        self._found: list[Listed] = []
        self._line = Input(placeholder="Type a part of its title or first words")
        self._options = PaneList(led=True)
        self._pane = Vertical(self._line, self._options, id="stories")

    def compose(self) -> ComposeResult:
        """A line to type a part of a title in, and the stories that have it."""
        yield self._pane

    def on_mount(self) -> None:
        """Show them all."""
        self._line.focus()
        self.call_after_refresh(self._list)

    def action_turn(self) -> None:
        """What was thrown away instead of what is there, and back."""
        self._in_trash = not self._in_trash
        self._list()

    def _list(self) -> None:
        """Show what there is now."""
        if self._in_trash:
            self._stories = self._shelf.thrown_away()
            title, hint = "Thrown away", "Enter puts it back · Ctrl+D deletes it · Tab: stories · Esc"
        else:
            both = self._shelf.stories() + edited_files(self._files)
            self._stories = sorted(both, key=lambda each: each.modified, reverse=True)
            title, hint = "Open a story", "Enter opens it · Ctrl+D throws it away · Tab: thrown away · Esc"
        self._pane.border_title, self._pane.border_subtitle = title, hint
        self._narrow(self._line.value)

    def on_resize(self, event: events.Resize) -> None:
        """Draw for the new width."""
        self.call_after_refresh(self._draw)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._narrow(event.value)

    def _narrow(self, part: str) -> None:
        """Show the stories that have every word of *part* in title or first words."""
        words = part.casefold().split()
        self._found = [each for each in self._stories if all(word in _words(each) for word in words)]
        self._draw(0)

    def _draw(self, chosen: int | None = None) -> None:
        """Put what was found into the list; without a number, what was chosen stays chosen."""
        options = self._options
        chosen = options.highlighted or 0 if chosen is None else chosen
        options.clear_options()
        width, now = max(20, options.size.width - 2), time.time()
        options.add_options([Option(self._row(each, width, now)) for each in self._found])
        if not self._found:
            none = "Nothing is in the trash." if self._in_trash else "There is no story yet."
            said = "No story has that in its title or first words." if self._stories else none
            options.add_option(Option(said, disabled=True))
        options.highlighted = chosen if self._found else None

    def _row(self, story: Listed, width: int, now: float) -> Content:
        kind = "" if story.path is None else "file · "
        about = f"{kind}{counted(story.words, 'word')} · {ago(now - story.modified)}"
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
            self._choose(self._found[highlighted])

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self._choose(self._found[event.option_index])

    def _choose(self, story: Listed) -> None:
        """Leave with this one, out of the trash where it is there."""
        if self._in_trash:
            try:
                directory = self._shelf.put_back(story.id)
            except StudioError as error:
                self._complain(error)
                self._list()
                return
            story = replace(story, id=directory.name, directory=directory)
        self.dismiss(story)

    @work
    async def action_trash(self) -> None:
        """Put a story into the trash, or out of the trash for good, after a question."""
        highlighted = self._options.highlighted
        if not self._found or highlighted is None:
            return
        story = self._found[highlighted]
        what = f"“{shown(story.label)}”, {counted(story.words, 'word')}, with all its branches"
        in_trash = self._in_trash
        if in_trash:
            words = f"{what}, is taken from the disk. Nothing brings it back."
            question = ConfirmScreen("Delete the story for good?", words, "deletes it")
        elif story.path is not None:
            self.notify("A file is yours to remove where it lies.", markup=False)
            return
        elif story.id == self._current:
            self.notify("This story is open here. Open another one, or begin one (Ctrl+N), first.", markup=False)
            return
        else:
            words = f"{what}, goes to {self._shelf.folder / TRASH}. From there it can be put back (Tab)."
            question = ConfirmScreen("Throw the story away?", words, "throws it away")
        if await self.app.push_screen_wait(question):
            try:
                self._shelf.delete(story.id) if in_trash else self._shelf.trash(story.id)
            except StudioError as error:
                self._complain(error)
            self._list()
            self._options.highlighted = min(highlighted, len(self._found) - 1) if self._found else None

    def _complain(self, error: StudioError) -> None:
        self.notify(f"{error.message} {error.hint}", severity="error", markup=False)

    def action_leave(self) -> None:
        """Leave without a story."""
        self.dismiss(None)


def _words(story: Listed) -> str:
    """What is looked through for the words that are typed."""
    return f"{story.label} {story.title} {story.excerpt} {story.path or ''}".casefold()
