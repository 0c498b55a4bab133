"""What a person can do with candidates: have some, look at them while they come, take one or leave them."""

from dataclasses import replace

from textual import events, on

from gpt2studio.app.candidates.candidates import Candidates
from gpt2studio.app.candidates.choosing import candidates
from gpt2studio.app.write import status
from gpt2studio.app.write.going_on import GoingOn
from gpt2studio.app.write.orders import Doing, Order, Progress


class CandidatesPage(GoingOn):
    """The page, with several continuations to choose among below it."""

    VERTICAL_BREAKPOINTS = [(0, "-lowest"), (10, "-low"), (30, "-high")]

    def action_candidates(self) -> None:
        """Several continuations to choose among; where there are some already, others."""
        pane = self.candidates
        if pane.is_open and not pane.has_focus:
            self.set_focus(pane)
        else:
            # After the keys that were pressed before this one: they may still wait where they are typed.
            (self.focused or self).call_later(self._have_candidates)

    def _have_candidates(self) -> None:
        pane = self.candidates
        self.writer.stop()
        self.take_line()
        self.manuscript.cursor_offset = self.place
        settings = self.writing_settings
        self.query_one("#knobs").remove_class("-open")  # narrow, both would leave the text no room
        self.manuscript.pointing = True
        pane.open(settings.candidates, settings.length)
        self.call_after_refresh(self._enter_candidates)
        self.go_on(Order(self.place, settings, candidates=settings.candidates))

    def _enter_candidates(self) -> None:
        """Give them the keys, and keep the end of what they go on from in sight."""
        if self.candidates.is_open:
            self.set_focus(self.candidates)
            self.call_after_refresh(self.manuscript.scroll_cursor_visible)

    @on(Candidates.Others)
    def _others_wanted(self) -> None:
        self.action_candidates()

    @on(Candidates.Taken)
    def _candidate_taken(self, event: Candidates.Taken) -> None:
        """Put it into the text; one that is taken whole goes on there until it ends."""
        story = self.desk.story
        if event.length is not None:
            self.writer.stop()
        self.desk.travel(lambda: story.take(event.node, event.length))
        self.writer.keep_only(event.node)
        self.writer.forget_end()
        self.leave_candidates()
        self._progressed(self.writer.progress)

    def leave_candidates(self) -> None:
        """Take them off the screen; they stay as branches."""
        if self.candidates.is_open:
            had_keys = self.candidates.has_focus
            self.candidates.close()
            self.manuscript.pointing = False
            self.remove_class("-choosing")
            if had_keys:
                self.back_to_page()

    def show_story(self) -> None:
        """Show the story that is on the desk now."""
        self.leave_candidates()
        super().show_story()

    def _progressed(self, progress: Progress) -> None:
        """The model has got on, or stopped."""
        super()._progressed(progress)
        pane, nodes = self.candidates, self.writer.candidates
        if not pane.is_open:
            return
        if not nodes and progress.doing is Doing.IDLE:
            self.leave_candidates()
            return
        pane.waiting = status.doing(progress, self.room.link.state, (1, 1))
        pane.show(candidates(self.desk.story, nodes))
        pane.refresh()

    def _writing(self, progress: Progress) -> None:
        """Keep up with what the model sees: what stands beside the text is none of it."""
        beside = self.writer.candidates and self.writer.open_node is None
        super()._writing(replace(progress, tokens=0, words=0) if beside else progress)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """While the candidates have the keys, on a low screen they have the prompt line's room too."""
        self.set_class(event.widget is self.candidates, "-choosing")
