"""Serving from the app: the link, who is there, and what friends get when the person chooses another model."""

import asyncio
import contextlib
import json
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from gpt2studio.app.dialogs.ask import AskScreen
from gpt2studio.app.engine.link import EngineLink, EngineState, Phase
from gpt2studio.app.engine.model_choice import ModelChoice
from gpt2studio.app.serve.screen import ServeScreen
from gpt2studio.app.serve.serving import Serving, ServingState, Standing, Where
from gpt2studio.paths import shipped
from gpt2studio.wire.process import EngineProcess
from tests.app.models.test_who_writes import linked, until, written
from tests.app.studios import Bench, Setup, opened
from tests.training.small import make_model

FAKE = (sys.executable, str(Path(__file__).with_name("fake_server.py")))


def told(log: Path) -> list[dict[str, Any]]:
    """What the server has been told; of a line that is still being written, nothing."""
    lines = log.read_text().splitlines(keepends=True) if log.exists() else []
    return [json.loads(line) for line in lines if line.endswith("\n")]


@asynccontextmanager
async def studio(home: Path, size: tuple[int, int] = (80, 24)) -> AsyncIterator[tuple[Bench, Path]]:
    """A studio whose server follows a script."""
    log = home / "told"
    async with opened(Setup(home, size=size, server=(*FAKE, str(log)))) as bench:
        await bench.ready()
        yield bench, log


async def test_the_link_and_who_is_there_are_shown_and_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with studio(tmp_path) as (bench, _):
        copied: list[str] = []
        monkeypatch.setattr(bench.studio, "copy_to_clipboard", copied.append)
        await bench.studio.run_action("serve")
        await bench.until(lambda: bench.studio.serving.state.visitors == 3)
        await bench.pilot.pause()
        text = bench.screen_text()
        assert "http://127.0.0.1:5000/" in text
        assert "3 visitors · 2 writing, 1 waiting · 57 tokens/s · 1,204 tokens in all" in text
        await bench.pilot.press("c")
        assert copied == ["http://127.0.0.1:5000/"]
        await bench.pilot.press("escape")
        await bench.shows("Served at http://127.0.0.1:5000/ · 3 visitors · 57 tokens/s")
        await bench.studio.run_action("serve")
        await bench.pilot.press("s")
        await bench.until(lambda: bench.studio.serving.state.standing is Standing.OFF)
        await bench.pilot.press("escape")
        assert "Served at" not in bench.screen_text()


async def test_the_mark_is_on_every_screen(tmp_path: Path) -> None:
    async with studio(tmp_path) as (bench, _):
        await bench.studio.run_action("serve")
        await bench.until(lambda: bench.studio.serving.state.visitors == 3)
        await bench.pilot.press("escape")
        for key in ("f3", "f4", "f2"):
            await bench.pilot.press(key)
            await bench.pilot.pause()
            assert "Served at http://127.0.0.1:5000/" in bench.screen_text(), key


async def test_the_model_in_view_is_the_one_that_writes_and_is_served(tmp_path: Path) -> None:
    make_model(tmp_path / "models" / "tiny")
    async with studio(tmp_path) as (bench, log):
        await bench.until(lambda: any(model.name == "tiny" for model in bench.studio.stock.models))
        await bench.pilot.press("f3")
        await bench.pilot.pause()
        await bench.until(lambda: bench.studio.models.model is not None)
        while bench.studio.models.model is None or bench.studio.models.model.name != "tiny":
            await bench.pilot.press("down")
        await bench.pilot.press("s")
        await bench.until(lambda: bench.studio.serving.state.standing is Standing.ON)
        assert isinstance(bench.studio.screen, ServeScreen)
        assert bench.studio.link.state.choice is not None
        assert bench.studio.link.state.choice.name == "tiny"
        assert told(log)[0]["name"] == "tiny"
        assert "tiny writes now It was toy. What is served is what writes." in bench.told


async def test_the_network_gets_a_token_that_stays_the_same(tmp_path: Path) -> None:
    async with studio(tmp_path) as (bench, log):
        await bench.studio.run_action("serve")
        await bench.until(lambda: bench.studio.serving.state.standing is Standing.ON)
        links = []
        for _ in range(2):
            await bench.pilot.press("n")
            await bench.until(lambda: bench.studio.serving.state.link.startswith("http://192.0.2.7"))
            links.append(bench.studio.serving.state.link)
            await bench.pilot.press("n")
            await bench.until(lambda: bench.studio.serving.state.link == "http://127.0.0.1:5000/")
        assert links[0] == links[1]
        assert [bool(line["token"]) for line in told(log)] == [False, True, False, True, False]
        assert len(links[0].partition("#token=")[2]) >= 20


