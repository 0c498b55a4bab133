"""The form of a new run: what it learns from, how, and what that will take, until a person starts it."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Footer, Input, Static
from textual.worker import Worker

from gpt2studio.app.memory import MemoryFile
from gpt2studio.app.model_choice import ModelChoice
from gpt2studio.app.run_draft import Draft, FieldFault, advice, default, suited
from gpt2studio.app.run_fields import (
    AFTER,
    FRESH,
    HELD_OUT_PATHS,
    LATEST,
    MODEL,
    NAME,
    NOW,
    START_FROM,
    STEPS,
    TEXTS,
    WHEN,
)
from gpt2studio.app.run_starting import EXAMPLE, Order, begin, check_disk, check_free, model_for, texts_in_words
from gpt2studio.app.run_study import Study
from gpt2studio.app.screens.choose_model import ChooseModelScreen
from gpt2studio.app.screens.pick_file import Pick, PickFileScreen
from gpt2studio.app.shown import shown
from gpt2studio.app.widgets.form_rows import ChoiceControl, PickControl
from gpt2studio.app.widgets.run_form import RunForm
from gpt2studio.app.widgets.run_outlook import takes_content, text_content
from gpt2studio.errors import StudioError
from gpt2studio.library.installed import InstalledModel
from gpt2studio.paths import Places
from gpt2studio.runs.registry import Runs
from gpt2studio.runs.sources import KINDS

_REST = 0.25
"""Seconds without a change after which the form is looked through."""


@dataclass(slots=True)
class Filled:
    """What a person has put into the form, kept while the studio is open."""

    texts: tuple[str, ...] = ()
    held_out: tuple[str, ...] = ()
    model: tuple[str, Path] | None = None
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewRunRoom:
    """What the form works with."""

    places: Places
    memory: MemoryFile
    models: Callable[[], Sequence[InstalledModel]]
    """The models at hand, as far as they have been found."""
    choice: ModelChoice | None
    """The model that writes."""
    busy: bool
    """Whether a run is under way."""
    filled: Filled


class NewRunScreen(Screen[str | None]):
    """Fills in a new run; the name of the run that was begun, None where the person leaves without."""

    CSS_PATH = "new_run.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]
    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5,ctrl+j", "start", "Start", priority=True, id="continue"),
        Binding("escape", "leave", "Back", priority=True),
        Binding("down", "move(1)", "Next", show=False, priority=True),
        Binding("up", "move(-1)", "Previous", show=False, priority=True),
        Binding("enter", "move(1)", "Next", show=False),
    ]

    def __init__(self, room: NewRunRoom) -> None:
        super().__init__()
        self.room = room
        self.runs = Runs(room.places.runs)
        self.filled = room.filled
        self.study = Study(room.places.state, self._spawn, self.call_later, self._draw)
        self.form = RunForm()
        self._text = Static("", id="text", classes="pane", markup=False)
        self._takes = Static("", id="takes", classes="pane", markup=False)
        self._advice = Static("", id="advice", markup=False)
        self._rest: Timer | None = None
        self._faults: dict[str, StudioError] = {}
        self._beginning = False
        self._dialog: PickFileScreen | None = None

    def _spawn(self, work: Coroutine[Any, Any, None]) -> Worker[None]:
        return self.run_worker(work, group="study", exit_on_error=False)

    def compose(self) -> ComposeResult:
        """The form, the text and what it takes beside it, a word on the field in view below."""
        with Horizontal(id="new-run"):
            yield self.form
            with Vertical(id="beside"):
                yield self._text
                yield self._takes
        yield self._advice
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Fill in what is known."""
        self._text.border_title, self._takes.border_title = "The text", "What it will take"
        self._free_name = self.runs.free_name()
        self.form.fill(self.filled.values)
        self.form.set_default(WHEN, AFTER if self.room.busy else NOW)
        self.form.focus_field(TEXTS)
        self._look_through()

    def on_unmount(self) -> None:
        """Find out no more."""
        self.study.stop()

    # --- what stands in the form -------------------------------------------------------------------------------------

    @property
    def texts(self) -> tuple[str, ...]:
        """What it learns from: what was chosen here or before, else the example."""
        return self.filled.texts or self.room.memory.memory.texts or (str(EXAMPLE),)

    @property
    def model(self) -> tuple[str, Path]:
        """Name and place of the model that it begins from."""
        return self.filled.model or model_for(self.room.choice, self.room.models())

    @property
    def run_name(self) -> str:
        """How it is to be called."""
        return self.filled.values.get(NAME, "").strip() or self._free_name

    @property
    def _latest(self) -> bool:
        return self.filled.values.get(START_FROM, FRESH) == LATEST

    @property
    def goes_on(self) -> bool:
        """Whether a run that is there goes on, by its own recipe."""
        return self._latest and (self.runs.folder / self.run_name / "recipe.json").exists()

    @property
    def draft(self) -> Draft:
        """What stands in the form."""
        name, path = self.model
        values = {id: text for id, text in self.filled.values.items() if text.strip()}
        return Draft(texts=self.texts, held_out=self.filled.held_out, model=path, parent=name, values=values)

    @on(Input.Changed)
    @on(ChoiceControl.Changed)
    def _filled_in(self, event: Input.Changed | ChoiceControl.Changed) -> None:
        event.stop()
        source = event.input if isinstance(event, Input.Changed) else event
        self.filled.values[getattr(source, "field", "")] = event.value
        self._changed()

    def _changed(self) -> None:
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(_REST, self._look_through)

    def _look_through(self) -> None:
        """Check what stands there, and have the text counted and the run measured anew where that is called for."""
        draft = self.draft
        self._faults = {fault.id: fault for fault in draft.faults()}
        try:
            check_free(self.run_name, self.runs, self.room.models(), latest=self._latest)
        except FieldFault as fault:
            self._faults.setdefault(NAME, fault)
        known = next((each for each in self.room.models() if each.path == draft.model), None)
        self.study.training_memory = known.memory_to_train if known is not None else 0
        if self.goes_on:
            self.study.stop()
        elif not any(id != NAME for id in self._faults):
            self.study.take(draft.recipe())
        self._draw()

    # --- drawing -----------------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        """Show what is known by now."""
        if not self.is_mounted:
            return
        study, draft = self.study, self.draft
        texts = texts_in_words(self.texts)
        self.form.pick(TEXTS).show(texts, default=self.texts == (str(EXAMPLE),))
        self.form.pick(MODEL).show(self.model[0], default=self.filled.model is None)
        held_out = self.filled.held_out
        self.form.pick(HELD_OUT_PATHS).show(texts_in_words(held_out) or "a share of the text", default=not held_out)
        if study.recipe is not None:
            whole = study.whole
            for id in self.form.lines:
                usual = (
                    self._free_name
                    if id == NAME
                    else default(id, study.recipe, whole and suited(whole, draft.values, whole.schedule.steps or 0))
                )
                self.form.show_default(id, usual)
        faults = self._all_faults
        self.form.mark(faults)
        width = max(20, self._text.size.width)
        _put(self._text, text_content(study, width))
        _put(self._takes, self._own() if self.goes_on else takes_content(study, width))
        self._advise(faults)

    @property
    def _all_faults(self) -> dict[str, StudioError]:
        """What cannot be used, by field."""
        fault = None if self.goes_on else self.study.fault
        return {**({TEXTS: fault} if fault is not None else {}), **self._faults}

    def _own(self) -> Content:
        return Content.styled(
            f"“{shown(self.run_name)}” goes on from its last checkpoint, with its own text and settings. "
            "Steps are how many more.",
            "$text-muted",
        )

    def _advise(self, faults: dict[str, StudioError]) -> None:
        """A word on the field that has the keys: what is wrong with it, else what it is for."""
        id = self.form.field_in_view
        fault = faults.get(id)
        self._advice.set_class(fault is not None, "-faulty")
        said = advice(id, self.study.recipe, self.study.counted) if id else _FOLD
        _put(self._advice, Content(f"✗ {shown(fault.message)} {shown(fault.hint)}" if fault is not None else said))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Another field, another word of advice."""
        self._advise(self._all_faults)

    def on_resize(self, event: events.Resize) -> None:
        """Draw for the new width."""
        self.call_after_refresh(self._draw)

    # --- keys --------------------------------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """To the next field, or the one before."""
        self.form.move(by)

    @on(PickControl.Opened)
    def _opened(self, event: PickControl.Opened) -> None:
        if event.field == MODEL:
            if event.typed:
                return
            models = [model for model in self.room.models() if model.parameters]
            self.app.push_screen(ChooseModelScreen(models, self.model[0]), self._take_model)
            return
        if self._dialog is not None:  # typed faster than it opens
            self._dialog.type(event.typed)
            return

        def take(paths: tuple[Path, ...] | None) -> None:
            self._dialog = None
            if paths:
                self._take_texts(event.field, tuple(map(str, paths)))

        pick = Pick(title=_TITLES[event.field], suffixes=KINDS, folders=True, several=True)
        self._dialog = PickFileScreen(pick, self.room.memory, event.typed)
        self.app.push_screen(self._dialog, take)

    def _take_texts(self, id: str, paths: tuple[str, ...]) -> None:
        if id == TEXTS:
            self.filled.texts = paths or (str(EXAMPLE),)
        else:
            self.filled.held_out = paths
        self._look_through()

    def _take_model(self, model: InstalledModel | None) -> None:
        if model is not None:
            self.filled.model = model.name, model.path
            self._look_through()

    @on(PickControl.Stepped)
    def _stepped(self, event: PickControl.Stepped) -> None:
        models = [model for model in self.room.models() if model.parameters]
        if event.field == MODEL and models:
            at = next((index for index, model in enumerate(models) if model.path == self.model[1]), 0)
            self._take_model(models[(at + event.by) % len(models)])

    @on(PickControl.Cleared)
    def _cleared(self, event: PickControl.Cleared) -> None:
        """Back to the default."""
        if event.field == TEXTS:
            self._take_texts(TEXTS, ())
        elif event.field == HELD_OUT_PATHS:
            self.filled.held_out = ()
        else:
            self.filled.model = None
        self._look_through()

    def action_leave(self) -> None:
        """Leave without a run; what was filled in is there the next time."""
        self.dismiss(None)

    def action_start(self) -> None:
        """Begin the run with what stands in the form."""
        if self._beginning:
            return
        self._look_through()
        if faults := self._all_faults:
            id = next(iter(faults))
            self.form.focus_field(id)
            self.app.bell()
            self._draw()
            return
        draft, steps = self.draft, self.filled.values.get(STEPS, "")
        recipe, whole = draft.recipe(), self.study.whole
        if whole is not None and whole.schedule.steps:
            recipe = suited(recipe, draft.values, whole.schedule.steps)
        order = Order(
            name=self.run_name,
            recipe=recipe,
            latest=self._latest,
            more=recipe.schedule.steps if steps.strip() else None,
            after=self.form.value(WHEN) == AFTER,
        )
        parameters = self.study.counted.parameters if self.study.counted is not None else 0
        self.study.stop()
        self._beginning = True
        self.run_worker(lambda: self._begin(order, parameters), thread=True)

    def _begin(self, order: Order, parameters: int) -> None:
        try:
            if not self.goes_on:
                check_disk(order.recipe, parameters, self.runs)
            name = begin(self.runs, order)
        except StudioError as error:
            self.call_later(self._could_not, error)
        else:
            self.call_later(self._begun, name)

    def _could_not(self, error: StudioError) -> None:
        self._beginning = False
        self._look_through()
        if isinstance(error, FieldFault):
            self._faults[error.id] = error
            self.form.focus_field(error.id)
            self._draw()
        else:
            self.notify(error.hint, title=error.message, severity="error", markup=False, timeout=10)

    def _begun(self, name: str) -> None:
        if not self.goes_on:
            chosen = () if self.texts == (str(EXAMPLE),) else self.texts
            self.room.memory.change(replace(self.room.memory.memory, texts=chosen))
        self.filled.values.clear()
        self.filled.texts, self.filled.held_out, self.filled.model = (), (), None
        self.dismiss(name)


def _put(pane: Static, content: Content) -> None:
    """Show this, if it is not there."""
    if pane.content != content:
        pane.update(content)


_TITLES = {TEXTS: "Texts to learn from", HELD_OUT_PATHS: "A text to measure with"}
_FOLD = "Enter shows or hides all the other settings. F5 starts the run with what stands here."
