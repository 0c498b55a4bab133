"""The loss chart's picture: every value in its place, for curves of any length and screens of any size."""

import math
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gpt2studio.app.common.sparks import sparkline
from gpt2studio.app.train.chart import braille
from gpt2studio.app.train.chart.axes import Scale, evened, marks, scale_over, ticks, ticks_by
from gpt2studio.app.train.chart.envelope import Span, envelope, smoothed
from gpt2studio.app.train.chart.picture import (
    BEST,
    HELD_OUT,
    SAMPLE_HERE,
    Frame,
    Ink,
    Picture,
    Series,
    draw,
    in_view,
    series_of,
)
from gpt2studio.runs.progress import Progress
from tests.app.train.logged_runs import held_out, sampled, stepped

losses = st.lists(st.floats(0.01, 20.0), min_size=1, max_size=300)


def series(values: list[float], held: tuple[tuple[int, float], ...] = (), best: int | None = None) -> Series:
    steps = np.arange(1, len(values) + 1, dtype=np.float64)
    return Series(steps, np.array(values), held, best)


def text(picture: Picture) -> str:
    return "\n".join("".join(map(chr, row)) for row in picture.characters)


def has_ink(picture: Picture, ink: Ink) -> bool:
    return bool((picture.inks == ink).any())


@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(1, 9))
def test_every_dot_is_in_its_cell(seed: int, rows: int, columns: int) -> None:
    dots = np.random.default_rng(seed).random((4 * rows, 2 * columns)) < 0.4
    codes = braille.cells(dots)
    order = ((0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1), (3, 0), (3, 1))
    for row in range(rows):
        for column in range(columns):
            code = int(codes[row, column])
            bits = code - 0x2800 if code else 0
            for number, (down, right) in enumerate(order):
                assert bool(bits >> number & 1) == dots[4 * row + down, 2 * column + right]


@given(losses, st.integers(2, 200))
def test_the_envelope_holds_every_value_in_its_column(values: list[float], columns: int) -> None:
    one = series(values)
    span = Span(1, len(values), columns)
    curve = envelope(one.steps, one.losses, span)
    for column, value in zip(span.column_of(one.steps), one.losses, strict=True):
        assert curve.low[column] <= value <= curve.high[column]
    assert np.nanmin(curve.low) == min(values)
    assert np.nanmax(curve.high) == max(values)


def test_a_curve_of_a_hundred_thousand_steps_keeps_its_extremes() -> None:
    values = [2.0] * 100_000
    values[54_321], values[99_999] = 9.0, 0.5
    one = series(values)
    span = Span(1, len(values), 200)
    curve = envelope(one.steps, one.losses, span)
    column = int(span.column_of(np.array([54_322.0]))[0])
    assert max(curve.high[column - 1 : column + 2]) == 9.0
    assert curve.low[-1] == 0.5


@given(losses, st.integers(0, 40))
def test_smoothing_stays_between_the_extremes_and_keeps_the_ends(values: list[float], reach: int) -> None:
    smooth = smoothed(np.array(values), reach)
    assert len(smooth) == len(values)
    assert min(values) - 1e-9 <= smooth.min()
    assert smooth.max() <= max(values) + 1e-9
    assert math.isclose(smooth[0], values[0], rel_tol=1e-9)
    assert math.isclose(smooth[-1], values[-1], rel_tol=1e-9)


def test_smoothing_is_the_mean_of_the_neighbours() -> None:
    assert smoothed(np.array([1.0, 2.0, 6.0, 4.0, 2.0]), 1).tolist() == [1.0, 3.0, 4.0, 4.0, 2.0]


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.integers(1, 20))
def test_ticks_are_few_round_and_in_view(low: float, width: float, most: int) -> None:
    found = ticks(low, low + width, most)
    assert len(found) <= most
    gap = found[1] - found[0] if len(found) > 1 else None
    for value in found:
        assert low - width * 1e-6 - 1e-9 <= value <= low + width * (1 + 1e-6) + 1e-9
    if gap is not None:
        lead = gap / 10 ** math.floor(math.log10(gap) + 1e-9)
        assert min(abs(lead - unit) for unit in (1, 2, 5, 10)) < 1e-2
    assert len(marks(found)) == len(found)


@given(st.floats(0, 20), st.floats(1e-2, 20), st.integers(1, 60))
def test_ticks_up_the_chart_stand_whole_rows_apart(low: float, span: float, rows: int) -> None:
    scale = evened(Scale(low, low + span), rows)
    assert scale.low <= low
    assert scale.high >= low + span
    assert scale.high - scale.low <= 1.3 * span
    if scale.gap:
        places = [(1 - scale.share(value)) * (4 * rows - 1) / 4 for value in ticks_by(scale.gap, scale.low, scale.high)]
        assert len(places) >= 2
        assert all(abs(4 * each - round(4 * each)) < 1e-3 for each in places)  # on a dot, not between two rows
        apart = [later - earlier for earlier, later in pairwise(places)]
        assert all(abs(each - round(each)) < 1e-3 and abs(each - apart[0]) < 1e-3 for each in apart)


