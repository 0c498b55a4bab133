"""The models at hand, for a person to choose from: a table where there is room, a list in the dock."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from gpt2studio.app.wording import clipped, count, magnitude, size
from gpt2studio.library.installed import InstalledModel

FULL = 64
"""Cells from which the pane is a table."""
GAP = "  "
HERE = "● "
"""Stands before the model that writes now."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table: its title, and whether numbers stand to the right in it."""

    title: str
    right: bool = False
    rank: int = 0
    """Where there is no room for all columns, the one of the highest rank goes first; 0 stays."""


COLUMNS = (
    Column("  Model"),
    Column("Parameters", True),
    Column("Window", True, 2),
    Column("Tokens", True, 4),
    Column("Number type", False, 3),
    Column("On disk", True),
    Column("From", False, 1),
)


class ModelsPane(Widget):
    """The installed models; Enter or a click chooses the one that is to write."""

    HELP = "The models at hand. ↑ ↓ choose, Enter has that one write."

    DEFAULT_CSS = """
    ModelsPane {
        border-title-color: $text-muted;
        border-subtitle-color: $text-muted;
        height: 1fr;
        & > #columns { height: 1; color: $text-muted; text-wrap: nowrap; }
        & > OptionList { height: 1fr; background: transparent; border: none; padding: 0; text-wrap: nowrap; }
        & > OptionList:focus { border: none; }
        & > OptionList > .option-list--option-highlighted {
            background: $boost;
            color: $foreground;
            text-style: none;
        }
        & > OptionList:focus > .option-list--option-highlighted {
            background: $block-cursor-blurred-background;
            color: $foreground;
            text-style: none;
        }
        & > #nothing { display: none; padding: 1 2; color: $text-muted; }
        &.-nothing > OptionList { display: none; }
        &.-nothing > #nothing { display: block; }
        &:focus-within { border-title-color: $foreground; }
        &.-compact > #columns, &.-nothing > #columns { display: none; }
    }
    """

    models: reactive[tuple[InstalledModel, ...]] = reactive(())
    """What is at hand."""
    current: reactive[str] = reactive("")
    """The name of the model that writes now."""
    compact: reactive[bool] = reactive(True, toggle_class="-compact")
    """Whether there is room for names and sizes alone."""

    @dataclass
    class Chosen(Message):
        """A person has chosen a model."""

        model: InstalledModel
        pane: "ModelsPane"

        @property
        def control(self) -> "ModelsPane":
            """The pane that it was chosen in."""
            return self.pane

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.border_title = "Models"
        self._drawn: tuple[InstalledModel, ...] = ()

    def compose(self) -> ComposeResult:
        """A line of column titles, the list, and a word in its place where it would be empty."""
        yield Static("", id="columns", markup=False)
        yield OptionList(markup=False)
        yield Static("No model is at hand. gpt2studio --model PATH opens one.", id="nothing", markup=False)

    def show(self, models: Sequence[InstalledModel], current: str) -> None:
        """Show these models, and mark the one that writes now."""
        self.current = current
        self.models = tuple(models)

    def on_resize(self, event: events.Resize) -> None:
        """A table where there is room for one."""
        self.compact = event.size.width < FULL
        self._draw()

    def watch_models(self) -> None:
        """Draw them anew."""
        self._draw()

    def watch_current(self) -> None:
        """Draw them anew."""
        self._draw()

    def _draw(self) -> None:
        if not self.is_mounted:
            return
        self.set_class(not self.models, "-nothing")
        options = self.query_one(OptionList)
        highlighted = self._name_at(options.highlighted) or self.current
        options.clear_options()
        titles, *rows = self._table()
        self.query_one("#columns", Static).update(titles)
        for model, row in zip(self.models, rows, strict=True):
            prompt = (
                self._short(model)
                if self.compact
                else Content.assemble((row[: len(HERE)], "$accent"), row[len(HERE) :], _note(model))
            )
            options.add_option(Option(prompt))
        self._drawn = self.models
        options.highlighted = next(
            (index for index, model in enumerate(self.models) if model.name == highlighted), 0 if self.models else None
        )

    def _table(self) -> list[str]:
        """The titles and a row for each model, with as many columns as there is room for."""
        table = [
            [column.title for column in COLUMNS],
            *(_cells(each, each.name == self.current) for each in self.models),
        ]
        widths = [max(cell_len(row[index]) for row in table) for index in range(len(COLUMNS))]
        kept = list(range(len(COLUMNS)))
        for index in sorted(kept, key=lambda index: -COLUMNS[index].rank):
            if COLUMNS[index].rank and sum(widths[each] + len(GAP) for each in kept) - len(GAP) > self.size.width - 2:
                kept.remove(index)
        return [GAP.join(_padded(row[index], widths[index], COLUMNS[index].right) for index in kept) for row in table]

    def _short(self, model: InstalledModel) -> Content:
        """A model for the dock: its name, and its size on the right."""
        width = max(8, self.size.width - 2)
        about = magnitude(model.parameters) if model.parameters else model.label
        mark = HERE if model.name == self.current else "  "
        name = clipped(model.name, max(4, width - len(mark) - cell_len(about) - 1))
        gap = " " * max(1, width - len(mark) - cell_len(name) - cell_len(about))
        style = "$text-error" if model.note else "$foreground-muted"
        return Content.assemble((mark, "$accent"), name, gap, (about, style))

    def _name_at(self, index: int | None) -> str:
        """The name of the model on that row, as drawn."""
        return self._drawn[index].name if index is not None and index < len(self._drawn) else ""

    @on(OptionList.OptionSelected)
    def _option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Chosen(self.models[event.option_index], self))


def _cells(model: InstalledModel, current: bool) -> list[str]:
    """One row of the table."""
    return [
        (HERE if current else "  ") + clipped(model.name, 30),
        magnitude(model.parameters) if model.parameters else "",
        count(model.n_positions) if model.n_positions else "",
        count(model.vocab_size) if model.vocab_size else "",
        model.dtype,
        size(model.size) if model.size else "",
        model.origin,
    ]


def _padded(cell: str, width: int, right: bool) -> str:
    gap = " " * (width - cell_len(cell))
    return gap + cell if right else cell + gap


def _note(model: InstalledModel) -> Content:
    """What is wrong with it, or what it is, on a line of its own."""
    if model.note:
        return Content.assemble("\n  ", (model.note, "$text-error"))
    return Content.assemble("\n  ", (model.label, "$foreground-muted")) if model.label else Content("")
