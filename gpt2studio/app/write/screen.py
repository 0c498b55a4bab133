"""The Write screen: what a person can have done to the story, key by key."""

from collections.abc import Callable
from typing import ClassVar

from textual import events, on, work
from textual.binding import BindingType

from gpt2studio.app.candidates.page import CandidatesPage
from gpt2studio.app.commands import bindings
from gpt2studio.app.find.page import FindPage
from gpt2studio.app.inspector.page import InspectorPage
from gpt2studio.app.sampling.panel import SamplingPanel
from gpt2studio.app.texts.page import TextsPage
from gpt2studio.app.write.orders import Order
from gpt2studio.app.write.prompt_line import PromptLine
from gpt2studio.stories.splice import Splice
from gpt2studio.wire.lines import to_plain

_BY_MODEL = ("generation", "retry", "taken")
_ALONE = "no other branch here · Ctrl+R makes one"


class WriteScreen(FindPage, TextsPage, InspectorPage, CandidatesPage):
    """Where a person and a model write one text."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings()]

    # --- going on ----------------------------------------------------------------------------------------------------

    @on(PromptLine.Entered)
    def _line_entered(self, event: PromptLine.Entered) -> None:
        """Add the line at the end, and have the model go on."""
        self.writer.stop()
        self.add_line(event.line)
        self._go_on(Order(self.manuscript.plain_document.length, self.writing_settings))

    def _go_on(self, order: Order) -> None:
        self.leave_candidates()
        self.go_on(order)

    async def action_continue(self) -> None:
        """Go on, or stop."""
        if self.writer.busy:
            self.writer.stop()
        elif self.prompt_line.has_focus:
            await self.prompt_line.action_submit()
        else:
            self._go_on(Order(self.place, self.writing_settings))

    def action_stop(self) -> None:
        """Stop the model within a token, keeping what came."""
        self.writer.stop()

    def action_leave(self) -> None:
        """From a pane back to the page."""
        if self.find_bar.is_open:
            self.leave_find()
            return
        self.leave_candidates()
        self._leave_drawer()

    def action_retry(self) -> None:
        """Another continuation in place of the last one, or of the one that was just taken back; others to choose."""
        if self.candidates.has_focus:
            self.action_candidates()
            return
        again = self.writer.open_node or self._taken_back()
        if again is None and (last := self.desk.story.last_generation) is not None:
            again = last.node
        self.writer.stop()
        self._go_on(Order(self.place, self.writing_settings, retry_of=again))

    def _taken_back(self) -> int | None:
        """The continuation that was here last, where the person has gone back to before it."""
        story = self.desk.story
        children = [story.node(child) for child in story.road()[-1].children]
        return next((child.id for child in reversed(children) if child.cause in _BY_MODEL), None)

    def action_token(self) -> None:
        """Exactly one token, then what could come next."""
        self.writer.stop()
        self.take_line()
        self.between = True
        self._enter_drawer(self.alternatives)
        self._go_on(Order(self.place, self.writing_settings, single=True))

    @on(SamplingPanel.Changed)
    def _settings_changed(self, event: SamplingPanel.Changed) -> None:
        """Keep with the story how the model is to go on in it."""
        if not self.desk.story.read_only:
            self.desk.story.note("writing", to_plain(event.settings))
        self._changed()

    def action_select_all(self) -> None:
        """Select the whole text."""
        self.set_focus(self.manuscript)
        self.manuscript.select_all()

    # --- history -----------------------------------------------------------------------------------------------------

    def _travel(self, way: Callable[[], list[Splice]], nowhere: str = "") -> None:
        """Go another way in the story's history; *nowhere* is said where it does not lead on."""
        self.leave_candidates()
        here = self.desk.story.road()[-1].id
        went = self.desk.travel(way) or self.desk.story.road()[-1].id != here
        self.writer.forget_end()
        self._progressed(self.writer.progress)
        if not went and nowhere:
            self.manuscript.say_below(nowhere)

    def action_undo(self) -> None:
        """One step back; a continuation that streams is stopped and taken out whole."""
        if self.writer.busy and self.writer.open_node is None:
            self.writer.stop()
            return
        story = self.desk.story
        self._travel(story.undo, "" if story.can_undo else "nothing to take back")
        self.writer.stop("undone")

    def action_redo(self) -> None:
        """One step forward again."""
        self.writer.stop()
        story = self.desk.story
        self._travel(story.redo, "" if story.can_redo else "nothing to bring again")

    def action_sibling_previous(self) -> None:
        """The road before this one."""
        self.writer.stop()
        self._travel(lambda: self.desk.story.sibling(-1), _ALONE)

    def action_sibling_next(self) -> None:
        """The road after this one."""
        self.writer.stop()
        self._travel(lambda: self.desk.story.sibling(1), _ALONE)

    def action_parent(self) -> None:
        """The text that this one comes from."""
        self.writer.stop()
        self._travel(self.desk.story.parent, "this is the beginning")

    def action_child(self) -> None:
        """The text that came from this one last."""
        self.writer.stop()
        self._travel(self.desk.story.child, "nothing follows yet")

    @work
    async def action_tree(self) -> None:
        """The tree of all branches; where the person goes in it, the text goes."""
        from gpt2studio.app.branches.side_by_side import SideBySideScreen
        from gpt2studio.app.branches.tree import TreeScreen  # seldom needed, and not for the first paint

        self.leave_candidates()
        story, node = self.desk.story, None
        while True:
            choice = await self.app.push_screen_wait(TreeScreen(self.desk, self.writer.stop, node))
            if choice is None or choice.other is None:
                node = choice.node if choice is not None else None
                break
            node = choice.node
            taken = await self.app.push_screen_wait(SideBySideScreen(story, choice.other, node))
            if taken is not None:
                node = taken
                break
        if node is not None and story is self.desk.story:
            self.writer.stop()
            self._travel(lambda: story.go(node))
        self.refresh_bindings()
        self._progressed(self.writer.progress)

    # --- panes -------------------------------------------------------------------------------------------------------

    def action_switch(self) -> None:
        """From the manuscript to the prompt line and back; from a pane to where the person wrote last."""
        if self.focused is self.manuscript:
            self.set_focus(self.prompt_line)
        elif self.focused is self.prompt_line:
            self.set_focus(self.manuscript)
        else:
            self.back_to_page()

    def action_sampling(self) -> None:
        """To the sampling, and back again."""
        if self.focused is self.sampling_panel:
            self._leave_drawer()
        else:
            self._enter_drawer(self.sampling_panel)

    def action_docks(self) -> None:
        """Show or hide the docks of a wide screen."""
        memory = self.room.memory
        memory.change(memory.memory.with_docks(not memory.memory.docks))
        self.set_class(not memory.memory.docks, "-no-docks")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A stop is offered while there is something to stop."""
        if action == "stop":
            return self.writer.busy
        if action == "switch":
            return not self.find_bar.has_focus_within
        if action == "leave":
            return (
                self.candidates.is_open
                or self.find_bar.is_open
                or self.focused not in (self.manuscript, self.prompt_line)
            )
        return True

    def on_key(self, event: events.Key) -> None:
        """A letter typed while a list has the keys goes where the person was writing."""
        own = "g0123456789" if self.focused is self.candidates else "sw0123456789"
        lists = (self.alternatives, self.candidates)
        if self.focused in lists and event.is_printable and (event.character or " ") not in own:
            event.stop()
            self.back_to_page().post_message(events.Key(event.key, event.character))
