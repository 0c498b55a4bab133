"""Two runs in one chart, with the settings in which they differ."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from gpt2studio.app.common.shown import shown
from gpt2studio.app.common.wording import clipped
from gpt2studio.app.train.chart.loss_chart import LossChart
from gpt2studio.app.train.chart.picture import series_of
from gpt2studio.app.train.differences import Difference, differences, results
from gpt2studio.app.train.watch import News, RunsWatch, WatchedRun

_LABEL = 15


class CompareRunsScreen(ModalScreen[None]):
    """Shows two runs side by side, live."""

    CSS_PATH = "compare_runs.tcss"
    AUTO_FOCUS = "LossChart"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,c,q", "dismiss", "Back", show=False, priority=True),
        Binding("y", "log_axis", "Log axis", show=False),
        Binding("z", "zoom", "Zoom", show=False),
        Binding("down", "scroll(1)", "Down", show=False),
        Binding("up", "scroll(-1)", "Up", show=False),
    ]

    def __init__(self, watch: RunsWatch, one: str, other: str) -> None:
        super().__init__()
        self._watch = watch
        self._names = one, other
        self._chart = LossChart()
        self._table = Static("", markup=False)

    def compose(self) -> ComposeResult:
        """The chart, and the table below it."""
        with Vertical(id="compare"):
            yield self._chart
            with VerticalScroll(id="differences", can_focus=False) as pane:
                pane.border_title = "What differs"
                pane.border_subtitle = "y log axis · z zoom · Esc"
                yield self._table

    def on_mount(self) -> None:
        """Show both, and follow what comes."""
        self._watch.on_news.append(self._heard)
        self.call_after_refresh(self._draw)

    def on_unmount(self) -> None:
        """Follow no more."""
        if self._heard in self._watch.on_news:
            self._watch.on_news.remove(self._heard)

    def on_resize(self) -> None:
        """Draw for the new width."""
        self.call_after_refresh(self._draw)

    def _heard(self, news: News) -> None:
        if news.changed & set(self._names):
            self._draw()

    def _draw(self) -> None:
        one, other = (self._watch.find(name) for name in self._names)
        if one is None or other is None:
            return
        self._chart.show([series_of(one.progress), series_of(other.progress)], self._names)
        self._table.update(_table(one, other, max(30, self._table.size.width)))

    def action_log_axis(self) -> None:
        """Equal heights for equal ratios of the loss, and back."""
        self._chart.logarithmic = not self._chart.logarithmic

    def action_zoom(self) -> None:
        """The last part of the steps, or all."""
        self._chart.part = (self._chart.part + 1) % 3

    def action_scroll(self, by: int) -> None:
        """Through the table."""
        self.query_one("#differences").scroll_relative(y=by, animate=False)


def _table(one: WatchedRun, other: WatchedRun, width: int) -> Content:
    """Names over results over settings, in two columns."""
    room = max(8, (width - _LABEL - 2) // 2)
    found = differences(one.recipe, other.recipe)
    lines = [
        Content.assemble(
            " " * _LABEL,
            (f"◆ {clipped(shown(one.name), room - 2)}".ljust(room + 2), "$chart-smooth bold"),
            (f"◇ {clipped(shown(other.name), room - 2)}", "$secondary bold"),
        ),
        *(_line(each, room) for each in results(one, other)),
        Content(""),
        *(_line(each, room) for each in found),
    ]
    if not found:
        lines.append(Content.styled("All settings are the same.", "$text-muted"))
    return Content("\n").join(lines)


def _line(each: Difference, room: int) -> Content:
    first, second = (clipped(shown(text), room) for text in (each.one, each.other))
    gap = " " * (room + 2 - Content(first).cell_length)
    return Content.assemble((f"{each.label:<{_LABEL}}", "$text-muted"), first, gap, second)
