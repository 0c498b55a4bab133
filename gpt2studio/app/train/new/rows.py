"""The rows of a form: a label, and what a person types, chooses or picks beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from gpt2studio.app.common.shown import shown
from gpt2studio.app.common.wording import clipped

LABEL = 15
"""Cells of a row before what is filled in."""


class FormRow(Horizontal):
    """One field: its label, and the control that the keys go to."""

    DEFAULT_CSS = f"""
    FormRow {{
        height: 1;
        & > .label {{ width: {LABEL}; color: $text-muted; text-wrap: nowrap; }}
        & > .control {{ width: 1fr; height: 1; background: transparent; text-wrap: nowrap; }}
        & > Input.control {{ border: none; padding: 0; }}
        & > Input.control > .input--placeholder {{ color: $text-muted; }}
        &:focus-within > .label {{ color: $foreground; text-style: bold; }}
        &:focus-within {{ background: $boost; }}
        &.-faulty > .label, &.-faulty > .control {{ color: $text-error; }}
    }}
    """

    def __init__(self, id: str, label: str, control: Widget) -> None:
        super().__init__()
        self.field = id
        self._label = label
        self.label = Static(label, classes="label", markup=False)
        self.control = control
        control.add_class("control")

    def compose(self) -> ComposeResult:
        """Label and control."""
        yield self.label
        yield self.control

    def mark(self, faulty: bool) -> None:
        """Show whether what stands here cannot be used: by a sign as well as by colour."""
        if faulty != self.has_class("-faulty"):
            self.set_class(faulty, "-faulty")
            self.label.update(f"✗ {self._label}" if faulty else self._label)


class LineControl(Input):
    """A line to type in; empty, it shows the default."""

    def __init__(self, id: str) -> None:
        super().__init__(select_on_focus=True, compact=True)
        self.field = id


class ChoiceControl(Static, can_focus=True):
    """One of a few values; ← → change it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "change(-1)", "Before", show=False),
        Binding("right,space,enter", "change(1)", "Next", show=False),
    ]

    @dataclass
    class Changed(Message):
        """Another value was chosen."""

        field: str
        value: str

    def __init__(self, id: str, choices: Mapping[str, str]) -> None:
        super().__init__(markup=False)
        self.field = id
        self.choices = choices
        self.value = next(iter(choices))
        self._in_view = False

    def on_mount(self) -> None:
        """Show the value."""
        self.show(self.value)

    def show(self, value: str) -> None:
        """Have this value chosen."""
        self.value = value
        words = self.choices.get(value, value)
        self.update(f"‹ {words} ›" if self._in_view else words)

    def on_focus(self, event: events.Focus) -> None:
        """Show that it can be changed."""
        self._in_view = True
        self.show(self.value)

    def on_blur(self, event: events.Blur) -> None:
        """Show the value alone."""
        self._in_view = False
        self.show(self.value)

    def on_click(self, event: events.Click) -> None:
        """The next value."""
        self.action_change(1)

    def action_change(self, by: int) -> None:
        """The value after or before this one, and round again."""
        values = list(self.choices)
        at = values.index(self.value) if self.value in values else 0
        self.show(values[(at + by) % len(values)])
        self.post_message(self.Changed(self.field, self.value))


class PickControl(Static, can_focus=True):
    """Something that is chosen in a dialog: Enter opens it; ← → step where there is a list to step through."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "open", "Choose", show=False),
        Binding("left", "step(-1)", "Before", show=False),
        Binding("right", "step(1)", "Next", show=False),
        Binding("delete,backspace", "clear", "Clear", show=False),
    ]

    @dataclass
    class Opened(Message):
        """A person wants to choose."""

        field: str
        typed: str = ""

    @dataclass
    class Stepped(Message):
        """A person wants the one after, or before."""

        field: str
        by: int

    @dataclass
    class Cleared(Message):
        """A person wants none."""

        field: str

    def __init__(self, id: str) -> None:
        super().__init__(markup=False)
        self.field = id
        self._text, self._default = "", False

    def show(self, text: str, *, default: bool = False) -> None:
        """Show what is chosen; muted where it is a default."""
        if (text, default) != (self._text, self._default):
            self._text, self._default = text, default
            self._draw()

    def on_resize(self, event: events.Resize) -> None:
        """Draw for the new width."""
        self._draw()

    def _draw(self) -> None:
        text = clipped(shown(self._text), max(4, self.size.width or 40))
        self.update(Content.styled(text, "$text-muted" if self._default else ""))

    def on_click(self, event: events.Click) -> None:
        """Open the dialog."""
        self.action_open()

    def on_key(self, event: events.Key) -> None:
        """What is typed begins a path."""
        if event.is_printable and event.character and event.character != " ":
            event.stop()
            self.post_message(self.Opened(self.field, event.character))

    def action_open(self) -> None:
        """Open the dialog."""
        self.post_message(self.Opened(self.field))

    def action_step(self, by: int) -> None:
        """The one after, or before."""
        self.post_message(self.Stepped(self.field, by))

    def action_clear(self) -> None:
        """None."""
        self.post_message(self.Cleared(self.field))


class FoldControl(Static, can_focus=True):
    """A heading that shows or hides what is under it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,space,right,left", "fold", "More", show=False)]

    @dataclass
    class Folded(Message):
        """It was opened or closed."""

        open: bool

    def __init__(self, label: str) -> None:
        super().__init__(markup=False)
        self.field = ""
        self._label = label
        self.open = False

    def on_mount(self) -> None:
        """Draw it closed."""
        self._draw()

    def _draw(self) -> None:
        self.update(f"{'▾' if self.open else '▸'} {self._label}")

    def show(self, open: bool) -> None:
        """Show whether it is open."""
        self.open = open
        self._draw()

    @on(events.Click)
    def action_fold(self) -> None:
        """Open it, or close it."""
        self.open = not self.open
        self._draw()
        self.post_message(self.Folded(self.open))
