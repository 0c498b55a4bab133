"""Whoever holds the app's model, as real processes: an engine, the stitcher, a trainer at work."""

import asyncio
import stat
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from gpt2studio.app.engine.link import EngineLink, EngineState, Phase
from gpt2studio.app.engine.model_choice import Kind, ModelChoice
from gpt2studio.errors import EngineError
from gpt2studio.paths import places, shipped
from gpt2studio.runs.client import TrainerLine
from gpt2studio.runs.control import EndRun
from gpt2studio.runs.directory import RunDirectory
from gpt2studio.runs.recipe import Keeping
from gpt2studio.wire.connecting import connect
from gpt2studio.wire.messages import Continue, Greeting, Hello, Token
from gpt2studio.wire.process import EngineProcess
from tests.training.small import SHAPE, make_model, make_recipe, make_run, trainer, with_schedule

PATIENCE = 120.0


@pytest.fixture
def tiny(tmp_path: Path) -> ModelChoice:
    return ModelChoice("tiny", make_model(tmp_path / "tiny"), dtype="float32")


@pytest.fixture
def stitched() -> ModelChoice:
    return ModelChoice.stitched("stitch:", places())


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    """A run without end, which has not begun and keeps nothing until it ends."""
    recipe = with_schedule(make_recipe(tmp_path), steps=1_000_000, held_out_every=0)
    return make_run(tmp_path, replace(recipe, keeping=Keeping(every=0)))


@pytest.fixture
def at_work(run: RunDirectory) -> Iterator["subprocess.Popen[bytes]"]:
    process = trainer(run)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


class Started:
    """The children that a link has started."""

    def __init__(self, control: Path) -> None:
        self.control = control
        self.all: list[EngineProcess] = []

    def __call__(self, command: tuple[str, ...]) -> EngineProcess:
        self.all.append(EngineProcess.start(("--listen", str(self.control)), command))
        return self.all[-1]

    @property
    def alive(self) -> list[EngineProcess]:
        return [each for each in self.all if each.alive]


@asynccontextmanager
async def linked(choice: ModelChoice, control: Path) -> AsyncIterator[tuple[EngineLink, Started, list[EngineState]]]:
    started = Started(control)
    link = EngineLink(started, choice, control)  # type: ignore[arg-type]
    states: list[EngineState] = []
    link.on_change = states.append
    running = asyncio.create_task(link.run())
    try:
        async with asyncio.timeout(PATIENCE):
            yield link, started, states
    finally:
        running.cancel()
        await link.close()
    assert not started.alive


async def written(link: EngineLink, **fields: object) -> str:
    request = Continue(id=link.new_id(), **fields)  # type: ignore[arg-type]
    return "".join([answer.text async for answer in link.ask(request) if isinstance(answer, Token)])


async def until(holds: Callable[[], object]) -> None:
    while not holds():
        await asyncio.sleep(0.01)


async def test_one_can_go_from_an_engine_to_the_stitcher_and_back(
    tiny: ModelChoice, stitched: ModelChoice, tmp_path: Path
) -> None:
    async with linked(tiny, tmp_path / "engine.json") as (link, started, _):
        assert (await link.ready()).parameters == SHAPE.parameters
        link.choose(replace(tiny, name="the same files"))
        await link.ready()
        assert len(started.all) == 1
        link.choose(stitched)
        loaded = await link.ready()
        assert (loaded.model, loaded.dtype) == ("stitch:", "text")
        assert await written(link, text="Once upon a", length=5)
        assert [each.alive for each in started.all] == [False, True]
        link.choose(tiny)
        assert (await link.ready()).dtype == "float32"
        assert await written(link, text="Once upon a", length=5)
        assert [each.alive for each in started.all] == [False, False, True]


async def test_others_reach_the_apps_engine_by_its_control_file(tiny: ModelChoice, tmp_path: Path) -> None:
    control = tmp_path / "engine.json"
    async with linked(tiny, control) as (link, _, _):
        loaded = await link.ready()
        assert link.control == control
        assert stat.S_IMODE(control.stat().st_mode) == 0o600
        guest = connect(control)
        greeting = await guest.call(Hello(id="h"))
        assert isinstance(greeting, Greeting)
        assert greeting.holds == replace(loaded, id=greeting.holds.id if greeting.holds else "")
        request = Continue(id="c", text="The", length=6, seed=4, heal=False)
        guests = "".join([answer.text async for answer in guest.ask(request) if isinstance(answer, Token)])
        assert guests == await written(link, text="The", length=6, seed=4, heal=False)
        await guest.close()
    assert not control.exists()


async def test_live_weights_write_and_when_the_run_ends_its_last_checkpoint_does(
    tiny: ModelChoice, run: RunDirectory, at_work: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    live = ModelChoice.live(run.path)
    async with linked(tiny, tmp_path / "engine.json") as (link, started, states):
        await link.ready()
        await until(lambda: run.alive)
        link.choose(live)
        loaded = await link.ready()
        assert (loaded.parameters, loaded.n_positions, loaded.end_token) == (SHAPE.parameters, 32, 256)
        assert not started.alive  # its memory is the trainer's now
        assert link.control == run.control
        assert await written(link, text="The baker", length=8)

        await asyncio.to_thread(end, run)
        await until(lambda: link.state.choice != live)
        choice = link.state.choice
        assert choice is not None
        assert (choice.kind, choice.path.parent, choice.dtype) == (Kind.FILES, run.checkpoints, "auto")
        assert choice.name.startswith("run1@")
        told = next(state for state in states if state.choice == choice)
        assert told.trouble is not None
        assert told.trouble.message == "The run “run1” has ended."
        await link.ready()
        assert await written(link, text="The baker", length=8)
        assert len(started.alive) == 1
    assert at_work.wait(20) == 0


def end(run: RunDirectory) -> None:
    with TrainerLine(run) as line:
        line.call(EndRun(id="e"))


async def test_a_trainer_that_gets_ready_is_waited_for_and_one_killed_without_a_checkpoint_is_said(
    run: RunDirectory, at_work: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    await until(lambda: run.alive)
    async with linked(ModelChoice.live(run.path), tmp_path / "engine.json") as (link, started, _):
        await link.ready()
        asked = asyncio.create_task(written(link, text="The", length=0, stop_at_end=False))
        at_work.kill()
        with pytest.raises(EngineError, match="gone"):
            await asked
        await until(lambda: link.state.phase is Phase.FAILED)
        with pytest.raises(EngineError, match="The run “run1” has ended"):
            await link.ready()
        assert not started.all
        link.choose(ModelChoice("storyteller", shipped("models") / "storyteller"))
        await link.ready()
        assert await written(link, text="Once upon a time", length=3)


async def test_another_model_can_be_chosen_while_a_trainer_gets_ready(
    tiny: ModelChoice, run: RunDirectory, tmp_path: Path
) -> None:
    lock = run.lock
    assert lock.acquire()  # as a trainer does that comes up
    try:
        async with linked(ModelChoice.live(run.path), tmp_path / "engine.json") as (link, _, _):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(link.ready(), 0.5)
            link.choose(tiny)
            assert (await link.ready()).model == str(tiny.path)
    finally:
        lock.release()
