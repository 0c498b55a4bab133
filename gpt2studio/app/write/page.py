"""The page: what the Write screen shows of the story, the model and the engine."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import TextArea
from textual.worker import Worker

from gpt2studio.app.candidates.candidates import Candidates
from gpt2studio.app.common.key_bar import KeyBar
from gpt2studio.app.common.shown import shown
from gpt2studio.app.common.sparing import SparingCompositor
from gpt2studio.app.common.wording import clipped
from gpt2studio.app.engine.link import EngineLink, EngineState
from gpt2studio.app.find.bar import FindBar
from gpt2studio.app.inspector.inspector import Inspector
from gpt2studio.app.manuscript.manuscript import Manuscript
from gpt2studio.app.memory import MemoryFile
from gpt2studio.app.sampling.panel import SamplingPanel
from gpt2studio.app.sampling.writing_settings import WritingSettings
from gpt2studio.app.surprise.legend import Legend
from gpt2studio.app.texts.source_line import SourceLine
from gpt2studio.app.write import status
from gpt2studio.app.write.desk import Desk
from gpt2studio.app.write.holding import held_in
from gpt2studio.app.write.model_line import ModelLine
from gpt2studio.app.write.orders import Doing, Progress
from gpt2studio.app.write.prompt_line import PromptLine
from gpt2studio.app.write.tally import Count, Subject, Tally, seen_tokens
from gpt2studio.app.write.window_bar import WindowBar
from gpt2studio.app.write.writer import Writer
from gpt2studio.errors import StudioError
from gpt2studio.paths import Places
from gpt2studio.stories.about import first_words
from gpt2studio.wire.lines import build
from gpt2studio.wire.messages import Started
from gpt2studio.wire.sampling import Sampling

if TYPE_CHECKING:  # late: the first paint needs none of these
    from gpt2studio.app.models.pane import ModelsPane
    from gpt2studio.app.train.pane import RunsPane
    from gpt2studio.library.cards import Card

_HINTS = ("Write a line, Enter: the model goes on.", "Enter: the model goes on.", "Write here.")
_ELSEWHERE = (
    "Tab: write here. F5: the model goes on at the cursor.",
    "Tab: write here. F5: go on at cursor.",
    "Tab: write here.",
)
_CALM = 0.3
"""Seconds between two changes of the numbers that are shown while the model writes."""
_SOON = 1 / 200
"""Seconds until a change is painted, with those that come meanwhile."""
_DRAFT = "draft"
_REST = 0.3
"""Seconds without a change after which the text is counted, and what could come next is asked for."""


@dataclass(frozen=True, slots=True)
class Room:
    """What the Write screen works with."""

    desk: Desk
    link: EngineLink
    memory: MemoryFile
    settings: WritingSettings
    stories: Path
    """The folder of stories."""
    presets: Mapping[str, Sampling]
    """Named ways to choose the next token."""
    places: Places


class Page(Screen[None]):
    """The manuscript, the prompt line below it, the docks beside it and the foot."""

    CSS_PATH = "write.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]
    AUTO_FOCUS = None

    def __init__(self, room: Room) -> None:
        super().__init__()
        self._compositor = SparingCompositor()
        self._painting: Timer | None = None
        self.room = room
        self.desk = room.desk
        # Kept by name, not looked up: an answer may still come when the screen is already being taken down.
        self.prompt_line = PromptLine(room.memory.memory.lines, _HINTS, _ELSEWHERE)
        self.sampling_panel = SamplingPanel(room.settings, room.presets)
        self.alternatives = Inspector()
        self.candidates = Candidates()
        self.find_bar = FindBar()
        self.legend = Legend()
        self.source_line = SourceLine()
        self.models_dock: ModelsPane
        self.runs_dock: RunsPane
        self.window_bar = WindowBar()
        self.model_line = ModelLine()
        self._at_hand = Vertical(id="at-hand", classes="dock")
        self._paper = Vertical(id="page")
        self._knobs = Vertical(id="knobs", classes="dock")
        self.writer = Writer(room.desk, room.link, self._spawn)
        self.writer.on_progress = self._got_on
        self._tally = Tally()
        self._rest: Timer | None = None
        self._seen: Started | None = None
        self._words = 0
        self._held = (0, 0)
        self._told = 0.0
        self._work = ""
        self.on_written: Callable[[int, float], None] = lambda tokens, speed: None
        """Told of every continuation that has ended: its tokens, and how many came a second."""
        self._live_step: int | None = None

    def _spawn(self, work: Callable[[], Coroutine[Any, Any, None]]) -> Worker[None]:
        """Have work done beside the app's own; given as a function, since work that never begins must not be lost."""
        return self.run_worker(work)

    @property
    def _update_timer(self) -> Timer:
        """Paints what has changed. Textual's own looks sixty times a second, and after a slow paint misses two."""
        if self._painting is None:
            self._painting = self.set_interval(_SOON, self._on_timer_update, name="screen_update", pause=True)
        return self._painting

    def compose(self) -> ComposeResult:
        """The page in the middle, models to its left, sampling to its right, the foot below."""
        with Horizontal(id="room"):
            yield self._at_hand
            with self._paper:
                yield self.desk.manuscript
                yield self.prompt_line
            yield self._knobs
        with Horizontal(id="foot"):
            yield self.window_bar
            yield self.model_line
        yield KeyBar()

    async def furnish(self) -> None:
        """Put up the docks, and all that opens later: the page is painted before, and with nothing of it in the way."""
        from gpt2studio.app.models.pane import ModelsPane
        from gpt2studio.app.serve.serving_line import ServingLine
        from gpt2studio.app.train.pane import RunsPane
        from gpt2studio.app.train.run_line import RunLine

        self.models_dock = ModelsPane(id="models-dock")
        self.runs_dock = RunsPane(nothing="None yet. F4: train.", id="runs-dock")
        with self.app.batch_update():
            await self._at_hand.mount(self.models_dock, self.runs_dock)
            await self._knobs.mount(self.sampling_panel, self.alternatives)
            await self._paper.mount(self.legend, self.source_line, self.find_bar, before=self.prompt_line)
            await self.mount(self.candidates, ServingLine(), RunLine(), before="#foot")

    @property
    def manuscript(self) -> Manuscript:
        """The page itself."""
        return self.desk.manuscript

    @property
    def writing_settings(self) -> WritingSettings:
        """How the model is to go on."""
        return self.sampling_panel.settings

    def on_mount(self) -> None:
        """Show the story, and begin where the person can write at once."""
        self.set_class(not self.room.memory.memory.docks, "-no-docks")
        self.show_story()
        self.show_engine(self.room.link.state)

    def show_story(self) -> None:
        """Show the story that is on the desk now."""
        self.desk.show()
        self.prompt_line.begin(str(self.desk.story.notes.get(_DRAFT, "")))
        self.sampling_panel.settings = self._kept_settings()
        self.show_title()
        self.back_to_page()
        self._progressed(self.writer.progress)
        self._changed()

    def note_draft(self) -> None:
        """Keep with the story what stands in the prompt line, to be there when it is opened again."""
        story, draft = self.desk.story, self.prompt_line.value
        if not story.read_only and story.notes.get(_DRAFT, "") != draft:
            story.note(_DRAFT, draft, worth=bool(draft))

    def _kept_settings(self) -> WritingSettings:
        """How the model went on in this story last; where that is not known, as it is to go on now."""
        try:
            kept: WritingSettings = build(WritingSettings, self.desk.story.notes["writing"])
        except (KeyError, StudioError):
            return self.writing_settings
        return kept

    def take_card(self, card: "Card | None") -> None:
        """Take up what is known of the model that writes: what it is, and how it reads best."""
        self.prompt_line.say(_sayings(card))
        best = build(Sampling, card.sampling) if card is not None else Sampling()
        own = {card.name: best} if card is not None and card.sampling else {}
        self.sampling_panel.presets = {**own, **self.room.presets}
        if "writing" not in self.desk.story.notes:
            self.sampling_panel.settings = replace(self.writing_settings, sampling=best)

    # --- what happens ------------------------------------------------------------------------------------------------

    def show_engine(self, state: EngineState) -> None:
        """The engine has news."""
        if self.is_mounted:
            self._progressed(self.writer.progress)
            if state.loaded is not None and not self.writer.busy:
                self._changed()

    def show_live(self, step: int | None) -> None:
        """The run whose weights write is at this step now; None where others write."""
        if step != self._live_step:
            self._live_step = step
            self._show_model()

    def _got_on(self, progress: Progress) -> None:
        """The model has got on, or stopped: of an end others are told, once."""
        self._progressed(progress)
        if progress.doing is Doing.IDLE and progress.tokens:
            self.on_written(progress.tokens, progress.speed)

    def _progressed(self, progress: Progress) -> None:
        """Show how far the model is; while it writes a few times a second, the text itself being on screen at once.

        What a frame changes lies close together then: between a row of the text and the foot all panes are painted.
        """
        writing = progress.doing is Doing.WRITING
        if writing and progress.seen is self._seen and monotonic() - self._told < _CALM:
            return
        self._told = monotonic()
        state = self.room.link.state
        line = status.doing(progress, state, self.desk.story.position()) or status.about_script(progress)
        self.manuscript.say_below(line)
        if writing:
            self._writing(progress)
        else:
            self.refresh_bindings()
            self._changed()
        self._show_model()

    def _show_model(self) -> None:
        model = status.model(self.room.link.state, self.writer.progress, self._live_step)
        self.model_line.show(f"{self._work} · {model}" if self._work else model)

    def show_work(self, words: str) -> None:
        """Say what else is under way, beside the model."""
        if words != self._work:
            self._work = words
            self._show_model()

    def _writing(self, progress: Progress) -> None:
        """Keep up with what the model sees."""
        seen = progress.seen
        if seen is None:
            return
        if seen is not self._seen:
            self._seen = seen
            self.manuscript.outside = seen.window_start
        self._show_window(seen.tokens + progress.tokens, self._words + progress.words)

    def show_title(self) -> None:
        """Put the story's name into the border, a mark behind it where a file lacks something."""
        story = self.desk.story
        name = story.path.name if story.path is not None else story.title or self._first_words()
        marks = ("*" if story.unsaved else "") + (" · read-only" if story.read_only else "")
        title = Content(shown(name) + marks)
        if self.manuscript.border_title != title.markup:
            self.manuscript.border_title = title

    @on(Manuscript.Rewrapped)
    def _rewrapped(self) -> None:
        """The title has more room now, or less; a dock may have come into sight."""
        if self.is_mounted:
            self.show_title()
            self._changed()

    def _first_words(self) -> str:
        """What a story without a title is known by, in quotes."""
        words = clipped(first_words(self.manuscript.text), max(16, 2 * self.manuscript.size.width // 3))
        return f"“{words}”" if words else "Untitled"

    @on(TextArea.Changed)
    @on(TextArea.SelectionChanged)
    def _changed(self) -> None:
        """The text or the place has changed: count again when it rests."""
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(_REST, self._rested)

    def _rested(self) -> None:
        self.show_title()
        if self.writer.busy:
            return
        state, text, at = self.room.link.state, self.manuscript.text, self.place
        folder = state.choice.vocabulary if state.choice is not None else None
        subject = Subject(text, at, folder, held_in(self.desk.story), self.manuscript.selected_text)
        self._spawn(partial(self._tally.count, subject, self._counted))
        if self.alternatives.region and not self.writer.busy:
            self._look_ahead()

    def _counted(self, count: Count) -> None:
        self._words, self._held = count.words, (count.memory, count.note)
        if not self.writer.busy:
            self._show_window(count.tokens, count.words, count.selected)

    def _show_window(self, tokens: int, words: int, selected: str = "") -> None:
        """Show how much of so many tokens the model sees."""
        loaded = self.room.link.state.loaded
        positions = loaded.n_positions if loaded is not None else 0
        seen = seen_tokens(tokens, positions, *self._held) if positions else tokens
        self.window_bar.show(tokens, seen, positions, words, sum(self._held), selected)

    def _look_ahead(self) -> None:
        """Ask what could come at the place where the person is."""

    def forget_ahead(self) -> None:
        """What could come next is another matter now."""

    def back_to_page(self) -> Widget:
        """Where the person wrote last, which has the keys again."""
        page = self.prompt_line if self.desk.at_end else self.manuscript
        self.prompt_line.point(here=page is self.prompt_line)  # also where it has never had the keys
        self.set_focus(page)
        return page

    @property
    def place(self) -> int:
        """Where the model would go on: at the cursor, or at the end where the prompt line was written in last."""
        return self.manuscript.plain_document.length if self.desk.at_end else self.manuscript.cursor_offset

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Remember where the person writes, whatever pane they look at next."""
        if event.widget in (self.manuscript, self.prompt_line):
            self.desk.at_end = event.widget is self.prompt_line
            self._changed()


def _sayings(card: "Card | None") -> tuple[str, ...]:
    """What the model is, for lines of less and less room."""
    if card is None or not card.title:
        return ()
    said = f"{card.name}: {card.title}"
    return f"{said} · F3 for others", said, card.title, card.name
