"""Loss curves as a picture of terminal cells: what is drawn where, without any colour."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from gpt2studio.app.train.chart import braille
from gpt2studio.app.train.chart.axes import Scale, evened, marks, scale_over, ticks, ticks_by
from gpt2studio.app.train.chart.envelope import Envelope, Numbers, Span, envelope
from gpt2studio.runs.progress import Progress

HELD_OUT, BEST, OTHER_HELD_OUT = "◆", "★", "◇"
SAMPLE, SAMPLE_HERE = "┴", "▴"
CURSOR = "│"


class Ink(IntEnum):
    """What a cell belongs to."""

    NOTHING = 0
    AXIS = 1
    BAND = 2
    LINE = 3
    HELD_OUT = 4
    BEST = 5
    OTHER = 6
    OTHER_HELD_OUT = 7
    SAMPLE = 8
    CURSOR = 9


@dataclass(frozen=True, slots=True)
class Series:
    """One run's curve, as it stood when this was made."""

    steps: Numbers
    losses: Numbers
    held_out: tuple[tuple[int, float], ...] = ()
    """Steps and losses."""
    best: int | None = None
    """The step of the lowest held-out loss."""
    samples: tuple[int, ...] = ()
    """The steps that have samples."""


@dataclass(frozen=True, slots=True)
class Frame:
    """How the curves are to be looked at."""

    columns: int
    rows: int
    """Of cells, the axes included."""
    last: float = 1.0
    """Which part of the steps is in view, counted from the end."""
    log: bool = False
    cursor: int | None = None
    """The step that is pointed at."""
    sample: int | None = None
    """The step of the sample that is read."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Cells of [rows, columns], and where the steps are in them."""

    characters: NDArray[np.uint32]
    inks: NDArray[np.uint8]
    span: Span
    """Over the plot's dots, two a cell."""
    left: int
    """Cells before the plot."""
    scale: Scale
    middle: Numbers
    """The first curve, smoothed, at each column of dots."""

    def step_at(self, column: int) -> float:
        """The step that stands in this column of cells."""
        return self.span.step_of(min(max(2 * (column - self.left) + 0.5, 0), self.span.columns - 1))

    def smoothed_at(self, step: int) -> float:
        """The first curve, smoothed, at this step."""
        return float(self.middle[self.span.column_of(np.array([step], dtype=np.float64))[0]])


def series_of(progress: Progress) -> Series:
    """The curve of a run as it stands now."""
    curve = progress.curve
    best = progress.best
    return Series(
        np.array(curve.steps, dtype=np.float64),
        np.array(curve.losses, dtype=np.float64),
        tuple((each.step, each.held_out_loss) for each in progress.held_out),
        best.step if best is not None else None,
        tuple(sorted({each.step for each in progress.samples})),
    )


def in_view(series: Sequence[Series], last: float) -> tuple[int, int]:
    """The first and the last step to be seen."""
    ends = [int(each.steps[-1]) for each in series if len(each.steps)]
    starts = [int(each.steps[0]) for each in series if len(each.steps)]
    for each in series:
        ends.extend(step for step, _ in each.held_out)
        starts.extend(step for step, _ in each.held_out)
    first, end = min(starts, default=0), max(ends, default=0)
    return (first, end) if last >= 1 else (max(first, end - math.ceil((end - first) * last)), end)


def draw(series: Sequence[Series], frame: Frame) -> Picture:
    """The curves, the first with its band and in front; *frame* has room for a plot of a few cells at least."""
    first, end = in_view(series, frame.last)
    cut = [_cut(each, first, end) for each in series]
    scale = evened(_scale(cut, frame.log), max(1, frame.rows - 2))
    labels = _labels(scale, frame.rows - 2)
    left = max((len(text) for _, text in labels), default=0) + 1
    width, height = max(1, frame.columns - left), max(1, frame.rows - 2)
    span = Span(first, end, 2 * width)
    characters = np.full((frame.rows, frame.columns), ord(" "), dtype=np.uint32)
    inks = np.zeros((frame.rows, frame.columns), dtype=np.uint8)
    curves = [envelope(each.steps, each.losses, span) for each in cut]
    middle = curves[0].middle if curves else np.full(span.columns, np.nan)
    picture = Picture(characters, inks, span, left, scale, middle)
    _axes(picture, labels, height)
    plot = _Plot(characters[:height, left:], inks[:height, left:], span, scale)
    for each, curve in zip(cut[1:], curves[1:], strict=True):
        plot.line(curve, Ink.OTHER)
        plot.points(each.held_out, OTHER_HELD_OUT, Ink.OTHER_HELD_OUT)
    for each, curve in zip(cut[:1], curves, strict=False):
        plot.band(curve)
        plot.line(curve, Ink.LINE)
        plot.points(each.held_out, HELD_OUT, Ink.HELD_OUT)
        plot.points([point for point in each.held_out if point[0] == each.best], BEST, Ink.BEST)
        _samples(picture, each.samples, frame.sample, height)
    if frame.cursor is not None:
        plot.cursor(frame.cursor)
    return picture


