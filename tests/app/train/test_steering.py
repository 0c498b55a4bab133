"""A trainer at work asked from asyncio: paused, sampled, stopped, resumed, killed; and what is told of runs."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from gpt2studio.app.engine.model_choice import ModelChoice
from gpt2studio.app.train import steering
from gpt2studio.app.train.news import has_new_model, notes
from gpt2studio.app.train.watch import News, RunsWatch, Turn, WatchedRun
from gpt2studio.app.train.wording import device_of, rate, steps_of, subject, trouble
from gpt2studio.errors import EngineError, StudioError
from gpt2studio.runs.control import ChangeRate, EndRun, GoOn, Pause, SaveNow
from gpt2studio.runs.directory import RunDirectory
from gpt2studio.runs.events import Device, Failed, Finished, Noted
from gpt2studio.runs.launch import Launch, start
from gpt2studio.runs.progress import Progress
from gpt2studio.runs.recipe import Recipe, Texts
from gpt2studio.runs.registry import Runs
from gpt2studio.runs.standing import Standing
from tests.app.train.logged_runs import LoggedRun, device, held_out, saved, stepped
from tests.training.small import make_recipe, make_run, with_schedule

PATIENCE = 60.0


async def until(watch: RunsWatch, holds: Callable[[WatchedRun], bool]) -> WatchedRun:
    """Look until it holds of the one run that there is."""
    async with asyncio.timeout(PATIENCE):
        while not (watch.runs and holds(watch.runs[0])):
            await watch.look()
            await asyncio.sleep(0.01)
    return watch.runs[0]


def long_run(folder: Path) -> RunDirectory:
    """A run with more steps than any test waits for."""
    return make_run(folder, with_schedule(make_recipe(folder), steps=1_000_000, held_out_every=0))


def _kill(run: RunDirectory) -> None:
    """End what a test that failed leaves behind."""
    if run.alive and (begun := run.progress().started) is not None:
        os.kill(begun.pid, signal.SIGKILL)


def _learns(progress: Progress) -> bool:
    """Whether the last launch has taken a step."""
    times, started = progress.curve.times, progress.started
    return started is not None and bool(times) and times[-1] > started.time


async def test_a_trainer_does_what_it_is_asked_and_goes_on_where_it_was_killed(tmp_path: Path) -> None:
    run = long_run(tmp_path)
    watch = RunsWatch(Runs(run.path.parent))
    await asyncio.to_thread(start, run, Launch(detach=True))
    try:
        await until(watch, lambda each: each.progress.step > 2)
        await steering.tell(run, ChangeRate(id="1", learning_rate=1e-3))
        paused = await steering.tell(run, Pause(id="1"))
        await until(watch, lambda each: each.standing is Standing.PAUSED)
        assert watch.runs[0].progress.step == paused.step
        assert (await steering.tell(run, SaveNow(id="1"))).step == paused.step
        with pytest.raises(StudioError, match="under way"):
            await steering.resume(run)
        with pytest.raises(StudioError, match="under way"):
            await steering.remove(run)
        await steering.tell(run, GoOn(id="1"))
        going = await until(watch, lambda each: each.progress.step > paused.step)
        assert going.progress.started is not None
        killed = going.progress.started
        os.kill(killed.pid, signal.SIGKILL)
        await until(watch, lambda each: each.standing is Standing.KILLED)
        ground = await steering.footing(run)
        assert (ground.step >= paused.step, ground.micro_batch) == (True, 4)
        await steering.resume(run, micro_batch=2)
        await until(watch, lambda each: each.progress.started is not killed and _learns(each.progress))
        await steering.tell(run, EndRun(id="1"))
    except BaseException:
        _kill(run)
        raise
    ended = await until(watch, lambda each: not each.alive)
    assert ended.standing is Standing.STOPPED
    with pytest.raises(EngineError, match="not under way"):
        await steering.tell(run, Pause(id="1"))
    await steering.remove(run)
    assert not run.path.exists()


async def test_a_complete_run_goes_on_for_more_steps(tmp_path: Path) -> None:
    run = make_run(tmp_path, with_schedule(make_recipe(tmp_path), steps=2, held_out_every=0))
    watch = RunsWatch(Runs(run.path.parent))
    await asyncio.to_thread(start, run, Launch(detach=True))
    await until(watch, lambda each: each.standing is Standing.COMPLETE)
    await steering.resume(run, more_steps=3)
    await until(watch, lambda each: each.standing is Standing.COMPLETE and each.progress.step == 5)


async def test_a_run_without_a_checkpoint_goes_on_from_its_beginning(tmp_path: Path) -> None:
    logged = LoggedRun(tmp_path)
    ground = await steering.footing(logged.run)
    assert (ground.step, ground.micro_batch) == (0, 0)


def watched(tmp_path: Path, standing: Standing) -> WatchedRun:
    run = WatchedRun(RunDirectory(tmp_path / "run1"))
    for event in (device(10), stepped(9, 2.0), held_out(8, 2.5)):
        run.add(event)
    if standing is Standing.COMPLETE:
        run.add(Finished(time=1.0, step=9, loss=2.0, reason="steps"))
    return run


def test_an_end_is_told_wherever_the_person_is(tmp_path: Path) -> None:
    run = watched(tmp_path, Standing.COMPLETE)
    (note,) = notes(News(turns=(Turn(run, Standing.RUNNING, Standing.COMPLETE),)), None)
    assert "complete" in note.title
    assert "2.50, at step 8" in note.text
    (note,) = notes(News(turns=(Turn(run, Standing.PAUSED, Standing.KILLED),)), None)
    assert note.severity == "error"
    assert not notes(News(turns=(Turn(run, Standing.NEW, Standing.RUNNING),)), None)


def test_who_writes_with_live_weights_is_told_when_the_run_goes_on(tmp_path: Path) -> None:
    run = watched(tmp_path, Standing.RUNNING)
    news = News(turns=(Turn(run, Standing.PAUSED, Standing.RUNNING),))
    assert not notes(news, None)
    assert notes(news, ModelChoice.live(run.run.path))[0].title == "run1 goes on"


def test_a_trainers_notes_reach_the_person_without_codes() -> None:
    news = News(events={"run1": [Noted(time=1.0, message="Memory ran out\x1b[31m", hint="")]})
    assert [(note.title, note.text) for note in notes(news, None)] == [("run1", "Memory ran out␛[31m")]
    assert not has_new_model(news)
    assert has_new_model(News(events={"run1": [saved(3)]}))


def test_a_graphics_card_is_told_with_its_memory() -> None:
    progress = Progress()
    assert device_of(progress) == ""
    card = Device(
        time=0.0, device="cuda:0", label="NVIDIA H100", memory=78 << 30, dtype="bfloat16", processes=1,
        parameters=1, trained=1, steps=10, tokens_per_step=1,
    )  # fmt: skip
    progress.add(card)
    progress.add(stepped(1, 2.0, memory=41 << 30))
    assert device_of(progress) == "cuda:0 H100, 41 of 78 GiB"
    assert steps_of(progress) == ""


def test_what_learns_from_what_is_told_safely() -> None:
    recipe = Recipe(model="/m", parent="story\x1bteller", texts=Texts(paths=("/a/one.txt", "/a/two.txt")))
    assert subject(recipe) == "story␛teller on one.txt and 1 text more"
    assert "damaged" in subject(None)


def test_a_fault_is_told_in_the_trainers_words() -> None:
    progress = Progress([Failed(time=1.0, message="The disk is full.", hint="Make room.")])
    assert trouble(progress, Standing.DISK_FULL) == "The disk is full. Make room."
    assert trouble(progress, Standing.RUNNING) == ""


@pytest.mark.parametrize(("value", "said"), [(5e-4, "5e-4"), (4.83e-4, "4.83e-4"), (0.01, "1e-2"), (1.0, "1e0")])
def test_a_learning_rate_is_short(value: float, said: str) -> None:
    assert rate(value) == said
