"""The dials of the sampling panel, without a screen."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2studio.app.common import bars
from gpt2studio.app.sampling import dials
from gpt2studio.app.sampling.dials import DIALS, FRESH, Dial
from gpt2studio.app.sampling.writing_settings import WritingSettings
from gpt2studio.errors import StudioError
from gpt2studio.wire.sampling import FIRST_STAGES, NEUTRAL, STAGES, Sampling

any_dial = st.sampled_from(DIALS)
barred = st.sampled_from([dial for dial in DIALS if len(dial.stops) > 1])


def named(field: str) -> Dial:
    return next(dial for dial in DIALS if dial.field == field)


@given(barred, st.data())
def test_every_stop_of_a_dial_can_be_reached_by_single_steps(dial: Dial, data: st.DataObject) -> None:
    first, target = data.draw(st.sampled_from(dial.stops)), data.draw(st.sampled_from(dial.stops))
    settings = dial.set(WritingSettings(), first)
    steps = dial.stops.index(target) - dial.stops.index(first)
    for _ in range(abs(steps)):
        settings = dial.turned(settings, 1 if steps > 0 else -1)
    assert dial.value(settings) == target
    assert dial.turned(dial.set(WritingSettings(), first), steps) == settings or steps == 0


@given(barred)
def test_a_dial_stays_at_its_ends(dial: Dial) -> None:
    for end, steps in ((dial.stops[0], -1), (dial.stops[-1], 1)):
        settings = dial.set(WritingSettings(), end)
        assert dial.turned(settings, steps) == settings
        assert dial.turned(settings, steps * dials.LEAP) == settings


@given(barred, st.floats(0, 1), st.integers(-50, 50))
def test_a_turn_goes_the_way_it_was_turned(dial: Dial, share: float, steps: int) -> None:
    before = dial.at(WritingSettings(), share)
    after = dial.turned(before, steps) if steps else before
    change = dial.share(after) - dial.share(before)
    assert change >= 0 if steps > 0 else change <= 0


@given(barred, st.floats(0, 1))
def test_a_bar_stands_where_it_was_clicked(dial: Dial, share: float) -> None:
    assert dial.share(dial.at(WritingSettings(), share)) == pytest.approx(share, abs=0.51 / (len(dial.stops) - 1))


@given(any_dial)
def test_a_reset_dial_is_neutral_and_says_so(dial: Dial) -> None:
    settings = dial.reset(WritingSettings())
    assert dial.is_neutral(settings)
    assert dial.shown(settings) == (dial.rest or dial.shown(settings))


@pytest.mark.parametrize("value", [0.63, 0.001, 1.75, 20.0])
def test_a_number_between_the_stops_is_kept_and_shown(value: float) -> None:
    temperature = named("temperature")
    settings = temperature.typed(WritingSettings(), str(value))
    assert settings.sampling.temperature == value
    assert float(temperature.shown(settings)) == value
    assert 0 <= temperature.share(settings) <= 1
    assert temperature.turned(settings, -1).sampling.temperature < value


def test_a_decimal_comma_is_read_as_a_point() -> None:
    assert named("top_p").typed(WritingSettings(), "0,92").sampling.top_p == 0.92


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("top_p", "0"),
        ("top_p", "1.5"),
        ("top_k", "-1"),
        ("top_k", "4.5"),
        ("top_k", "9" * 400),
        ("temperature", "9" * 400),
        ("temperature", "."),
        ("temperature", "inf"),
        ("temperature", "nan"),
        ("length", "-1"),
        ("seed", "-1"),
        ("seed", str(2**63)),
        ("pace", ""),
    ],
)
def test_a_number_that_means_nothing_is_refused_with_what_would(field: str, typed: str) -> None:
    with pytest.raises(StudioError) as refusal:
        named(field).typed(WritingSettings(), typed)
    assert refusal.value.hint


@given(any_dial, st.text(alphabet="0123456789.,-", max_size=6))
def test_whatever_is_typed_is_taken_or_refused(dial: Dial, typed: str) -> None:
    try:
        settings = dial.typed(WritingSettings(), typed)
    except StudioError:
        return
    assert float(typed.replace(",", ".")) == dial.value(settings)
    assert 0 <= dial.share(settings) <= 1


def test_a_seed_is_pinned_and_let_go_again() -> None:
    seed = named("seed")
    pinned = seed.turned(WritingSettings(), 1)
    assert pinned.seed == 0
    assert seed.turned(pinned, -1).seed is None
    assert seed.value(WritingSettings()) == FRESH
    assert seed.typed(WritingSettings(), str(2**63 - 1)).seed == 2**63 - 1


def test_no_limit_stands_at_the_right_end_of_the_bar() -> None:
    top_k = named("top_k")
    assert top_k.share(WritingSettings(sampling=NEUTRAL)) == 1
    assert top_k.share(top_k.typed(WritingSettings(), "100000")) < 1
    assert named("length").shown(WritingSettings(length=0)) == "∞"


def test_the_penalties_range_is_dim_while_there_is_no_penalty() -> None:
    penalty_range = named("penalty_range")
    assert penalty_range.is_neutral(WritingSettings())
    assert not penalty_range.is_neutral(WritingSettings(sampling=Sampling(presence_penalty=0.5)))


def test_neutral_leaves_the_order_and_what_is_no_stage_alone() -> None:
    settings = WritingSettings(Sampling(temperature=0.3, bias={"1": 2.0}, order=("top_k", "temperature")), length=7)
    neutral = dials.neutral(settings)
    assert neutral == replace(settings, sampling=replace(NEUTRAL, order=("top_k", "temperature")))


DIALLED = [stage for stage in FIRST_STAGES if stage != "bias"]


def test_the_dials_cover_the_stages_that_most_people_turn() -> None:
    assert {dial.stage for dial in DIALS if dial.stage} == set(DIALLED)


@given(st.permutations(STAGES), st.sampled_from(DIALLED))
def test_a_moved_stage_changes_places_with_its_neighbour_alone(order: list[str], stage: str) -> None:
    sampling = Sampling(order=tuple(order))
    later = dials.moved(sampling, stage, 1)
    number = dials.stage_number(sampling, stage)
    assert number is not None
    assert sorted(later.order) == sorted(order)
    assert later.order.index("bias") == order.index("bias")
    assert dials.stage_number(later, stage) == min(number + 1, len(DIALLED))
    if number < len(DIALLED):
        assert dials.moved(later, stage, -1) == sampling


def test_a_stage_that_was_left_out_comes_back_last() -> None:
    sampling = Sampling(order=("temperature",))
    assert dials.stage_number(sampling, "top_k") is None
    assert dials.moved(sampling, "top_k", -1).order == ("temperature", "top_k")


@given(st.floats(-0.5, 1.5) | st.just(math.nan), st.integers(0, 40))
def test_a_bar_fits_its_cells_and_shows_that_there_is_something(share: float, cells: int) -> None:
    bar = bars.line(share, cells)
    assert len(bar) <= cells
    assert bool(bar) == (share > 0 and cells > 0)
    assert (bar == "━" * cells) == (share >= 1 or cells == 0)


@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 40))
def test_a_larger_share_never_has_the_shorter_bar(one: float, other: float, cells: int) -> None:
    def halves(bar: str) -> int:
        return 2 * bar.count("━") + bar.count("╸")

    small, large = sorted((one, other))
    assert halves(bars.line(small, cells)) <= halves(bars.line(large, cells))
