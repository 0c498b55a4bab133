"""The form of a new run: what it learns from, how, and what that will take, until a person starts it."""

from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Input, Static
from textual.worker import Worker

from gpt2studio.app.common.key_bar import KeyBar
from gpt2studio.app.common.shown import shown
from gpt2studio.app.dialogs.pick_file import Pick, PickFileScreen
from gpt2studio.app.models.choose_model import ChooseModelScreen
from gpt2studio.app.train.new.draft import FieldFault, advice, default, suited
from gpt2studio.app.train.new.fields import (
    AFTER,
    HELD_OUT_PATHS,
    MODEL,
    NAME,
    NOW,
    TEXTS,
    WHEN,
)
from gpt2studio.app.train.new.filling import Filling, NewRunRoom
from gpt2studio.app.train.new.form import RunForm
from gpt2studio.app.train.new.outlook import takes_content, text_content
from gpt2studio.app.train.new.rows import ChoiceControl, PickControl
from gpt2studio.app.train.new.starting import EXAMPLE, Order, begin, check_disk, check_free, texts_in_words
from gpt2studio.app.train.new.study import Study
from gpt2studio.errors import StudioError
from gpt2studio.library.installed import InstalledModel
from gpt2studio.runs.sources import KINDS

_REST = 0.25
"""Seconds without a change after which the form is looked through."""


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
        self.filled = room.filled
        self.filling = Filling(room)
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
        yield KeyBar()

    def on_mount(self) -> None:
        """Fill in what is known."""
        self._text.border_title, self._takes.border_title = "The text", "What it will take"
        self.form.fill(self.filled.values)
        if WHEN not in self.filled.values:
            self.form.set_default(WHEN, AFTER if self.room.busy else NOW)
        self.form.focus_field(TEXTS)
        self._look_through()

    def on_unmount(self) -> None:
        """Find out no more."""
        self.study.stop()

    # --- what stands in the form -------------------------------------------------------------------------------------

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
        draft = self.filling.draft
        self._faults = {fault.id: fault for fault in draft.faults()}
        try:
            check_free(self.filling.run_name, self.filling.runs, self.room.models(), latest=self.filling.latest)
        except FieldFault as fault:
            self._faults.setdefault(NAME, fault)
        known = next((each for each in self.room.models() if each.path == draft.model), None)
        self.study.training_memory = known.memory_to_train if known is not None else 0
        if self.filling.goes_on:
            self.study.stop()
        elif not any(id != NAME for id in self._faults):
            # Whatever the run is called, a name that cannot be used too: the text is counted all the same.
            unnamed = {id: text for id, text in draft.values.items() if id != NAME}
            self.study.take(replace(draft, values=unnamed).recipe())
        self._draw()

    # --- drawing -----------------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        """Show what is known by now."""
        if not self.is_mounted:
            return
        study, draft = self.study, self.filling.draft
        texts = texts_in_words(self.filling.texts)
        self.form.pick(TEXTS).show(texts, default=self.filling.texts == (str(EXAMPLE),))
        self.form.pick(MODEL).show(self.filling.model[0], default=self.filled.model is None)
        held_out = self.filled.held_out
        self.form.pick(HELD_OUT_PATHS).show(texts_in_words(held_out) or "a share of the text", default=not held_out)
        if study.recipe is not None:
            whole = study.whole
            for id in self.form.lines:
                usual = (
                    self.filling.free_name
                    if id == NAME
                    else default(id, study.recipe, whole and suited(whole, draft.values, whole.schedule.steps or 0))
                )
                self.form.show_default(id, usual)
        # The field stands under More, and nobody should wonder why the run does not begin.
        waits = self.form.value(WHEN) == AFTER
        self.form.border_subtitle = "begins when the other runs have ended" if waits else ""
        faults = self._all_faults
        self.form.mark(faults)
        width = max(20, self._text.size.width)
        _put(self._text, text_content(study, width))
        _put(self._takes, self._own() if self.filling.goes_on else takes_content(study, width))
        self._advise(faults)

    @property
    def _all_faults(self) -> dict[str, StudioError]:
        """What cannot be used, by field."""
        fault = None if self.filling.goes_on else self.study.fault
        return {**({TEXTS: fault} if fault is not None else {}), **self._faults}

    def _own(self) -> Content:
        return Content.styled(
            f"“{shown(self.filling.run_name)}” goes on from its last checkpoint, with its own text and settings. "
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
            models = self.filling.networks
            self.app.push_screen(ChooseModelScreen(models, self.filling.model[0]), self._take_model)
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
        models = self.filling.networks
        if event.field == MODEL and models:
            at = next((index for index, model in enumerate(models) if model.path == self.filling.model[1]), 0)
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
        order = self.filling.order(self.study.whole, after=self.form.value(WHEN) == AFTER)
        parameters = self.study.counted.parameters if self.study.counted is not None else 0
        self.study.stop()
        self._beginning = True
        self.run_worker(lambda: self._begin(order, parameters), thread=True)

    def _begin(self, order: Order, parameters: int) -> None:
        try:
            if not self.filling.goes_on:
                check_disk(order.recipe, parameters, self.filling.runs)
            name = begin(self.filling.runs, order)
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
        if not self.filling.goes_on:
            chosen = () if self.filling.texts == (str(EXAMPLE),) else self.filling.texts
            self.room.memory.change(replace(self.room.memory.memory, texts=chosen))
        self.filled.clear()
        self.dismiss(name)


def _put(pane: Static, content: Content) -> None:
    """Show this, if it is not there."""
    if pane.content != content:
        pane.update(content)


_TITLES = {TEXTS: "Texts to learn from", HELD_OUT_PATHS: "A text to measure with"}
_FOLD = "Enter shows or hides all the other settings. F5 starts the run with what stands here."
