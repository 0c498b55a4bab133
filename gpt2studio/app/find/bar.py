"""The find bar: what to look for, what to put in its place, and how many there are."""

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Checkbox, Input, Static

from gpt2studio.app.common.wording import fitting
from gpt2studio.app.find.finding import Wanted

_KEYS = (
    "Enter next · ↑ previous · Tab to replace · Alt+C capitals · Alt+R pattern · Alt+A all · Esc",
    "Enter, ↑ · Tab replace · Alt+C, Alt+R switch · Alt+A all · Esc",
    "Enter, ↑ · Tab · Alt+C · Alt+R · Alt+A all · Esc",
)


class Tick(Checkbox):
    """A switch that says without colour whether it is on."""

    DEFAULT_CSS = """
    Tick { width: auto; margin: 0 3 0 0; padding: 0; border: none; background: transparent; }
    Tick:focus { border: none; & > .toggle--label { text-style: reverse; background: transparent; } }
    """

    @property
    def _button(self) -> Content:
        return Content("[x]" if self.value else "[ ]")


class FindBar(Vertical):
    """Two lines to type in, two switches, a button. Enter goes on; in the second line it replaces."""

    HELP = "Enter or ↓ next, ↑ previous. Tab, then Enter replaces. Alt+C capitals, Alt+R pattern, Alt+A all."

    DEFAULT_CSS = """
    FindBar {
        height: 5;
        display: none;
        border: round $border-blurred;
        border-title-color: $foreground;
        border-subtitle-color: $text-muted;
        background: $background;
        padding: 0 1;
        &.-open { display: block; }
        &:focus-within { border: round $border; }
        &.-fault { border-subtitle-color: $text-error; }
        & Horizontal { height: 1; }
        & .label { width: 9; color: $text-muted; }
        & Input { width: 1fr; height: 1; border: none; padding: 0; background: $boost; color: $ink-person; }
        & Input:focus { border: none; background: $surface; background-tint: $background 0%; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("shift+enter,up", "step(-1)", "Previous", show=False, priority=True, id="find.previous"),
        Binding("down", "step(1)", "Next", show=False, priority=True, id="find.next"),
        Binding("tab", "turn(1)", "Next field", show=False, priority=True, id="find.field-next"),
        Binding("shift+tab", "turn(-1)", "Previous field", show=False, priority=True, id="find.field-previous"),
        Binding("alt+c", "flip('case')", "Capitals", show=False, priority=True, id="find.case"),
        Binding("alt+r", "flip('pattern')", "Pattern", show=False, priority=True, id="find.pattern"),
        Binding("alt+a", "all", "Replace all", show=False, priority=True, id="find.all"),
    ]

    @dataclass
    class Changed(Message):
        """Something else is looked for."""

        wanted: Wanted

    @dataclass
    class Stepped(Message):
        """The person wants to see another one."""

        by: int

    @dataclass
    class Replaced(Message):
        """The person wants the one that is looked at replaced, or all."""

        every: bool

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.border_title = "Find"
        self._fault = ""
        self.line = Input(select_on_focus=False)
        self.put = Input(select_on_focus=False)
        self.case = Tick("Capitals matter")
        self.pattern = Tick("Pattern")
        self.button = Button("Replace all", compact=True)
        self._turns = (self.line, self.put, self.case, self.pattern, self.button)

    def compose(self) -> ComposeResult:
        """The two lines, the switches below them."""
        with Horizontal():
            yield Static("Find", classes="label")
            yield self.line
        with Horizontal():
            yield Static("Replace", classes="label")
            yield self.put
        with Horizontal():
            yield self.case
            yield self.pattern
            yield self.button

    @property
    def is_open(self) -> bool:
        """Whether it is on screen."""
        return self.has_class("-open")

    @property
    def wanted(self) -> Wanted:
        """What is looked for."""
        return Wanted(self.line.value, self.pattern.value, self.case.value)

    def open(self, text: str = "") -> None:
        """Come on screen, with this to look for."""
        self.add_class("-open")
        if text:
            self.line.value = text
        self.line.focus()
        self.line.select_all()

    def close(self) -> None:
        """Leave the screen."""
        self.remove_class("-open", "-fault")

    def say(self, words: str) -> None:
        """Say how many there are; the keys stay in sight."""
        self._say(words, "")

    def refuse(self, fault: str) -> None:
        """Say what is wrong, in place of the keys."""
        self._say("", fault)

    def _say(self, words: str, fault: str) -> None:
        self._fault = fault
        self.set_class(bool(fault), "-fault")
        self.border_title = Content(f"Find · {words}" if words else "Find").markup
        self.on_resize()

    def on_resize(self) -> None:
        """Name as many of the keys as there is room for."""
        said = self._fault or fitting(_KEYS, self.size.width) or _KEYS[-1]
        self.border_subtitle = Content(said).markup

    # --- acting ------------------------------------------------------------------------------------------------------

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.input is self.line:
            self.post_message(self.Changed(self.wanted))

    @on(Checkbox.Changed)
    def _switched(self, event: Checkbox.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(self.wanted))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Replaced(every=False) if event.input is self.put else self.Stepped(1))

    @on(Button.Pressed)
    def action_all(self) -> None:
        """Replace all."""
        self.post_message(self.Replaced(every=True))

    def action_step(self, by: int) -> None:
        """To the next one, or the one before."""
        self.post_message(self.Stepped(by))

    def action_turn(self, by: int) -> None:
        """To the next field, or the one before."""
        here = next((index for index, each in enumerate(self._turns) if each.has_focus), 0)
        self.screen.set_focus(self._turns[(here + by) % len(self._turns)])

    def action_flip(self, which: str) -> None:
        """Turn a switch."""
        (self.case if which == "case" else self.pattern).toggle()
