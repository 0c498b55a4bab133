"""Finding and replacing on the page."""

from functools import partial

from textual import on
from textual.message import Message
from textual.timer import Timer
from textual.widgets import TextArea
from textual.widgets.text_area import Selection

from gpt2studio.app.candidates.page import CandidatesPage
from gpt2studio.app.common.wording import counted
from gpt2studio.app.find.bar import FindBar
from gpt2studio.app.find.finding import Finds, Wanted, find, gathered, replacements
from gpt2studio.errors import StudioError

_REST = 0.15
"""Seconds after a change of the text until it is searched again."""


class FindPage(CandidatesPage):
    """The page, with a bar to find and replace in place of the prompt line."""

    class Searched(Message):
        """A search has come to its end, in its thread."""

        def __init__(self, number: int, finds: Finds, fault: str) -> None:
            super().__init__()
            self.number, self.finds, self.fault = number, finds, fault

    _search = 0
    _from = 0
    _searching: Timer | None = None

    def action_find_text(self) -> None:
        """Look for something, and put something else in its place."""
        selected = self.manuscript.selected_text
        self._from = min(map(self.manuscript.plain_document.offset_of, self.manuscript.selection))
        self.leave_candidates()
        self.add_class("-finding")
        self.find_bar.open(selected if selected and "\n" not in selected else "")
        self._look()

    def leave_find(self) -> None:
        """Take the bar off the screen; what was looked at is selected."""
        if not self.find_bar.is_open:
            return
        found = self.manuscript.finds.current >= 0
        had_keys = self.find_bar.has_focus_within
        self._search += 1
        self.find_bar.close()
        self.remove_class("-finding")
        self.manuscript.finds = Finds()
        if had_keys and found:
            self.set_focus(self.manuscript)
        elif had_keys:
            self.back_to_page()

    @on(FindBar.Changed)
    def _wanted_changed(self) -> None:
        self._look()

    @on(TextArea.Changed)
    def _search_again(self) -> None:
        """The text has changed: search it again when it rests, or now and then while it grows."""
        if self.find_bar.is_open and self._searching is None:
            self._searching = self.set_timer(_REST, self._look)

    def _look(self) -> None:
        self._searching = None
        if self.find_bar.is_open:
            self._search += 1
            wanted, text = self.find_bar.wanted, self.manuscript.text
            self.run_worker(partial(self._found_in_thread, self._search, wanted, text), thread=True, group="find")

    def _found_in_thread(self, number: int, wanted: Wanted, text: str) -> None:
        try:
            self.post_message(self.Searched(number, find(wanted, text), ""))
        except StudioError as error:
            self.post_message(self.Searched(number, Finds(), error.message))

    @on(Searched)
    def _searched(self, event: Searched) -> None:
        """Show what was found; the one nearest after where the person was is looked at."""
        if event.number != self._search:
            return
        self.manuscript.finds = event.finds
        if event.fault:
            self.find_bar.refuse(event.fault)
        elif not self.find_bar.wanted.text:
            self.find_bar.say("")
        else:
            self._see(event.finds.from_place(self._from))

    def _see(self, index: int) -> None:
        """Look at the find of this number."""
        finds, manuscript = self.manuscript.finds, self.manuscript
        finds.current = index
        if index < 0:
            self.find_bar.say("no match")
        else:
            start, end = finds.spans[index]
            self._from = start
            place = manuscript.plain_document.location_of
            manuscript.selection = Selection(place(start), place(end))
            manuscript.scroll_cursor_visible()
            self.find_bar.say(f"{index + 1:,} of {len(finds):,}")
        manuscript.refresh()

    @on(FindBar.Stepped)
    def _stepped(self, event: FindBar.Stepped) -> None:
        finds = self.manuscript.finds
        if len(finds):
            self._see((finds.current + event.by) % len(finds))

    @on(FindBar.Replaced)
    def _replaced(self, event: FindBar.Replaced) -> None:
        """Replace one, and go on to the next; or all, as one step."""
        finds, bar, text = self.manuscript.finds, self.find_bar, self.manuscript.text
        if not len(finds) or (finds.current < 0 and not event.every) or self.manuscript.read_only:
            return
        try:
            changes = replacements(bar.wanted, text, bar.put.value, None if event.every else finds.current)
        except StudioError as error:
            bar.refuse(f"{error.message}. {error.hint}")
            return
        story = self.desk.story
        self.desk.change(gathered(changes, story.pieces), cause="replace")
        last = changes[-1]
        self._from = last.at + len(last.text) + (not last.removed and not last.text)
        if event.every:
            self.notify(f"{counted(len(changes), 'place')} changed; Ctrl+Z takes it back.", markup=False, timeout=4)
        self._look()

    def show_story(self) -> None:
        """Show the story that is on the desk now."""
        self.leave_find()
        super().show_story()