def test_most_charts_have_even_ticks() -> None:
    spans, sizes = (0.12, 0.4, 0.65, 1.1, 2.3, 3.0, 5.5, 8.0), (8, 12, 15, 20)
    evens = [bool(evened(Scale(1.0, 1.0 + span), rows).gap) for span in spans for rows in sizes]
    assert sum(evens) > 0.7 * len(evens)


def test_marks_have_the_decimals_that_tell_them_apart() -> None:
    assert marks([2.5, 3.0, 3.5]) == ["2.5", "3.0", "3.5"]
    assert marks([2.32, 2.34]) == ["2.32", "2.34"]
    assert marks([0.0, 1000.0, 2000.0]) == ["0", "1,000", "2,000"]


@given(st.floats(1e-3, 100), st.floats(0, 100), st.booleans())
def test_a_scale_has_room_for_what_it_is_made_for(low: float, more: float, log: bool) -> None:
    scale = scale_over(low, low + more, log)
    assert 0 <= scale.share(low) <= scale.share(low + more) <= 1


def test_a_trifle_does_not_fill_the_scale() -> None:
    for log in (False, True):
        scale = scale_over(3.456, 3.461, log)
        assert 0.07 < scale.high - scale.low < 0.08
        assert scale_over(0.010, 0.015, log).high < 0.016


@settings(max_examples=60, deadline=None)
@given(losses, st.integers(24, 160), st.integers(5, 40), st.booleans(), st.sampled_from((1.0, 0.25, 0.0625)))
def test_any_curve_is_drawn_on_any_screen(values: list[float], columns: int, rows: int, log: bool, last: float) -> None:
    middle = len(values) // 2 + 1
    frame = Frame(columns, rows, last, log, cursor=middle, sample=middle)
    picture = draw([series(values, ((0, 9.0), (middle, 3.0)), middle), series(values[::-1])], frame)
    assert picture.characters.shape == picture.inks.shape == (rows, columns)
    assert has_ink(picture, Ink.LINE) or has_ink(picture, Ink.BEST)
    assert all(character.isprintable() for character in text(picture) if character != "\n")


def test_held_out_points_the_best_and_the_sample_that_is_read_are_marked() -> None:
    progress = Progress()
    for number in range(1, 41):
        progress.add(stepped(number, 4 - number / 20))
    for step, loss in ((10, 3.9), (20, 3.0), (30, 3.4)):
        progress.add(held_out(step, loss))
        progress.add(sampled(step, "text"))
    picture = draw([series_of(progress)], Frame(60, 14, sample=20))
    drawn = text(picture)
    assert drawn.count(HELD_OUT) == 2
    assert drawn.count(BEST) == 1
    row = next(row for row in drawn.split("\n") if SAMPLE_HERE in row)
    best = next(row for row in drawn.split("\n") if BEST in row)
    assert row.index(SAMPLE_HERE) == best.index(BEST)


def test_the_step_at_the_pointer_is_the_one_that_is_drawn_there() -> None:
    picture = draw([series([5.0 - n / 50 for n in range(200)])], Frame(80, 12))
    assert round(picture.step_at(0)) == 1
    assert round(picture.step_at(picture.left)) in (1, 2)
    assert abs(picture.step_at(79) - 200) <= 2
    assert abs(picture.smoothed_at(100) - (5.0 - 99 / 50)) < 0.02


def test_a_zoomed_chart_shows_the_last_part() -> None:
    one = series([1.0] * 400)
    assert in_view([one], 1.0) == (1, 400)
    assert in_view([one], 0.25) == (300, 400)


def test_losses_that_are_no_numbers_leave_the_others_in_view() -> None:
    picture = draw([series([4.0, math.nan, math.inf, 2.0])], Frame(40, 10))
    assert has_ink(picture, Ink.LINE)
    assert picture.scale.high < 5


@given(st.lists(st.floats(0, 100), max_size=60), st.integers(0, 30))
def test_a_sparkline_has_a_cell_a_value_at_most(values: list[float], cells: int) -> None:
    assert len(sparkline(values, cells)) == min(cells, len(values))


def test_a_sparkline_goes_from_the_floor_to_the_highest() -> None:
    assert sparkline([1.0, 2.0, math.nan, 3.0], 4) == "▁▅ █"
    assert sparkline([7.0, 8.0], 2, floor=0.0) == "██"
    assert sparkline([5.0, 5.0], 2) == "▁▁"
    assert sparkline([math.nan], 1) == " "
