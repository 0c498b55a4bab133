"""The Models screen: the models at hand at full size, and what is known of the one in view."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, OptionList, Static

from gpt2studio.app.shown import shown
from gpt2studio.app.widgets.models_pane import ModelsPane
from gpt2studio.app.wording import magnitude, size
from gpt2studio.library.installed import InstalledModel


class ModelsScreen(Screen[None]):
    """Chooses the model that writes. The studio's own commands work here as everywhere."""

    CSS_PATH = "models.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "app.write", "Back to writing", show=True)]

    def __init__(self, models: tuple[InstalledModel, ...] = (), current: str = "") -> None:
        super().__init__()
        self._models, self._current = models, current
        self.pane = ModelsPane()
        self._about = Static("", id="about", markup=False)

    def compose(self) -> ComposeResult:
        """The table, and the card of the model that is highlighted."""
        yield self.pane
        with VerticalScroll(id="card") as card:
            card.can_focus = False
            card.border_title = "Card"
            yield self._about
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Show what is known so far."""
        self.pane.show(self._models, self._current)
        self.query_one(OptionList).focus()

    def show(self, models: tuple[InstalledModel, ...], current: str) -> None:
        """These models are at hand now, and this one writes."""
        self._models, self._current = models, current
        if self.is_mounted:
            self.pane.show(models, current)

    @on(OptionList.OptionHighlighted)
    def _looked_at(self, event: OptionList.OptionHighlighted) -> None:
        """Show the card of the model in view."""
        if event.option_index < len(self._models):
            self._about.update(_card(self._models[event.option_index]))


def _card(model: InstalledModel) -> Content:
    """What is known of a model, in a few lines."""
    numbers = [
        f"{magnitude(model.parameters)} parameters" if model.parameters else "",
        f"a window of {model.n_positions:,} tokens" if model.n_positions else "",
        f"{size(model.size)} on disk" if model.size else "",
    ]
    card = model.card
    lines = [
        Content.assemble((model.name, "bold"), f"  {card.title if card else model.label}"),
        Content(", ".join(number for number in numbers if number)),
        Content(model.note or (card.about if card else "")),
        Content.assemble((shown(str(model.path)), "$text-muted")),
    ]
    return Content("\n").join(line for line in lines if line.plain)
