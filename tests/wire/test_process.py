"""A child process that speaks lines, for real."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator

import pytest

from gpt2studio.errors import EngineError
from gpt2studio.wire.messages import Answer, Continue, Ended, Finished, Greeting, Hello, Load, Score, Scored, Token
from gpt2studio.wire.process import EngineProcess

CHILD = """
import os, sys, json
def say(**line): sys.stdout.write(json.dumps(line) + "\\n"); sys.stdout.flush()
stopped = set()
for line in sys.stdin:
    asked = json.loads(line)
    kind, id = asked["kind"], asked["id"]
    if kind == "hello":
        say(kind="greeting", id=id, version="0", backend="none", pid=os.getpid(), devices=[])
    elif kind == "load":
        sys.stderr.write("the model fell over\\n"); sys.stderr.flush(); sys.exit(3)
    elif kind == "score":
        say(kind="failed", id=id, message="No model is loaded.", hint="Load one.")
    elif kind == "continue":
        print("this is no line", flush=True)
        say(kind="from the future", id=id)
        for n in range(3):
            say(kind="token", id=id, candidate=0, token=n, text=asked["text"], logprob=-1.0, rank=1)
        if asked["length"]:
            say(kind="ended", id=id, candidate=0, finish="length")
            say(kind="finished", id=id, tokens=3, seconds=1.0, tokens_per_second=3.0)
    elif kind == "stop":
        say(kind="ended", id=asked["request"], candidate=0, finish="stopped")
        say(kind="finished", id=asked["request"], tokens=3, seconds=1.0, tokens_per_second=3.0)
        say(kind="greeting", id="noticed", version="0", backend="none", pid=1, devices=[])
"""


@pytest.fixture
async def engine() -> AsyncIterator[EngineProcess]:
    process = EngineProcess.start(command=(sys.executable, "-c", CHILD))
    yield process
    await process.close()
    assert process.child.returncode is not None


async def test_a_request_gets_its_answers_and_the_closing_one_last(engine: EngineProcess) -> None:
    answers = [answer async for answer in engine.ask(Continue(id="a", text="雪"))]
    assert [type(answer) for answer in answers] == [Token, Token, Token, Ended, Finished]
    assert "".join(answer.text for answer in answers if isinstance(answer, Token)) == "雪雪雪"


async def test_two_requests_at_once_each_get_their_own(engine: EngineProcess) -> None:
    async def text(id: str) -> str:
        return "".join([each.text async for each in engine.ask(Continue(id=id, text=id)) if isinstance(each, Token)])

    assert [*await asyncio.gather(text("x"), text("y"))] == ["xxx", "yyy"]


async def test_a_failure_is_an_error_with_its_hint(engine: EngineProcess) -> None:
    with pytest.raises(EngineError) as caught:
        await engine.call(Score(id="1", text="a"))
    assert (caught.value.message, caught.value.hint) == ("No model is loaded.", "Load one.")
    assert isinstance(await engine.call(Hello(id="2")), Greeting)


async def test_leaving_the_answers_early_stops_the_request(engine: EngineProcess) -> None:
    answers = engine.ask(Continue(id="a", text="b", length=0))
    assert isinstance(await anext(answers), Token)
    noticed = asyncio.ensure_future(engine.call(Hello(id="noticed")))
    await answers.aclose()  # type: ignore[attr-defined]  # an async generator
    assert isinstance(await noticed, Greeting)


async def test_a_long_text_does_not_hold_up_the_asker(engine: EngineProcess) -> None:
    text = "long " * 400_000
    first = await anext(engine.ask(Continue(id="a", text=text)))
    assert isinstance(first, Token)
    assert first.text == text


async def test_an_engine_that_ends_says_its_last_words(engine: EngineProcess) -> None:
    with pytest.raises(EngineError, match="the model fell over"):
        await engine.call(Load(id="1", model="/m"))
    with pytest.raises(EngineError, match="ended"):
        await engine.call(Hello(id="2"))
    assert not engine.alive


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
async def test_a_killed_engine_is_an_error_for_all_who_wait(engine: EngineProcess) -> None:
    asks = [engine.ask(Continue(id=id, text="b", length=0)) for id in ("a", "b")]
    for answers in asks:
        await anext(answers)
    os.kill(engine.child.pid, signal.SIGKILL)
    for answers in asks:
        with pytest.raises(EngineError, match="killed"):
            await _to_the_end(answers)


async def _to_the_end(answers: AsyncIterator[Answer]) -> None:
    async for _ in answers:
        pass


async def test_an_engine_that_will_not_go_is_made_to() -> None:
    stubborn = EngineProcess.start(command=(sys.executable, "-c", "import time\nwhile True: time.sleep(60)"))
    await stubborn.close(patience=0.1)
    assert not stubborn.alive


async def test_an_engine_that_the_system_does_not_start_is_an_engine_error() -> None:
    with pytest.raises(EngineError, match="cannot be started") as caught:
        EngineProcess.start(command=("/nowhere/at/all",))
    assert caught.value.hint


async def test_scores_come_back_as_records() -> None:
    line = '{"kind":"scored","id":"1","tokens":[1],"texts":["a"],"logprobs":[null],"ranks":[null],"perplexity":null}'
    engine = EngineProcess.start(command=(sys.executable, "-c", f"input(); print('''{line}''', flush=True); input()"))
    assert isinstance(await engine.call(Score(id="1", text="a")), Scored)
    await engine.close()
