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

from gpt2studio.app.common.pane_list import PaneList
from gpt2studio.app.common.shown import shown
from gpt2studio.app.common.wording import clipped, count, magnitude, size
from gpt2studio.library.family import family
from gpt2studio.library.installed import STITCH, InstalledModel

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


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list."""

    name: str
    model: InstalledModel | None
    """None for one that is known only as the parent of others."""
    depth: int = 0
    """How many generations it is from the first of its family, where families are shown."""

    @property
    def label(self) -> str:
        """Its name, set in by its generation."""
        return "  " * (self.depth - 1) + "└ " * (self.depth > 0) + shown(self.name)


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
        & > #nothing { display: none; padding: 1 2; color: $text-muted; }
        &.-nothing > PaneList { display: none; }
        &.-nothing > #nothing { display: block; }
        &:focus-within { border-title-color: $foreground; }
        &.-compact > #columns, &.-nothing > #columns { display: none; }
    }
    """

    models: reactive[tuple[InstalledModel, ...]] = reactive(())
    """What is at hand."""
    current: reactive[str] = reactive("")
    """The name of the model that writes now."""
    families: reactive[bool] = reactive(False)
    """Whether models stand below those that they were made from."""
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
        self._rows: list[Row] = []
        self._awaited = ""
        # Kept by name, not looked up: news may still come when the pane is already being taken down.
        self._columns = Static("", id="columns", markup=False)
        self._list = PaneList()

    def compose(self) -> ComposeResult:
        """A line of column titles, the list, and a word in its place where it would be empty."""
        yield self._columns
        yield self._list
        yield Static(
            "No model is at hand. Key d downloads one; gpt2studio --model PATH opens one.", id="nothing", markup=False
        )

    def show(self, models: Sequence[InstalledModel], current: str) -> None:
        """Show these models, and mark the one that writes now."""
        self.current = current
        self.models = tuple(models)

    @property
    def looked_at(self) -> InstalledModel | None:
        """The model on the highlighted row."""
        row = self._row_at(self._list.highlighted)
        return row.model if row is not None else None

    def look_at(self, name: str) -> None:
        """Highlight this model."""
        index = next((index for index, row in enumerate(self._rows) if row.name == name), None)
        if index is not None:
            self._list.highlighted = index

    def follow(self, name: str) -> None:
        """Highlight this model as soon as it is here."""
        self._awaited = name

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

    def watch_families(self) -> None:
        """Draw them anew."""
        self._draw()

    def _draw(self) -> None:
        options = self._list
        if not options.is_attached:
            return
        self.set_class(not self.models, "-nothing")
        before = self._row_at(options.highlighted)
        highlighted = before.name if before is not None else self.current
        self._rows = self._by_family() if self.families else [Row(model.name, model) for model in self.models]
        options.clear_options()
        titles, *lines = self._table()
        self._columns.update(titles)
        for row, line in zip(self._rows, lines, strict=True):
            options.add_option(Option(self._drawn(row, line), disabled=row.model is None))
        self.look_at(self._rows[0].name if self._rows else "")
        self.look_at(highlighted)
        if self._awaited and any(row.name == self._awaited for row in self._rows):
            self.look_at(self._awaited)
            self._awaited = ""

    def _by_family(self) -> list[Row]:
        return [Row(each.name, each.model, depth) for tree in family(self.models) for depth, each in tree.walk()]

    def _drawn(self, row: Row, line: str) -> Content:
        """A row as it is shown: in the dock, or with what is to be said of the model on a line of its own."""
        if row.model is None:
            return Content.assemble("  ", (f"{row.label}  not at hand", "$text-muted"))
        if self.compact:
            return self._short(row, row.model)
        return Content.assemble(
            (line[: len(HERE)], "$accent"), line[len(HERE) :], _note(row.model, self.size.width - 4)
        )

    def _table(self) -> list[str]:
        """The titles and a line for each row, with as many columns as there is room for."""
        table = [[column.title for column in COLUMNS], *(_cells(row, row.name == self.current) for row in self._rows)]
        widths = [max(cell_len(cells[index]) for cells in table) for index in range(len(COLUMNS))]
        kept = list(range(len(COLUMNS)))
        for index in sorted(kept, key=lambda index: -COLUMNS[index].rank):
            if COLUMNS[index].rank and sum(widths[each] + len(GAP) for each in kept) - len(GAP) > self.size.width - 2:
                kept.remove(index)
        return [
            GAP.join(_padded(cells[index], widths[index], COLUMNS[index].right) for index in kept) for cells in table
        ]

    def _short(self, row: Row, model: InstalledModel) -> Content:
        """A model for the dock: its name, and its size on the right."""
        width = max(8, self.size.width - 2)
        about = magnitude(model.parameters) if model.parameters else shown(model.label)
        if model.kind == STITCH and not model.note:
            room = width - len(HERE) - cell_len(row.label) - 1
            about = figure if cell_len(figure := size(model.size)) <= room else ""  # its name tells more
        mark = HERE if model.name == self.current else "  "
        name = clipped(row.label, max(4, width - len(mark) - cell_len(about) - 1))
        gap = " " * max(1, width - len(mark) - cell_len(name) - cell_len(about))
        style = "$text-error" if model.note else "$foreground-muted"
        return Content.assemble((mark, "$accent"), name, gap, (about, style))

    def _row_at(self, index: int | None) -> Row | None:
        return self._rows[index] if index is not None and index < len(self._rows) else None

    @on(OptionList.OptionSelected)
    def _option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        row = self._row_at(event.option_index)
        if row is not None and row.model is not None:
            self.post_message(self.Chosen(row.model, self))


def _cells(row: Row, current: bool) -> list[str]:
    """One line of the table."""
    model = row.model
    name = (HERE if current else "  ") + clipped(row.label, 34)
    if model is None:
        return [name, *[""] * (len(COLUMNS) - 1)]
    return [
        name,
        magnitude(model.parameters) if model.parameters else "",
        count(model.n_positions) if model.n_positions else "",
        count(model.vocab_size) if model.vocab_size else "",
        shown(model.dtype),
        size(model.size) if model.size else "",
        model.origin,
    ]


def _padded(cell: str, width: int, right: bool) -> str:
    gap = " " * (width - cell_len(cell))
    return gap + cell if right else cell + gap


def _note(model: InstalledModel, width: int) -> Content:
    """What is wrong with it, or what it is, on a line of its own."""
    if model.note:
        return Content.assemble(
            "\n  ", (clipped(shown(model.note.replace(f"{model.path}/", "")), width), "$text-error")
        )
    return (
        Content.assemble("\n  ", (clipped(shown(model.label), width), "$foreground-muted"))
        if model.label
        else Content("")
    )
