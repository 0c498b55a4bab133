"""The runs in a narrow pane: each with its name, step, curve and average loss, live."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from gpt2studio.app.common.pane_list import PaneList
from gpt2studio.app.common.shown import shown
from gpt2studio.app.common.sparks import sparkline
from gpt2studio.app.common.wording import clipped
from gpt2studio.app.train.wording import MARKS, WAITS, steps_of

if TYPE_CHECKING:
    from gpt2studio.app.train.watch import WatchedRun

_LOSS = 9
"""Cells for the loss."""


class RunsPane(Widget):
    """The runs, those under way first, then the newest; Enter or a click opens one."""

    HELP = "The runs. ↑ ↓ choose, Enter opens one."

    DEFAULT_CSS = """
    RunsPane {
        border-title-color: $text-muted;
        border-subtitle-color: $text-muted;
        height: 1fr;
        & > #no-runs { display: none; padding: 0 1; color: $text-muted; }
        &.-nothing > PaneList { display: none; }
        &.-nothing > #no-runs { display: block; }
        &:focus-within { border-title-color: $foreground; }
    }
    """

    @dataclass
    class Chosen(Message):
        """A person has chosen a run."""

        name: str

    @dataclass
    class LookedAt(Message):
        """A run is highlighted."""

        name: str

    def __init__(self, *, nothing: str, id: str | None = None, classes: str | None = None) -> None:
        """*nothing* is the word that stands where there are no runs."""
        super().__init__(id=id, classes=classes)
        self.border_title = "Runs"
        self._nothing = nothing
        # Kept by name, not looked up: news may still come when the pane is already being taken down.
        self._list = PaneList()
        self._runs: tuple[WatchedRun, ...] = ()
        self._drawn: list[str] = []
        """The names of the rows that are drawn."""

    def compose(self) -> ComposeResult:
        """The list, and a word in its place where it would be empty."""
        yield self._list
        yield Static(self._nothing, id="no-runs", markup=False)

    def show(self, runs: "Sequence[WatchedRun]") -> None:
        """Show these runs as they stand now."""
        self._runs = tuple(runs)
        self._draw()

    def look_at(self, name: str) -> None:
        """Highlight the run of this name."""
        if name in self._drawn:
            self._list.highlighted = self._drawn.index(name)

    @property
    def looked_at(self) -> str:
        """The name of the run that is highlighted; empty where there is none."""
        highlighted = self._list.highlighted
        return self._drawn[highlighted] if highlighted is not None and highlighted < len(self._drawn) else ""

    def on_mount(self) -> None:
        """Draw what is known so far."""
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        """Draw for the new width."""
        self._draw()

    def _draw(self) -> None:
        options = self._list
        if not options.is_attached:
            return
        self.set_class(not self._runs, "-nothing")
        names = [run.name for run in self._runs]
        rows = [self._row(run) for run in self._runs]
        if names == self._drawn:
            for index, row in enumerate(rows):
                if options.get_option_at_index(index).prompt != row:
                    options.replace_option_prompt_at_index(index, row)
            return
        kept = self.looked_at
        options.clear_options()
        self._drawn = names
        options.add_options([Option(row) for row in rows])
        under_way = next((index for index, run in enumerate(self._runs) if run.alive), 0)
        options.highlighted = names.index(kept) if kept in names else under_way if names else None

    def _row(self, run: "WatchedRun") -> Content:
        """Name and step above, curve and loss below."""
        width = max(12, self.size.width - 2)
        mark, style = WAITS if run.waits else MARKS[run.standing]
        steps = steps_of(run.progress)
        name = clipped(shown(run.name), max(4, width - cell_len(steps) - 3))
        gap = " " * max(1, width - 2 - cell_len(name) - cell_len(steps))
        loss = f"avg {run.progress.average:.2f}" if run.progress.average is not None else ""
        curve = sparkline(run.progress.curve.averages, width - 3 - _LOSS) or (
            "waiting" if run.waits else run.standing.value
        )
        rest = " " * max(1, width - 2 - cell_len(curve) - len(loss))
        return Content.assemble(
            (f"{mark} ", style),
            name,
            gap,
            (steps, "$text-muted"),
            "\n  ",
            (curve, "$chart-smooth" if loss else "$text-muted"),
            rest,
            (loss, "$text-muted"),
        )

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Chosen(self._drawn[event.option_index]))

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if event.option_index < len(self._drawn):
            self.post_message(self.LookedAt(self._drawn[event.option_index]))
