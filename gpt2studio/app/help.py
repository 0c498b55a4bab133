"""The Help screen: every command with its keys, on one page."""

from collections.abc import Mapping
from itertools import groupby
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from gpt2studio.app.commands import key_name, keys_in_force

_MORE = (
    (
        "In the manuscript",
        (
            ("Shift+arrows", "Select; the mouse does too."),
            ("Ctrl+C · X · V", "Copy, cut, paste."),
            ("Ctrl+Home · End", "To the start and the end of the text."),
            ("Ctrl+← · →", "A word back and forth. Ctrl+W deletes one."),
        ),
    ),
    (
        "In the prompt line",
        (("↑ ↓", "The lines that you typed before."), ("Enter", "The line joins, the model goes on.")),
    ),
    (
        "In the candidates",
        (
            ("1 – 9", "Take that one, whole or up to the chosen word."),
            ("↑ ↓ · ← →", "Another one · a word more or less."),
            ("Enter · g · Esc", "Take it · others · none: all stay as branches."),
        ),
    ),
    (
        "In the tree of branches",
        (
            ("h j k l · arrows", "Move, fold and unfold; Z all."),
            ("Enter · c · v", "Go there · compare with the text now, or with the one picked by v."),
            ("m · r · / · n N", "Star · name · search · next and previous found."),
            ("d · t · u · E", "Throw away · the trash · bring back · empty it."),
        ),
    ),
    (
        "While finding",
        (
            ("Enter ↓ · ↑", "Next · previous."),
            ("Tab, Enter · Alt+A", "Replace this one · all of them."),
            ("Alt+C · Alt+R", "Capitals matter · a regular expression. Tab and Space do it too."),
        ),
    ),
    (
        "In the sampling and the alternatives",
        (
            ("↑ ↓", "Choose."),
            ("← →", "Change a number; with Shift in larger steps. Enter or digits type it."),
            ("n · p", "All neutral · the next preset."),
            ("1 – 9", "Take that token."),
        ),
    ),
)


class HelpScreen(ModalScreen[None]):
    """What there is to do, and by which key; any of the usual keys leaves it."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f1,q,enter,f2", "dismiss", "Back", show=False)]

    def __init__(self, keys: Mapping[str, str], settings: str) -> None:
        super().__init__()
        self._keys = keys
        self._settings = settings

    def compose(self) -> ComposeResult:
        """Groups of commands, each a line; then the panes' own keys, and how to change keys."""
        with VerticalScroll(id="help") as page:
            page.border_title = "Keys"
            page.border_subtitle = "Esc"
            rows = list(keys_in_force(self._keys))
            for group, commands in groupby(rows, key=lambda row: row[0].group):
                yield Static(Content(group), classes="group")
                for command, keys in commands:
                    yield from _line(_keys_of(keys), command.help, command.id)
            for title, lines in _MORE:
                yield Static(Content(title), classes="group")
                for key, text in lines:
                    yield from _line(key, text)
            keys_file = f"Any command can have other keys, by the dim name behind it: [keys] in {self._settings}."
            yield Static(Content(keys_file), classes="group")

    def on_mount(self) -> None:
        """Let the arrows scroll."""
        self.query_one(VerticalScroll).focus()


def _keys_of(keys: tuple[str, ...]) -> str:
    return " · ".join(key_name(key) for key in keys) or "in the palette"


def _line(key: str, text: str, name: str = "") -> ComposeResult:
    """What a key does, and the name under which it can be bound to another."""
    with Horizontal(classes="line"):
        yield Static(Content(key), classes="key")
        yield Static(Content.assemble(text, "  ", (name, "$text-disabled")), classes="text")