async def test_a_port_that_is_taken_is_said_and_another_can_be_had(tmp_path: Path) -> None:
    async with studio(tmp_path) as (bench, _):
        await bench.studio.run_action("serve")
        await bench.until(lambda: bench.studio.serving.state.standing is Standing.ON)
        await port(bench, "1")
        await bench.until(lambda: bench.studio.serving.state.standing is Standing.FAILED)
        await bench.pilot.pause()
        await bench.shows("cannot listen on 127.0.0.1, port 1")
        await port(bench, "65536")
        assert "That is no port" in bench.told
        await port(bench, "8001")
        await bench.pilot.press("s")
        await bench.until(lambda: bench.studio.serving.state.link == "http://127.0.0.1:8001/")


async def port(bench: Bench, number: str) -> None:
    await bench.pilot.press("p")
    await bench.until(lambda: isinstance(bench.studio.screen, AskScreen))
    await bench.pilot.press("ctrl+a", "ctrl+k", *number, "enter")
    await bench.until(lambda: isinstance(bench.studio.screen, ServeScreen))


async def test_a_server_that_dies_is_said_and_can_be_started_again(tmp_path: Path) -> None:
    async with studio(tmp_path) as (bench, _):
        await bench.studio.run_action("serve")
        await bench.until(lambda: bench.studio.serving.state.standing is Standing.ON)
        (tmp_path / "killed").touch()
        await bench.until(lambda: bench.studio.serving.state.standing is Standing.FAILED)
        (tmp_path / "killed").unlink()
        await bench.pilot.pause()
        await bench.shows("The server has ended by signal 9")
        assert "The server has ended" in bench.told
        await bench.pilot.press("s")
        await bench.until(lambda: bench.studio.serving.state.standing is Standing.ON)


async def test_friends_get_what_the_person_writes_with(tmp_path: Path) -> None:
    log = tmp_path / "told"
    async with linked(storyteller(), tmp_path / "engine.json") as (link, _, _):
        serving = Serving(link, (*FAKE, str(log)))
        link.on_change = serving.follow
        await link.ready()
        await serving.start(Where())
        await until(lambda: serving.state.standing is Standing.ON)
        link.choose(ModelChoice("gone", tmp_path / "nowhere"))
        await until(lambda: link.state.phase is Phase.FAILED)
        live = EngineState(Phase.READY, ModelChoice.live(tmp_path / "runs" / "run1"), 1.0)
        serving.follow(live)
        serving.follow(live)
        link.choose(ModelChoice("tiny", make_model(tmp_path / "tiny")))
        await link.ready()
        await until(lambda: len(told(log)) == 4)
        await serving.stop()
    said = [(line["name"], bool(line["control"]), line["why"].partition(".")[0]) for line in told(log)]
    assert said == [
        ("storyteller", True, ""),
        ("gone", False, "No model is ready to write just now"),
        ("run1", False, "This model is being trained, and nothing is served meanwhile"),
        ("tiny", True, ""),
    ]
    assert told(log)[0]["sampling"]["temperature"] != told(log)[3]["sampling"]["temperature"]


async def test_a_real_server_shares_the_engine_and_ends_with_the_app(tmp_path: Path) -> None:
    async with linked(storyteller(), tmp_path / "engine.json") as (link, started, _):
        serving = Serving(link)
        await link.ready()
        await serving.start(Where(port=None))
        await until(lambda: serving.state.standing is not Standing.STARTING)
        assert serving.state.standing is Standing.ON, serving.state.trouble
        first, own = await asyncio.gather(
            asyncio.to_thread(complete, serving.state.link), written(link, text="The king", length=8)
        )
        assert first["model"] == "storyteller"
        assert first["choices"][0]["text"]
        assert own
        assert len(started.all) == 1
        link.on_change = serving.follow
        link.choose(ModelChoice("tiny", make_model(tmp_path / "tiny")))
        await link.ready()
        assert (await asyncio.to_thread(until_model, serving.state.link, "tiny"))["choices"]
        await until(lambda: serving.state.tokens > 8)
        was = serving.state.link
        await serving.stop()
        with pytest.raises(urllib.error.URLError):
            await asyncio.to_thread(complete, was)


def complete(link: str) -> dict[str, Any]:
    body = json.dumps({"model": "storyteller", "prompt": "Once", "max_tokens": 8}).encode()
    with urllib.request.urlopen(f"{link}v1/completions", body, timeout=60) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def until_model(link: str, name: str) -> dict[str, Any]:
    """A completion, once this model is served."""
    while True:
        with contextlib.suppress(urllib.error.HTTPError):  # the other one has just been let go
            if (found := complete(link))["model"] == name:
                return found


def storyteller() -> ModelChoice:
    return ModelChoice("storyteller", shipped("models") / "storyteller")


def never(command: Sequence[str]) -> EngineProcess:
    raise AssertionError("nothing starts an engine here")


def test_what_a_newer_server_says_is_passed_over(tmp_path: Path) -> None:
    heard: list[ServingState] = []
    serving = Serving(EngineLink(never, ModelChoice.live(tmp_path)), FAKE)
    serving.on_change.append(heard.append)
    for line in (b"", b"no json", b"[]", b"{}", b'{"event":"traffic"}', b'{"event":"serving"}', b'{"event":7}'):
        serving._hear(line)
    assert heard == []
