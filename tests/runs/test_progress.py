"""The fold over a run's events."""

import math

from hypothesis import given
from hypothesis import strategies as st

from gpt2studio.runs.curve import Curve
from gpt2studio.runs.events import (
    Device,
    Event,
    Finished,
    HeldOut,
    Paused,
    Resumed,
    Sampled,
    Saved,
    Started,
    Stepped,
    WentOn,
)
from gpt2studio.runs.progress import Progress


def step(number: int, loss: float = 2.0, speed: float = 100.0) -> Stepped:
    return Stepped(time=float(number), step=number, loss=loss, lr=1e-3, grad_norm=1.0, tokens_per_second=speed)


def device(steps: int) -> Device:
    return Device(
        time=0.0,
        device="cpu",
        label="CPU",
        memory=0,
        dtype="float32",
        processes=1,
        parameters=10,
        trained=10,
        steps=steps,
        tokens_per_step=50,
    )


def day(last: int) -> list[Event]:
    """An undisturbed run: a held-out loss each second step, a sample and a checkpoint each third."""
    said: list[Event] = [HeldOut(time=0.0, step=0, held_out_loss=9.0)]
    for number in range(1, last + 1):
        said.append(step(number, 8.0 / number))
        if number % 2 == 0:
            said.append(HeldOut(time=0.0, step=number, held_out_loss=abs(5 - number) + 0.5))
        if number % 3 == 0:
            said.append(Sampled(time=0.0, step=number, number=0, prompt="", seed=1, text="…", finish="length"))
            said.append(Saved(time=0.0, step=number, path="x", bytes=1, seconds=0.1))
    return said


@given(st.integers(1, 20), st.data())
def test_a_run_that_was_killed_and_resumed_looks_like_one_that_was_not(last: int, data: st.DataObject) -> None:
    killed = data.draw(st.integers(1, last))
    saved = data.draw(st.integers(0, killed))
    disturbed = Progress(day(killed))
    disturbed.add(Resumed(time=0.0, step=saved))
    for event in day(last):
        if saved == 0 or getattr(event, "step", 0) > saved:
            disturbed.add(event)
    undisturbed = Progress(day(last))
    assert list(disturbed.curve.steps) == list(undisturbed.curve.steps)
    assert list(disturbed.curve.averages) == list(undisturbed.curve.averages)
    assert disturbed.held_out == undisturbed.held_out
    assert disturbed.samples == undisturbed.samples
    assert disturbed.checkpoints == undisturbed.checkpoints
    assert disturbed.best == undisturbed.best


@given(st.lists(st.floats(0, 20), min_size=1, max_size=60))
def test_the_average_is_the_one_that_the_2019_tools_print(losses: list[float]) -> None:
    curve, total, weight = Curve(), 0.0, 0.0
    for number, loss in enumerate(losses, 1):
        curve.add(step(number, loss))
        total, weight = total * 0.99 + loss, weight * 0.99 + 1.0
        assert math.isclose(curve.averages[-1], total / weight, rel_tol=1e-9, abs_tol=1e-9)


def test_the_best_is_where_the_held_out_loss_was_lowest() -> None:
    progress = Progress(day(8))
    assert progress.best is not None
    assert progress.best.step == 4


def test_a_pause_and_an_end_are_states_of_the_last_launch() -> None:
    progress = Progress([Started(time=1.0, version="1", pid=1), step(1), Paused(time=2.0, step=1)])
    assert progress.paused
    progress.add(WentOn(time=3.0, step=1))
    assert not progress.paused
    progress.add(Finished(time=4.0, step=1, loss=2.0, reason="stopped"))
    assert not progress.complete
    assert progress.elapsed == 3.0
    progress.add(Started(time=9.0, version="1", pid=2))
    assert progress.finished is None
    assert (progress.elapsed, progress.worked) == (0.0, 3.0)
    progress.add(Finished(time=10.0, step=1, loss=2.0, reason="steps"))
    assert progress.complete
    assert (progress.elapsed, progress.worked) == (1.0, 4.0)


def test_the_time_left_follows_from_the_last_speeds() -> None:
    progress = Progress([device(steps=100)])
    assert progress.remaining is None
    for number in range(1, 41):
        progress.add(step(number, speed=1.0 if number <= 20 else 50.0))
    assert progress.remaining is not None
    assert math.isclose(progress.remaining, 60.0)


def sampled(number: int, at: int, tokens: int | None = None, share: float | None = None) -> Sampled:
    return Sampled(
        time=float(at),
        step=at,
        number=number,
        prompt="",
        seed=1,
        text="…",
        finish="length",
        copied_tokens=tokens,
        copied_share=share,
        copied_text="x" * (tokens or 0),
    )


def test_copying_is_told_a_step_that_had_samples() -> None:
    said = [sampled(0, 5, 3, 0.0), sampled(1, 5, 9, 0.5), sampled(0, 10, 20, 0.8), sampled(0, 15)]
    progress = Progress(said)
    assert [(each.step, each.longest, each.share) for each in progress.copying] == [(5, 9, 0.25), (10, 20, 0.8)]
    assert progress.copying[0].text == "x" * 9
    progress.add(Resumed(time=20.0, step=5))
    assert [each.step for each in progress.copying] == [5]


def test_a_sample_that_is_told_of_late_does_not_turn_back_the_clock() -> None:
    progress = Progress([Started(time=0.0, version="1", pid=1), step(7), sampled(0, 5, 1, 0.0)])
    assert progress.elapsed == 7.0
