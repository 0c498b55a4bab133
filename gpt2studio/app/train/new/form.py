"""The rows of a new run's form: the fields that everybody sees, and the rest folded away."""

from collections.abc import Collection, Iterator, Mapping

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from gpt2studio.app.train.new.fields import FIRST, MORE, Entry, Field
from gpt2studio.app.train.new.rows import ChoiceControl, FoldControl, FormRow, LineControl, PickControl

Control = LineControl | ChoiceControl | PickControl


class RunForm(VerticalScroll, can_focus=False):
    """The fields in their order, each with its control."""

    def __init__(self) -> None:
        super().__init__(id="form", classes="pane")
        self.border_title = "New run"
        self._fold = FoldControl("More")
        self._rows: dict[str, FormRow] = {field.id: _row(field) for field in FIRST}
        for group in MORE:
            self._rows.update({field.id: _row(field) for field in group.fields})

    def compose(self) -> ComposeResult:
        """The first fields; the others under headings, out of sight until they are asked for."""
        for field in FIRST:
            yield self._rows[field.id]
        yield self._fold
        for group in MORE:
            yield Static(group.title, classes="group", markup=False)
            for field in group.fields:
                self._rows[field.id].add_class("more")
                yield self._rows[field.id]

    @property
    def lines(self) -> Iterator[str]:
        """The fields that are typed."""
        return (id for id, row in self._rows.items() if isinstance(row.control, LineControl))

    @property
    def field_in_view(self) -> str:
        """The field that has the keys; empty for the fold."""
        return next((id for id, row in self._rows.items() if row.control is self.screen.focused), "")

    def pick(self, id: str) -> PickControl:
        """The control of a field that is chosen in a dialog."""
        control = self._rows[id].control
        assert isinstance(control, PickControl)
        return control

    def value(self, id: str) -> str:
        """What is chosen or typed."""
        control = self._rows[id].control
        assert isinstance(control, LineControl | ChoiceControl)
        return control.value

    def fill(self, values: Mapping[str, str]) -> None:
        """Put these values in."""
        for id, value in values.items():
            control = self._rows[id].control
            if isinstance(control, LineControl):
                control.value = value
            elif isinstance(control, ChoiceControl):
                control.show(value)
        self._open(any(value.strip() and self._rows[id].has_class("more") for id, value in values.items()))

    def set_default(self, id: str, value: str) -> None:
        """Have this chosen, where the person has not."""
        control = self._rows[id].control
        assert isinstance(control, ChoiceControl)
        control.show(value)

    def show_default(self, id: str, text: str) -> None:
        """What the field comes to while it is empty."""
        control = self._rows[id].control
        assert isinstance(control, LineControl)
        if control.placeholder != text:
            control.placeholder = text

    def mark(self, faulty: Collection[str]) -> None:
        """Show which fields cannot be used."""
        for id, row in self._rows.items():
            row.mark(id in faulty)

    def focus_field(self, id: str) -> None:
        """Give the keys to a field, wherever it is."""
        row = self._rows[id]
        if row.has_class("more") and not self._fold.open:
            self._open(True)
            self.call_after_refresh(self.screen.set_focus, row.control)
        else:
            self.screen.set_focus(row.control)

    def move(self, by: int) -> None:
        """Give the keys to the next field in sight, or the one before; round the ends."""
        controls: list[FoldControl | Control] = []
        for id, row in self._rows.items():
            if not row.has_class("more"):
                controls.append(self._control(id))
        controls.append(self._fold)
        if self._fold.open:
            controls += [self._control(id) for id, row in self._rows.items() if row.has_class("more")]
        # The screen knows at once who has the keys; the control is told a moment later.
        at = next((index for index, control in enumerate(controls) if control is self.screen.focused), -by)
        self.screen.set_focus(controls[(at + by) % len(controls)])  # at once: the next key may be on its way

    def _control(self, id: str) -> Control:
        control = self._rows[id].control
        assert isinstance(control, LineControl | ChoiceControl | PickControl)
        return control

    def _open(self, more: bool) -> None:
        self._fold.show(more)
        self.set_class(more, "-more")

    @on(FoldControl.Folded)
    def _folded(self, event: FoldControl.Folded) -> None:
        event.stop()
        self.set_class(event.open, "-more")


def _row(field: Field) -> FormRow:
    control: Control
    if field.entry in (Entry.TEXTS, Entry.MODEL):
        control = PickControl(field.id)
    elif field.choices is not None:
        control = ChoiceControl(field.id, field.choices)
    else:
        control = LineControl(field.id)
    return FormRow(field.id, field.label, control)
