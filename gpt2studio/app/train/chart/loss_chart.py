"""The loss chart: a run of any length in one glance, with the value at the pointer."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from itertools import groupby
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from gpt2studio.app.common.shown import shown
from gpt2studio.app.common.wording import clipped, count
from gpt2studio.app.train.chart.picture import Frame, Ink, Picture, Series, draw

PARTS: tuple[tuple[float, str], ...] = ((1.0, ""), (1 / 4, "last quarter"), (1 / 16, "last sixteenth"))
"""How much of the steps can be looked at, from the end."""

_LEAST = (24, 5)
"""Columns and rows below which nothing is drawn."""

_STYLES = {
    Ink.NOTHING: "axis",
    Ink.AXIS: "axis",
    Ink.BAND: "band",
    Ink.LINE: "line",
    Ink.HELD_OUT: "held-out",
    Ink.BEST: "best",
    Ink.OTHER: "other",
    Ink.OTHER_HELD_OUT: "other",
    Ink.SAMPLE: "sample",
    Ink.CURSOR: "axis",
}


class LossChart(Widget, can_focus=True):
    """Loss over steps: a band of single losses, the smoothed curve, the held-out points and the best of them."""

    HELP = "The loss. ← → show the values along the curve, with Shift in larger steps; Esc takes the line away."

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "loss-chart--axis",
        "loss-chart--band",
        "loss-chart--line",
        "loss-chart--held-out",
        "loss-chart--best",
        "loss-chart--other",
        "loss-chart--sample",
        "loss-chart--words",
    }

    DEFAULT_CSS = """
    LossChart {
        border: round $border-blurred;
        border-title-color: $text-muted;
        border-subtitle-color: $text-muted;
        padding: 0 1;
        background: transparent;
        &:focus { border: round $border; border-title-color: $foreground; }
        & > .loss-chart--axis { color: $text-disabled; }
        & > .loss-chart--band { color: $chart-train; }
        & > .loss-chart--line { color: $chart-smooth; }
        & > .loss-chart--held-out { color: $chart-held-out; }
        & > .loss-chart--best { color: $chart-held-out; text-style: bold; }
        & > .loss-chart--other { color: $secondary; }
        & > .loss-chart--sample { color: $accent; }
        & > .loss-chart--words { color: $text-muted; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", "Earlier", show=False),
        Binding("right", "move(1)", "Later", show=False),
        Binding("shift+left", "move(-10)", "Much earlier", show=False),
        Binding("shift+right", "move(10)", "Much later", show=False),
        Binding("home", "move(-100000)", "The first step", show=False),
        Binding("end", "move(100000)", "The last step", show=False),
        Binding("escape", "clear", "No line", show=False),
    ]

    cursor: reactive[int | None] = reactive(None)
    """The step whose values are shown."""
    logarithmic: reactive[bool] = reactive(False)
    """Whether equal distances up the chart are equal ratios."""
    part: reactive[int] = reactive(0)
    """Which of `PARTS` is in view."""
    sample: reactive[int | None] = reactive(None)
    """The step of the sample that is read."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.border_title = "Loss"
        self._series: tuple[Series, ...] = ()
        self._names: tuple[str, ...] = ()
        self._picture: Picture | None = None
        self._drawn: tuple[object, ...] = ()

    def show(self, series: Sequence[Series], names: Sequence[str] = ()) -> None:
        """Show these curves, the first in front; of two, the *names* that tell whose they are."""
        self._series, self._names = tuple(series), tuple(names)
        self._drawn = ()
        self.refresh()

    def watch_logarithmic(self) -> None:
        """Say so."""
        self._entitle()

    def watch_part(self) -> None:
        """Say so."""
        self._entitle()

    def _entitle(self) -> None:
        said = ["Loss", PARTS[self.part][1], "log axis" if self.logarithmic else ""]
        self.border_title = Content(" · ".join(each for each in said if each)).markup

    # --- drawing -----------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """The legend or the values at the pointer, then the picture."""
        width = self.size.width
        picture = self._draw()
        if y == 0:
            words = self._style("words")
            text = self._readout(picture) if picture is not None else ""
            line = [Segment(clipped(text, width), words)] if text else self._legend(width)
            return Strip(line).adjust_cell_length(width, words)
        if picture is None or y > len(picture.characters):
            return Strip.blank(width, self.rich_style)
        row = zip(picture.inks[y - 1].tolist(), map(chr, picture.characters[y - 1].tolist()), strict=True)
        return Strip(
            [
                Segment("".join(character for _, character in cells), self._style(_STYLES[Ink(ink)]))
                for ink, cells in groupby(row, key=lambda cell: cell[0])
            ]
        ).adjust_cell_length(width)

    def _draw(self) -> Picture | None:
        """The picture for the size and the wishes of now; None where there is no room, or nothing to draw."""
        columns, rows = self.size.width, self.size.height - 1
        wanted = (columns, rows, self.cursor, self.logarithmic, self.part, self.sample)
        if wanted != self._drawn:
            room = columns >= _LEAST[0] and rows >= _LEAST[1]
            frame = Frame(columns, rows, PARTS[self.part][0], self.logarithmic, self.cursor, self.sample)
            drawable = room and any(len(each.steps) or each.held_out for each in self._series)
            self._picture = draw(self._series, frame) if drawable else None
            self._drawn = wanted
        return self._picture

    def _legend(self, width: int) -> list[Segment]:
        words = self._style("words")
        if self._picture is None:
            return [Segment(clipped("The curve begins with the first step.", width), words)]
        if len(self._names) == 2:
            signs = self._whose(width)
        else:
            signs = [("⡪", "band", "each step"), ("━", "line", "smoothed")]
            if self._series[0].held_out:
                signs += [("◆", "held-out", "held out"), ("★", "best", "best")]
        line: list[Segment] = []
        for sign, style, text in signs:
            line += [Segment(f"{sign} ", self._style(style)), Segment(f"{text}   ", words)]
        return line

    def _whose(self, width: int) -> list[tuple[str, str, str]]:
        """Which of two curves is whose, by the signs of their lines and points."""
        room = max(6, width // 2 - 7)
        lines = zip(("━◆", "━◇"), ("line", "other"), self._names, strict=True)
        return [(sign, style, clipped(shown(name), room)) for sign, style, name in lines]

    def _readout(self, picture: Picture | None) -> str:
        """The values at the cursor."""
        if picture is None or self.cursor is None:
            return ""
        series = self._series[0]
        index = _nearest(series, self.cursor)
        if index is None:
            return ""
        step = int(series.steps[index])
        parts = [f"step {count(step)}", f"loss {series.losses[index]:.3f}"]
        smooth = picture.smoothed_at(step)
        if math.isfinite(smooth):
            parts.append(f"smoothed {smooth:.3f}")
        if near := min(series.held_out, key=lambda point: abs(point[0] - step), default=None):
            where = "" if near[0] == step else f" at {count(near[0])}"
            parts.append(f"held out {near[1]:.3f}{where}")
        return " · ".join(parts)

    def _style(self, part: str) -> Style:
        return self.get_visual_style(f"loss-chart--{part}").rich_style

    # --- the pointer -------------------------------------------------------------------------------------------------

    def action_move(self, cells: int) -> None:
        """Move the line by so many cells; from the end where there is none yet."""
        picture = self._draw()
        if picture is None or not len(self._series[0].steps):
            return
        series = self._series[0]
        per_cell = max(1.0, 2 * (picture.span.last - picture.span.first) / max(1, picture.span.columns - 1))
        start = series.steps[-1] if self.cursor is None else self.cursor + cells * per_cell
        self._point(start)

    def action_clear(self) -> None:
        """Take the line away."""
        self.cursor = None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape is the chart's while there is a line."""
        return self.cursor is not None if action == "clear" else True

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Show the values under the pointer."""
        picture = self._draw()
        if picture is not None:
            self._point(picture.step_at(event.get_content_offset_capture(self).x))

    def on_leave(self, event: events.Leave) -> None:
        """Nothing is under the pointer any more."""
        self.cursor = None

    def _point(self, step: float) -> None:
        picture, series = self._draw(), self._series[0]
        if picture is not None:
            index = _nearest(series, min(max(step, picture.span.first), picture.span.last))
            self.cursor = int(series.steps[index]) if index is not None else None


def _nearest(series: Series, step: float) -> int | None:
    """Where the step nearest to this one stands."""
    if not len(series.steps):
        return None
    after = bisect_left(series.steps, step)
    near = [index for index in (after - 1, after) if 0 <= index < len(series.steps)]
    return min(near, key=lambda index: abs(series.steps[index] - step))