@dataclass(frozen=True, slots=True)
class _Plot:
    """The part of a picture between the axes."""

    characters: NDArray[np.uint32]
    inks: NDArray[np.uint8]
    span: Span
    scale: Scale

    def band(self, curve: Envelope) -> None:
        """How far the losses swing: every other dot, so that it is told from a line without any colour too."""
        dots, rows, columns = self._canvas()
        top, foot = self._dot_rows(curve.high), self._dot_rows(curve.low)
        # From one column to the next without a gap: of a short run it is a line from step to step.
        top[1:], foot[1:] = np.fmin(top[1:], foot[:-1]), np.fmax(foot[1:], top[:-1])
        dots |= (rows >= top) & (rows <= foot) & ((rows + columns) % 2 == 0)
        self._put(braille.cells(dots), Ink.BAND)

    def line(self, curve: Envelope, ink: Ink) -> None:
        """The smoothed curve, without gaps where it is steep."""
        dots, rows, _ = self._canvas()
        here = self._dot_rows(curve.middle)
        before = np.concatenate((here[:1], here[:-1]))
        before = np.where(np.isnan(before), here, before)
        # Down to the one before, that one left out: else every step of a slope would be two dots wide.
        towards = np.where(before < here, before + 1, np.where(before > here, before - 1, here))
        dots |= (rows >= np.minimum(here, towards)) & (rows <= np.maximum(here, towards))
        self._put(braille.cells(dots), ink)

    def points(self, points: Sequence[tuple[int, float]], sign: str, ink: Ink) -> None:
        """A sign for each point: a step and a loss."""
        if points:
            steps, values = np.array(points, dtype=np.float64).T
            columns = self.span.column_of(steps) // 2
            rows = self._dot_rows(values).astype(np.int64) // 4
            self.characters[rows, columns] = ord(sign)
            self.inks[rows, columns] = ink

    def cursor(self, step: int) -> None:
        """A line at a step, behind what is drawn there."""
        if not self.span.first <= step <= self.span.last:
            return
        column = int(self.span.column_of(np.array([step], dtype=np.float64))[0]) // 2
        empty = self.inks[:, column] == Ink.NOTHING
        self.characters[empty, column] = ord(CURSOR)
        self.inks[empty, column] = Ink.CURSOR

    def _canvas(self) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64]]:
        """Dots, all of them off, and their rows and columns."""
        height, width = 4 * self.characters.shape[0], 2 * self.characters.shape[1]
        return np.zeros((height, width), dtype=np.bool_), np.arange(height)[:, None], np.arange(width)[None, :]

    def _dot_rows(self, values: Numbers) -> Numbers:
        """The row of dots of each value, counted from above; not-a-number stays that."""
        height = 4 * self.characters.shape[0]
        if self.scale.log:
            low, high = math.log(self.scale.low), math.log(self.scale.high)
            shares = (np.log(np.maximum(values, 1e-12)) - low) / (high - low)
        else:
            shares = (values - self.scale.low) / (self.scale.high - self.scale.low)
        rows: Numbers = np.clip(np.rint((1 - shares) * (height - 1)), 0, height - 1)
        return rows

    def _put(self, codes: NDArray[np.uint32], ink: Ink) -> None:
        drawn = codes > 0
        self.characters[drawn] = codes[drawn]
        self.inks[drawn] = ink


def _cut(series: Series, first: int, last: int) -> Series:
    """What of it is in view."""
    start, stop = bisect_left(series.steps, first), bisect_right(series.steps, last)
    losses = series.losses[start:stop]
    finite = np.isfinite(losses)
    return Series(
        series.steps[start:stop][finite],
        losses[finite],
        tuple(point for point in series.held_out if first <= point[0] <= last and math.isfinite(point[1])),
        series.best,
        tuple(step for step in series.samples if first <= step <= last),
    )


def _scale(series: Sequence[Series], log: bool) -> Scale:
    values = [value for each in series for _, value in each.held_out]
    for each in series:
        if len(each.losses):
            values += [float(each.losses.min()), float(each.losses.max())]
    return scale_over(min(values, default=math.nan), max(values, default=math.nan), log)


def _labels(scale: Scale, rows: int) -> list[tuple[int, str]]:
    """Rows of cells, and the numbers to write beside them."""
    low, high = scale.low, scale.high
    values = ticks_by(scale.gap, low, high) if scale.gap else ticks(low, high, max(3, rows // 2))
    places: dict[int, str] = {}
    for value, text in zip(values, marks(values), strict=True):
        places[round((1 - scale.share(value)) * (4 * rows - 1)) // 4] = text
    return sorted(places.items())


def _axes(picture: Picture, labels: list[tuple[int, str]], height: int) -> None:
    left, width = picture.left, picture.characters.shape[1] - picture.left
    for row, text in labels:
        _write(picture, row, left - 1 - len(text), text)
    below = ticks(picture.span.first, picture.span.last, max(2, width // 12))
    # Steps are whole: of a short run's ticks only those are.
    below = [value for value in below if value == int(value)]
    free = 0
    for value, text in zip(below, marks(below), strict=True):
        column = int(picture.span.column_of(np.array([value]))[0]) // 2
        start = min(max(column - len(text) // 2, 0), width - len(text))
        if start >= free:
            _write(picture, height + 1, left + start, text)
            free = start + len(text) + 1
    picture.characters[height, left:] = ord("─")
    picture.inks[height, left:] = Ink.AXIS


def _samples(picture: Picture, steps: Sequence[int], here: int | None, height: int) -> None:
    """Where there is something to read, and where what is read now was written."""
    for step in steps:
        column = picture.left + int(picture.span.column_of(np.array([step], dtype=np.float64))[0]) // 2
        if step == here or picture.characters[height, column] == ord("─"):
            picture.characters[height, column] = ord(SAMPLE_HERE if step == here else SAMPLE)
            picture.inks[height, column] = Ink.SAMPLE if step == here else Ink.AXIS


def _write(picture: Picture, row: int, column: int, text: str) -> None:
    if 0 <= row < picture.characters.shape[0] and column >= 0:
        end = min(column + len(text), picture.characters.shape[1])
        picture.characters[row, column:end] = [ord(each) for each in text[: end - column]]
        picture.inks[row, column:end] = Ink.AXIS
