"""The dialog that finds models to fetch: the published ones, and any GPT-2 on the hub by words of its name."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual import events, on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from gpt2studio.app.common.background import ask
from gpt2studio.app.common.pane_list import PaneList
from gpt2studio.app.common.shown import shown
from gpt2studio.app.common.wording import clipped, count, counted, magnitude, size
from gpt2studio.app.dialogs.dialog import Dialog, line
from gpt2studio.errors import StudioError
from gpt2studio.formats.shape import Shape
from gpt2studio.library.cards import Card, published
from gpt2studio.library.needs import Needs
from gpt2studio.library.speed import usual_type
from gpt2studio.runs.machine import total_memory

if TYPE_CHECKING:
    from gpt2studio.library.download import Found


_USUAL = "124M"
"""The model that the dialog begins at: the one that most people mean by GPT-2."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A row: a model that can be fetched."""

    name: str
    """What to ask for."""
    figures: str
    about: str

    @classmethod
    def of_card(cls, card: Card, here: bool, memory: int = 0) -> "Offered":
        """A published one; *memory* are the bytes that this machine has, 0 where it does not tell."""
        about = "installed · " * here + card.title
        figures = [magnitude(card.parameters), size(card.weights_bytes)]
        if memory and card.n_layer:
            figures.append("fits" if _needed(card) <= memory else "does not fit")
        return cls(card.name, " · ".join(filter(None, figures)), about)

    @classmethod
    def of_found(cls, found: "Found", here: bool) -> "Offered":
        """One of the hub's."""
        words = ["installed" if here else "", found.licence, "asks for conditions" if found.gated else ""]
        figures = [magnitude(found.parameters) if found.parameters else "", f"{count(found.downloads)} fetched it"]
        return cls(found.repository, " · ".join(filter(None, figures)), " · ".join(filter(None, words)))


def _needed(card: Card) -> int:
    """Bytes of memory that writing with it takes."""
    shape = Shape(
        vocab_size=card.vocab_size,
        n_positions=card.n_positions,
        n_embd=card.n_embd,
        n_layer=card.n_layer,
        n_head=card.n_head,
        end_token=None,
    )
    return Needs.of(shape, usual_type(shape)).writing


class FindModelsScreen(Dialog[str]):
    """Chooses a model to fetch: its name, or its repository on the hub."""

    TITLE_WORDS = "Download a model"
    KEYS = "↑ ↓ choose · Enter · Esc"
    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "choose(1)", "Next", show=False, priority=True),
        Binding("up", "choose(-1)", "Previous", show=False, priority=True),
        Binding("pagedown", "choose(10)", "Page down", show=False, priority=True),
        Binding("pageup", "choose(-10)", "Page up", show=False, priority=True),
    ]

    def __init__(self, installed: Collection[str]) -> None:
        """*installed*: names and repositories of what is at hand."""
        super().__init__()
        self._installed = {name.casefold() for name in installed}
        there = total_memory()
        self._cards = [Offered.of_card(card, self._here(card.name, card.hub), there) for card in published()]
        self._found: list[Offered] = []
        self._rows: list[Offered] = []
        self._searched = ""
        self._line = line(placeholder="124M, or words of a name on the hub, or OWNER/NAME")
        self._options = PaneList(led=True)
        self._options.can_focus = False

    def fields(self) -> tuple[Widget, ...]:
        """The line to type in, and what there is."""
        return self._line, self._options

    def on_mount(self) -> None:
        """Show the published ones."""
        self.query_one("#dialog").add_class("-tall")
        self._line.add_class("-alone")
        self.call_after_refresh(self._show)

    def on_resize(self, event: events.Resize) -> None:
        """Draw for the new width."""
        self.call_after_refresh(self._show)

    def _here(self, *names: str) -> bool:
        return any(name.casefold() in self._installed for name in names)

    @property
    def _typed(self) -> str:
        return self._line.value.strip()

    @on(Input.Changed)
    def _narrow(self) -> None:
        """The published ones narrow at once; the hub is asked for when the person says so."""
        self._searched, self._found = "", []
        self._options.highlighted = None
        self._show()
        self.say("")

    def _show(self) -> None:
        words = self._typed.casefold().split()
        cards = [each for each in self._cards if all(word in f"{each.name} {each.about}".casefold() for word in words)]
        self._rows = [*cards, *self._found]
        if "/" in self._typed:
            self._rows.insert(0, Offered(self._typed, "", "on the hub"))
        elif words and self._searched != self._typed:
            self._rows.append(Offered("", "", f"Search the hub for “{self._typed}”"))
        options = self._options
        before = options.highlighted
        options.clear_options()
        options.add_options([Option(self._drawn(each)) for each in self._rows])
        usual = next((index for index, row in enumerate(self._rows) if row.name == _USUAL), 0)
        options.highlighted = min(usual if before is None else before, len(self._rows) - 1) if self._rows else None

    def _drawn(self, each: Offered) -> Content:
        width = max(30, self._options.size.width - 2)
        if not each.name:
            return Content(clipped(shown(each.about), width))
        name = clipped(shown(each.name), width - cell_len(each.figures) - 2)
        gap = " " * max(2, width - cell_len(name) - cell_len(each.figures))
        about = clipped(shown(each.about), width - 2)
        return Content.assemble(name, gap, (each.figures, "$text-muted"), "\n  ", (about, "$text-muted"))

    def action_choose(self, by: int) -> None:
        """Move among the rows without leaving the line."""
        if self._rows:
            self._options.highlighted = min(max((self._options.highlighted or 0) + by, 0), len(self._rows) - 1)

    def action_accept(self) -> None:
        """Take the row in view."""
        if (at := self._options.highlighted) is not None:
            self._take(self._rows[at])

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self._take(self._rows[event.option_index])

    def _take(self, row: Offered) -> None:
        if row.name:
            self.dismiss(row.name)
        else:
            self._search(self._typed)

    def _search(self, words: str) -> None:
        from gpt2studio.library.download import search

        self.say(f"Searching the hub for “{words}” …")
        ask(self, lambda: search(words), partial(self._answered, words), partial(self._failed, words))

    def _answered(self, words: str, found: "list[Found]") -> None:
        if words != self._typed:
            return
        self._searched = words
        known = {card.hub for card in published()}
        self._found = [
            Offered.of_found(each, self._here(each.repository)) for each in found if each.repository not in known
        ]
        self._show()
        count_found = counted(len(self._found), "model")
        self.say(f"{count_found} found on the hub." if found else "The hub has no GPT-2 with that in its name.")

    def _failed(self, words: str, error: StudioError) -> None:
        if words == self._typed:
            self.refuse(error)
