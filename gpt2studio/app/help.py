"""The Help screen: every command with its keys, on one page."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from gpt2studio.app.commands import STOCKING, TRAIN, key_name, keys_in_force

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
        "In the list of stories",
        (
            ("Enter", "Open it: a story, or a file that was edited."),
            ("Ctrl+D", "Throw it away; out of the trash: for good."),
            ("Tab", "What was thrown away, to be put back by Enter, and back."),
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


_PLACES: Mapping[str, str] = {
    "ModelsScreen": STOCKING,
    "TrainScreen": TRAIN,
    "Candidates": "In the candidates",
    "TreeScreen": "In the tree of branches",
    "OpenStoryScreen": "In the list of stories",
    "FindBar": "While finding",
    "SamplingPanel": "In the sampling and the alternatives",
    "Inspector": "In the sampling and the alternatives",
}
"""Of widgets and screens that have keys of their own, by the names of their classes, the group that lists them."""


class HelpScreen(ModalScreen[None]):
    """What there is to do, and by which key; any of the usual keys leaves it."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f1,q,enter,f2", "dismiss", "Back", show=False)]

    def __init__(self, keys: Mapping[str, str], settings: str, place: str = "") -> None:
        """*place* is the group of keys that it opens at; empty: the first."""
        super().__init__()
        self._keys = keys
        self._settings = settings
        self._place = place

    def compose(self) -> ComposeResult:
        """Groups of commands, each a line; then the panes' own keys, and how to change keys."""
        with VerticalScroll(id="help") as page:
            page.border_title = "Keys"
            page.border_subtitle = "Esc"
            rows = list(keys_in_force(self._keys))
            for group, commands in groupby(rows, key=lambda row: row[0].group):
                yield _title(group)
                for command, keys in commands:
                    yield from _line(_keys_of(keys), command.help, command.id)
            for title, lines in _MORE:
                yield _title(title)
                for key, text in lines:
                    yield from _line(key, text)
            keys_file = (
                f"Any command can have other keys, by the dim name in brackets behind it: [keys] in {self._settings}."
            )
            yield Static(Content(keys_file), classes="group")

    def on_mount(self) -> None:
        """Let the arrows scroll, from the keys of where the person is."""
        page = self.query_one(VerticalScroll)
        page.focus()
        for title in self.query(".group"):
            if title.name == self._place:
                self.call_after_refresh(page.scroll_to_widget, title, top=True, animate=False)


def place_of(nodes: Iterable[object]) -> str:
    """The group of keys that fits the first of these, a focused widget and all that it lies in; else none."""
    return next((_PLACES[name] for node in nodes if (name := type(node).__name__) in _PLACES), "")


def _title(group: str) -> Static:
    return Static(Content(group), name=group, classes="group")


def _keys_of(keys: tuple[str, ...]) -> str:
    return " · ".join(key_name(key) for key in keys) or "in the palette"


def _line(key: str, text: str, name: str = "") -> ComposeResult:
    """What a key does, and the name under which it can be bound to another."""
    with Horizontal(classes="line"):
        yield Static(Content(key), classes="key")
        yield Static(Content.assemble(text, (f"  ({name})" if name else "", "$text-disabled")), classes="text")
