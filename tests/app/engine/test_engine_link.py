"""The app's engine, as a real process: it loads, answers, dies, and is there again."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gpt2studio.app.engine.holder import Starter
from gpt2studio.app.engine.link import EngineDied, EngineLink, EngineState, Phase
from gpt2studio.app.engine.model_choice import ModelChoice
from gpt2studio.errors import EngineError
from gpt2studio.wire.messages import Continue, Finished, Token
from gpt2studio.wire.process import EngineProcess

FAKE = (sys.executable, str(Path(__file__).parents[1] / "fake_engine.py"))


def starter(*arguments: str) -> Starter:
    return lambda command: EngineProcess.start(arguments, FAKE)


def choice(name: str = "toy") -> ModelChoice:
    return ModelChoice(name, Path("/models") / name)


@asynccontextmanager
async def linked(*arguments: str, model: str = "toy") -> AsyncIterator[tuple[EngineLink, list[EngineState]]]:
    link = EngineLink(starter(*arguments), choice(model))
    states: list[EngineState] = []
    link.on_change = states.append
    running = asyncio.create_task(link.run())
    try:
        yield link, states
    finally:
        running.cancel()
        await link.close()


async def written(link: EngineLink, **fields: object) -> str:
    request = Continue(id=link.new_id(), **fields)  # type: ignore[arg-type]
    return "".join([answer.text async for answer in link.ask(request) if isinstance(answer, Token)])


async def test_a_model_is_loaded_and_its_progress_told() -> None:
    async with linked() as (link, states):
        loaded = await link.ready()
        assert loaded.n_positions == 512
        assert [state.phase for state in states] == [Phase.LOADING, Phase.LOADING, Phase.READY]
        assert states[0].share == 0.5
        assert await written(link, text="Here", length=3) == " the old king"


async def test_a_stopped_request_ends_with_what_came() -> None:
    async with linked("--pace", "100") as (link, _):
        await link.ready()
        request = Continue(id=link.new_id(), length=0)
        tokens = 0
        async for answer in link.ask(request):
            if isinstance(answer, Token):
                tokens += 1
                if tokens == 2:
                    link.stop(request.id)
            last = answer
        assert isinstance(last, Finished)
        assert 2 <= tokens < 100


async def test_an_engine_that_dies_over_a_request_is_started_again(tmp_path: Path) -> None:
    async with linked("--die-after", "2", str(tmp_path / "died")) as (link, states):
        await link.ready()
        with pytest.raises(EngineDied, match="killed"):
            await written(link, length=5)
        await link.ready()
        assert await written(link, text="x", length=2) == " the old"
        assert [state.phase for state in states].count(Phase.READY) == 2
        assert any(state.phase is Phase.STARTING and state.trouble for state in states)


async def test_a_model_that_cannot_be_loaded_is_told_and_another_can_be_chosen() -> None:
    async with linked(model="broken") as (link, _):
        with pytest.raises(EngineError, match="broken"):
            await link.ready()
        assert link.state.phase is Phase.FAILED
        link.choose(choice())
        assert (await link.ready()).parameters == 7_000_000


async def test_a_model_that_kills_its_engine_is_not_tried_for_ever() -> None:
    async with linked(model="deadly") as (link, states):
        with pytest.raises(EngineError, match="killed"):
            await link.ready()
        assert [state.phase for state in states] == [Phase.STARTING, Phase.STARTING, Phase.FAILED]
        hints = [state.trouble.hint for state in states if state.trouble is not None]
        assert ["started again" in hint for hint in hints] == [True, True, False]
        assert "Continue" in hints[-1]
