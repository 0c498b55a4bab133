"""The stitcher's process, for real."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from gpt2studio.errors import EngineError
from gpt2studio.wire.lead import AHEAD
from gpt2studio.wire.messages import (
    Continue,
    Distribution,
    Ended,
    Finished,
    Greeting,
    Hello,
    Load,
    Loaded,
    Next,
    Score,
    Scored,
    Token,
    Unload,
    Unloaded,
)
from gpt2studio.wire.process import EngineProcess
from tests.retrieval.asking import Asked, indexed
from tests.retrieval.conftest import ALICE, DRAGON

COMMAND = (sys.executable, "-m", "gpt2studio.retrieval")


@pytest.fixture
async def stitcher(home: Path) -> AsyncIterator[EngineProcess]:
    indexed("tales", {"alice.txt": ALICE, "dragon.txt": DRAGON})
    process = EngineProcess.start(command=COMMAND)
    yield process
    await process.close()


async def text(process: EngineProcess, request: Continue) -> str:
    return "".join([answer.text async for answer in process.ask(request) if isinstance(answer, Token)])


async def test_it_answers_as_the_engine_does(stitcher: EngineProcess) -> None:
    assert isinstance(await stitcher.call(Hello(id="h")), Greeting)
    with pytest.raises(EngineError, match="No model is loaded"):
        await stitcher.call(Next(id="n"))
    with pytest.raises(EngineError, match="There is no index"):
        await stitcher.call(Load(id="l", model="stitch:nowhere"))
    assert isinstance(await stitcher.call(Load(id="l", model="stitch:tales")), Loaded)
    assert isinstance(await stitcher.call(Next(id="n", text="The")), Distribution)
    assert isinstance(await stitcher.call(Score(id="s", text="The dragon")), Scored)
    assert isinstance(await stitcher.call(Continue(id="c", text="The", length=5)), Finished)
    assert isinstance(await stitcher.call(Unload(id="u")), Unloaded)


async def test_several_requests_at_once_get_what_each_gets_alone(stitcher: EngineProcess) -> None:
    await stitcher.call(Load(id="l", model="stitch:tales"))
    requests = [Continue(id=str(n), text="The", seed=n, length=10 * n) for n in range(1, 5)]
    together = await asyncio.gather(*(text(stitcher, request) for request in requests))
    asked = Asked()
    asked.load("stitch:tales")
    assert together == [asked.text(request) for request in requests]


async def test_leaving_early_stops_a_continuation(stitcher: EngineProcess) -> None:
    await stitcher.call(Load(id="l", model="stitch:tales"))
    endless = Continue(id="a", text="The", length=0, stop_at_end=False)
    async for answer in stitcher.ask(endless):
        if isinstance(answer, Token):
            break
    assert isinstance(await stitcher.call(Hello(id="h")), Greeting)


def test_it_ends_when_its_input_does_and_finishes_what_was_asked(home: Path) -> None:
    indexed("tales", {"alice.txt": ALICE})
    lines = [Load(id="l", model="stitch:tales"), Continue(id="c", text="The", length=20)]
    from gpt2studio.wire.lines import to_line

    done = subprocess.run(COMMAND, input=b"".join(map(to_line, lines)), capture_output=True, timeout=60)
    assert done.returncode == 0
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert sum(answer["kind"] == Token.KIND for answer in answers) == 20
    assert [answer["kind"] for answer in answers][-2:] == [Ended.KIND, Finished.KIND]


def test_a_line_that_is_no_request_is_answered_and_survived(home: Path) -> None:
    done = subprocess.run(
        COMMAND,
        input=b'nonsense\n{"kind":"dance","id":"d"}\n{"kind":"hello","id":"h"}\n',
        capture_output=True,
        timeout=60,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(answer["kind"], answer["id"]) for answer in answers] == [
        ("failed", ""),
        ("failed", "d"),
        ("greeting", "h"),
    ]


def test_a_model_can_be_named_on_the_command_line(home: Path) -> None:
    indexed("tales", {"alice.txt": ALICE})
    done = subprocess.run([*COMMAND, "--model", "stitch:tales"], input=b"", capture_output=True, timeout=60)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["id"] for answer in answers if answer["kind"] == Loaded.KIND] == ["start"]


def test_it_loads_no_torch(home: Path) -> None:
    code = "import gpt2studio.retrieval.__main__, gpt2studio.retrieval.copied, sys; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "False"


async def test_what_is_read_slowly_is_written_slowly(stitcher: EngineProcess) -> None:
    await stitcher.call(Load(id="l", model="stitch:tales"))
    request = Continue(id="c", text="The dragon", seed=1, length=AHEAD + 2, stop_at_end=False, pace=4.0)
    told = []
    async for answer in stitcher.ask(request):
        told.append(answer)
        if sum(isinstance(each, Token) for each in told) == AHEAD and isinstance(answer, Token):
            assert isinstance(await stitcher.call(Next(id="n", text="The dragon")), Distribution)
            assert not any(isinstance(each, Ended) for each in told)
    slowly = "".join(each.text for each in told if isinstance(each, Token))
    assert slowly == await text(stitcher, replace(request, id="d", pace=0.0))
