"""The inspector on the page: which token it is about, and another one taken in its place."""

from functools import partial
from typing import Any

from textual import on, work
from textual.widget import Widget

from gpt2studio.app.common.shown import shown
from gpt2studio.app.common.wording import visible
from gpt2studio.app.engine.link import EngineDied
from gpt2studio.app.inspector.alternatives import ROWS, Alternatives
from gpt2studio.app.inspector.inspection import Spot, asked, next_after, spot_at
from gpt2studio.app.inspector.inspector import Card, Inspector
from gpt2studio.app.surprise.page import SurprisePage
from gpt2studio.app.write.going_on import GoingOn
from gpt2studio.app.write.holding import held_in, hold
from gpt2studio.app.write.orders import Order
from gpt2studio.app.write.page import Room
from gpt2studio.errors import EngineError, StudioError
from gpt2studio.wire.messages import Distribution


class InspectorPage(SurprisePage, GoingOn):
    """The page, with a token of it under the glass."""

    def __init__(self, room: Room) -> None:
        super().__init__(room)
        self.spot: Spot | None = None
        """The token that the inspector shows."""
        self._as_drawn = True
        """Whether a drawn token is shown after the sampling that it was drawn with."""
        self.between = False
        """Whether they take token by token: the list is of what could come in between, not of what stands there."""
        self._asking = 0
        self._came_from: tuple[int, bool] | None = None
        """Where the person was writing when they began to look: the cursor, and whether in the prompt line."""
        self.desk.looking = lambda: self._came_from is not None and self.manuscript.inspected is not None

    # --- commands ----------------------------------------------------------------------------------------------------

    def action_inspect(self) -> None:
        """The token at the cursor, or back to the page."""
        if self.alternatives.has_focus and self._came_from is not None:
            self._leave_drawer()
            return
        self.desk.note_place()
        self._came_from = self.manuscript.cursor_offset, self.desk.at_end
        self.between = False
        self._as_drawn = True
        self._enter_drawer(self.alternatives)
        self._look_ahead()

    @on(Inspector.Walked)
    def _walked(self, event: Inspector.Walked) -> None:
        """To the token before or after."""
        spot = self.spot
        if spot is None:
            return
        length = self.manuscript.plain_document.length
        place = spot.start - 1 if event.by < 0 else max(spot.end, spot.start)
        if 0 <= place <= length:
            self.desk.at_end = place == length
            self.manuscript.cursor_offset = place
            self.between = False
            self._as_drawn = True
            self._look_ahead()

    @on(Inspector.Switched)
    def _switched(self) -> None:
        if self.spot is not None and not self._drew(self.spot):
            self.notify(f"Only {self.spot.model}, which drew it, can show it as it was drawn.", markup=False, timeout=4)
            return
        self._as_drawn = not self._as_drawn
        self._look_ahead()

    @on(Alternatives.Taken)
    def _token_taken(self, event: Alternatives.Taken) -> None:
        """Go on with that token: what stood after the place stays as a branch."""
        spot = self.spot
        if spot is not None and spot.question.token == event.alternative.token:
            return  # it stands there already
        self._came_from = None  # from now on they write here
        if spot is not None and not spot.coming and spot.start < self.manuscript.plain_document.length:
            self.writer.stop()
            if spot.end < self.manuscript.plain_document.length:
                self.notify(
                    "What stood from there on stays as a branch: Ctrl+Z goes back to it.",
                    markup=False,
                    timeout=5,
                )
            self._cut_before(spot)
            place = spot.start
        else:
            place = self.place
        self.go_on(Order(place, self.writing_settings, single=True, token=event.alternative.token))

    def _cut_before(self, spot: Spot) -> None:
        """Take the text back to before a token; the road that it was on stays."""
        story = self.desk.story
        here = story.road()[-1]
        if spot.node == here.id and here.parent is not None and (found := story.origin(spot.start)) is not None:
            # A road beside the continuation, not below it: both are found at one fork.
            parent, node, length = here.parent, here.id, found.offset
            self.desk.travel(lambda: [*story.go(parent), *(story.take(node, length) if length else [])])
        else:
            try:
                rest = self.manuscript.plain_document.length - spot.start
                self.desk.mirror([story.edit(spot.start, rest, "", cause="choice")])
            except StudioError as error:
                self.desk.complain(error)
        self.manuscript.cursor_offset = spot.start

    def _enter_drawer(self, pane: Widget) -> None:
        knobs = self.query_one("#knobs")
        knobs.add_class("-open")
        knobs.set_class(pane is self.alternatives, "-inspecting")
        if pane.region:
            self.set_focus(pane)
        else:  # it can be given the keys once it is there
            self.call_after_refresh(self.set_focus, pane)

    def _leave_drawer(self) -> None:
        self.query_one("#knobs").remove_class("-open", "-inspecting")
        self.manuscript.inspected = None
        if self._came_from is not None and self._under_glass:  # to look is not to move
            self.manuscript.cursor_offset, self.desk.at_end = self._came_from
        self._came_from = None
        self.back_to_page()

    @on(Inspector.SentAsked)
    def action_sent(self) -> None:
        """What the model read for the token under the glass, or for the newest continuation."""
        from gpt2studio.app.write.sent import sent
        from gpt2studio.app.write.sent_screen import SentScreen

        story = self.desk.story
        node = self.spot.node if self.spot is not None and self._under_glass else None
        if node is None and (last := story.last_generation) is not None:
            node = last.node
        if node is None:
            self.notify("The model has written nothing here yet.", markup=False)
            return
        try:
            self.app.push_screen(SentScreen(sent(story, node)))
        except (StudioError, OSError) as error:
            self.notify(str(error), severity="error", markup=False)

    @work
    async def action_hold(self) -> None:
        """Memory, and a note near the end, for the model to read beside the story."""
        from gpt2studio.app.write.hold import HoldScreen

        story = self.desk.story
        if story.read_only:
            self.notify("This text is read-only here.", markup=False)
            return
        held = await self.app.push_screen_wait(HoldScreen(held_in(story), self._count_of))
        if held is not None:
            hold(story, held)
            self._changed()

    def _count_of(self, text: str) -> int | None:
        scored = self.surprise.text
        return scored.count(text) if scored is not None else None

    # --- what happens ------------------------------------------------------------------------------------------------

    def _look_ahead(self) -> None:
        """Ask about the token at the cursor, or the next one."""
        self._asking += 1
        self._spawn(partial(self._inspect, self._asking))

    def forget_ahead(self) -> None:
        """What could come next is another matter now."""
        self._asking += 1
        self.spot = None
        self.manuscript.inspected = None

    async def _inspect(self, number: int) -> None:
        if self.room.link.state.loaded is None:
            self.alternatives.inspect(None, None)
            return
        spot = await self._spot()
        settings = self.writing_settings
        drawn = spot.made is not None and self._as_drawn and self._drew(spot)
        changes: dict[str, Any] = {} if drawn else {"sampling": settings.sampling, "style": settings.style}
        if not self._drew(spot):
            changes["draw"] = None  # it chose among what another model expected
        try:
            answer = await self.room.link.call(asked(spot, self.room.link.new_id(), ROWS, **changes))
        except EngineDied:
            return  # of which the link tells
        except EngineError as error:
            if number == self._asking:
                titled = [f"{visible(spot.text)}:"] if spot.text else []
                self.spot = spot
                self.alternatives.inspect(None, None, " ".join([*titled, error.message, error.hint]))
                self.manuscript.inspected = (spot.start, spot.end) if self._under_glass else None
            return
        if number != self._asking or not isinstance(answer, Distribution):
            return
        self.spot = spot
        again = answer.drawn is None or answer.drawn.token == spot.question.token
        self.alternatives.inspect(self._card(spot, drawn, again), answer)
        self.manuscript.inspected = (spot.start, spot.end) if self._under_glass else None

    async def _spot(self) -> Spot:
        text, place = self.manuscript.text, self.place
        if place < len(text) and self.subject is not None and not (self.between and self._under_glass):
            scored = await self.surprise.read(self.subject)
            if scored is not None and scored.text == text and (found := spot_at(self.desk.story, scored, place)):
                return found
        return next_after(text, place, held_in(self.desk.story))

    @property
    def _under_glass(self) -> bool:
        return self.alternatives.has_focus

    def _drew(self, spot: Spot) -> bool:
        """Whether the model that is held drew it, as far as is known; a run's model has another name in a trainer."""
        choice, loaded = self.room.link.state.choice, self.room.link.state.loaded
        if choice is None or loaded is None or not spot.model:
            return True
        return spot.model == choice.name or spot.model_path == loaded.model

    def _card(self, spot: Spot, drawn: bool, again: bool) -> Card:
        if spot.coming:
            return Card("the next token", "what could come now", "by your sampling")
        title = visible(spot.text) or "‹nothing›"
        if spot.made is None:
            return Card(title, "yours", "by your sampling")
        by = f"by {spot.model}" if spot.model else "the model’s"
        if spot.file is not None:
            by = f"from {shown(spot.file) or 'this story'}"
        if not self._drew(spot):
            choice = self.room.link.state.choice
            return Card(title, by, f"judged by {choice.name if choice is not None else 'another model'}")
        if spot.file is not None:
            return Card(title, by, "Alt+S opens the source")
        how = "as it was drawn" if again else "as drawn, but not repeatable now"
        return Card(title, by, how if drawn else "by your sampling · s: as drawn")
