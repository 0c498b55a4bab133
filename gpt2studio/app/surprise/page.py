"""How sure the model was: the surprise map over the page."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.widgets import TextArea

from gpt2studio.app.stories.page import StoriesPage
from gpt2studio.app.surprise.legend import Perplexities
from gpt2studio.app.surprise.surprise_map import Subject, SurpriseMap
from gpt2studio.app.write.holding import held_in
from gpt2studio.app.write.orders import Progress
from gpt2studio.app.write.page import Room

if TYPE_CHECKING:
    from gpt2studio.app.surprise.scores import Measure, ScoredText
    from gpt2studio.stories.export import Exhibit


class SurprisePage(StoriesPage):
    """The page, with what the model thought of its words."""

    def __init__(self, room: Room) -> None:
        super().__init__(room)
        self.surprise = SurpriseMap(room.link, self._in_sight, self._show_map)
        self.mapped = False
        """Whether the map is on."""
        self._measure: Measure | None = None

    # --- commands ----------------------------------------------------------------------------------------------------

    def action_surprise(self) -> None:
        """The map on, or off."""
        self.mapped = not self.mapped
        self.legend.set_class(self.mapped, "-on")
        if self.mapped:
            self._say_measure()
            self._map()
        else:
            self.surprise.pause()
            self.manuscript.shading = None

    def action_surprise_measure(self) -> None:
        """Show the next measure on the map, which is put on."""
        from gpt2studio.app.surprise.scores import Measure

        if not self.mapped:
            self.action_surprise()
            return
        measures = list(Measure)
        self._measure = measures[(measures.index(self.measure) + 1) % len(measures)]
        self._say_measure()
        self._show_map()

    @property
    def measure(self) -> "Measure":
        """What the map shows."""
        from gpt2studio.app.surprise.scores import Measure

        return self._measure or Measure.PROBABILITY

    # --- what happens ------------------------------------------------------------------------------------------------

    def show_story(self) -> None:
        """Show the story that is on the desk now."""
        self.surprise.forget()
        super().show_story()

    @on(TextArea.Changed)
    def _text_changed(self) -> None:
        """Typing comes before the map."""
        self.surprise.pause()

    def _progressed(self, progress: Progress) -> None:
        if self.writer.busy:
            self.surprise.pause()
        super()._progressed(progress)

    def _rested(self) -> None:
        super()._rested()
        if self.mapped and not self.writer.busy:
            self._map()

    def _map(self) -> None:
        """Score what is not known, unless the model is writing."""
        subject = self.subject
        if subject is None or self.writer.busy:
            self._show_map()
        elif self.surprise.text is None or self.surprise.text.text != subject.text or not self._complete():
            self._spawn(partial(self.surprise.rest, subject))
        else:
            self._show_map()

    def _complete(self) -> bool:
        """Whether what is in sight, and the rest where it is not too long, is known."""
        text = self.surprise.text
        return text is not None and text.known == len(text)

    @property
    def subject(self) -> Subject | None:
        """The text, and the model that is to judge it; None while there is none."""
        state = self.room.link.state
        if state.choice is None or state.choice.vocabulary is None or state.loaded is None:
            return None
        held = held_in(self.desk.story)
        return Subject(self.manuscript.text, state.choice.vocabulary, state.loaded.n_positions, held)

    def _in_sight(self) -> tuple[int, int]:
        """Where the part of the text that is on screen begins and ends."""
        return self.manuscript.offsets_in_sight()

    async def _judged(self, tell: Callable[[int, int], None]) -> "Exhibit":
        """The text with what the model that is held thinks of every token, where it can."""
        from gpt2studio.stories.export import Judged

        exhibit, subject = self._exhibit(), self.subject
        if subject is None or subject.text != exhibit.text:
            return exhibit
        scored = await self.surprise.whole(subject, tell)
        tokens = [
            Judged(int(id), int(start), int(end), *scored.values(n)[:2])
            for n, (id, start, end) in enumerate(zip(scored.ids, scored.starts, scored.ends, strict=True))
        ]
        choice = self.room.link.state.choice
        return replace(exhibit, tokens=tokens, model=choice.name if choice is not None else "")

    # --- shown -------------------------------------------------------------------------------------------------------

    def _say_measure(self) -> None:
        from gpt2studio.app.surprise.scores import WORDS

        self.legend.measure, self.legend.words = str(self.measure), WORDS[self.measure]

    def _show_map(self) -> None:
        """Shade the words, and say how perplexing they are."""
        if not self.mapped:
            return
        text = self.surprise.text
        waiting = "The map waits for the model." if self.room.link.state.loaded is None else ""
        self.legend.trouble = self.surprise.trouble or waiting
        if text is None or self.legend.trouble:
            self.manuscript.shading = None
        elif text.text == self.manuscript.text:
            from gpt2studio.app.surprise.shading import Shading

            self.manuscript.shading = Shading(text.starts, text.ends, text.bands(self.measure))
            self.legend.perplexities = self._perplexities(text)

    def _perplexities(self, text: "ScoredText") -> Perplexities:
        document, selection = self.manuscript.plain_document, self.manuscript.selection
        start, end = sorted(document.offset_of(place) for place in selection)
        line = selection.end[0]
        first, last = document.offset_of((line, 0)), document.offset_of((line, len(document.exact_lines[line])))
        return Perplexities(
            selection=text.perplexity(start, end) if end > start else None,
            paragraph=text.perplexity(first, last),
            story=text.perplexity(0, document.length),
            read=text.known / max(1, len(text)),
        )
