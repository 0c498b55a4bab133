"""A server that shares the engine of the program that started it."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gpt2studio.wire.connecting import connect
from gpt2studio.wire.lines import to_line
from gpt2studio.wire.messages import Greeting, Hello, Load
from gpt2studio.wire.sampling import Sampling
from gpt2studio.wire.sharing import Share
from tests.engine.networks import STORYTELLER
from tests.training.small import make_model
from tests.web.sites import PATIENCE, Reply, Site, serving, until

COMMAND = ["-m", "gpt2studio", "serve", "--shared", "--port", "0"]
NO_END = {"0": -100}
"""A text that cannot end by itself: the storyteller's end token is never drawn."""


@contextlib.contextmanager
def engine(control: Path, model: Path = STORYTELLER) -> Iterator["subprocess.Popen[bytes]"]:
    """An engine as the app starts it."""
    command = [sys.executable, "-m", "gpt2studio.engine", "--listen", str(control), "--model", str(model)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert any(b'"loaded"' in line for line in process.stdout)
            yield process
        finally:
            process.kill()


def share(control: Path | None, **values: object) -> Share:
    stated = {"name": "storyteller", "vocabulary": str(STORYTELLER), "control": str(control or ""), **values}
    return Share(**stated)  # type: ignore[arg-type]


@contextlib.contextmanager
def shared(folder: Path, first: Share) -> Iterator[Site]:
    with serving(folder, COMMAND, first=to_line(first).decode()) as site:
        yield site


def turn(site: Site, to: Share) -> None:
    assert site.process.stdin is not None
    site.process.stdin.write(to_line(to).decode())
    site.process.stdin.flush()


def served(site: Site) -> str:
    name: str = site.ask("GET", "/v1/models").json["data"][0]["id"]
    return name


def write(site: Site, **body: object) -> Reply:
    return site.complete(prompt="Once upon a time", seed=3, max_tokens=12, **body)


def load(control: Path, model: Path) -> None:
    """Have the engine hold another model, as the app does when the person chooses one."""

    async def ask() -> None:
        other = connect(control)
        await other.call(Load(id="load", model=str(model)))
        await other.close()

    asyncio.run(ask())


def test_it_writes_with_the_apps_engine_and_starts_none(tmp_path: Path) -> None:
    control = tmp_path / "engine.json"
    with engine(control), shared(tmp_path, share(control, sampling=Sampling(temperature=0.5))) as site:
        first = write(site)
        assert first.status == 200
        assert first.json == {**write(site).json, "id": first.json["id"], "created": first.json["created"]}
        assert not Path(f"/proc/{site.process.pid}/task/{site.process.pid}/children").read_text()
        assert '"temperature": 0.5' in site.ask("GET", "/").text.replace("&quot;", '"')
        scored = site.complete(prompt="The king", max_tokens=0, echo=True, logprobs=1)
        assert len(scored.json["choices"][0]["logprobs"]["tokens"]) == 2


def test_a_token_that_the_app_has_given_out_is_kept(tmp_path: Path) -> None:
    control = tmp_path / "engine.json"
    with engine(control), shared(tmp_path, share(control, token="from-before")) as site:
        assert site.link.endswith("#token=from-before")
        assert write(site).status == 401


def test_when_the_person_chooses_another_model_visitors_go_on_with_it(tmp_path: Path) -> None:
    control = tmp_path / "engine.json"
    other = make_model(tmp_path / "tiny")
    with engine(control), shared(tmp_path, share(control)) as site:
        assert write(site).json["model"] == "storyteller"
        load(control, other)
        turn(site, share(control, name="tiny", vocabulary=str(other)))
        until(lambda: served(site) == "tiny")
        answer = write(site)  # from a page that still asks for the one it was opened with
        assert (answer.status, answer.json["model"]) == (200, "tiny")
        assert site.complete(model="never served", prompt="x").status == 404


def test_where_nothing_is_served_visitors_are_told_why(tmp_path: Path) -> None:
    control = tmp_path / "engine.json"
    with engine(control), shared(tmp_path, share(control)) as site:
        turn(site, share(None, name="run1", why="This model is being trained."))
        until(lambda: write(site).status == 503)
        assert write(site).error["message"] == "This model is being trained."
        assert site.ask("GET", "/health").status == 503
        turn(site, share(control))
        until(lambda: write(site).status == 200)


def test_a_vocabulary_that_cannot_be_read_ends_nothing(tmp_path: Path) -> None:
    control = tmp_path / "engine.json"
    with engine(control), shared(tmp_path, share(control)) as site:
        turn(site, share(control, vocabulary=str(tmp_path / "nowhere")))
        until(lambda: write(site).status == 503)
        turn(site, share(control))
        until(lambda: write(site).status == 200)


def heard(stream: socket.socket, what: bytes) -> None:
    """Read until this comes."""
    said = b""
    while what not in said:
        more = stream.recv(1 << 16)
        assert more, said[-200:]
        said += more


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_an_engine_that_dies_is_joined_again_when_the_app_has_started_another(tmp_path: Path) -> None:
    control = tmp_path / "engine.json"
    with engine(control) as process, shared(tmp_path, share(control)) as site:
        stream = site.stream(prompt="x", max_tokens=2000, logit_bias=NO_END)
        heard(stream, b"data: {")
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        heard(stream, b"Another model was chosen where this is served, or the engine ended.")
        stream.close()
        with engine(control):
            until(lambda: write(site).status == 200)


def test_the_engine_is_there_for_the_app_when_the_server_has_gone(tmp_path: Path) -> None:
    control = tmp_path / "engine.json"
    with engine(control):
        with shared(tmp_path, share(control)) as site:
            stream = site.stream(prompt="x", max_tokens=2000, logit_bias=NO_END)
            assert site.process.stdin is not None
            site.process.stdin.close()
            assert site.process.wait(PATIENCE) == 0
            stream.close()

        async def hello() -> None:
            app = connect(control)
            greeting = await app.call(Hello(id="h"))
            assert isinstance(greeting, Greeting)
            assert greeting.holds is not None
            await app.close()

        asyncio.run(hello())


@pytest.mark.parametrize("said", ["", "nonsense\n", '{"kind":"share"}\n', '{"kind":"load","id":"x","model":"/m"}\n'])
def test_without_a_word_what_to_share_it_is_wrong_usage(said: str) -> None:
    done = subprocess.run(
        [sys.executable, *COMMAND], input=said, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "what to share" in done.stderr


def test_nothing_of_the_engine_but_writing_can_be_reached(tmp_path: Path) -> None:
    control = tmp_path / "engine.json"
    with engine(control), shared(tmp_path, share(control)) as site:
        said = json.loads(control.read_text())
        for field in ("style", "held", "kind", "id", "guest", "background", "device", "path", "request"):
            reply = site.complete(prompt="x", **{field: str(STORYTELLER)})
            assert (reply.status, reply.error["param"]) == (400, field)
        for kind in ("load", "unload", "stop", "hello"):
            assert site.ask("POST", f"/v1/{kind}", {"kind": kind, "id": "x", "model": "/"}).status == 404
        assert site.complete(prompt="x", model=str(STORYTELLER)).status == 404
        shown = [site.ask("GET", path).text for path in ("/", "/health", "/v1/models")]
        arguments = Path(f"/proc/{site.process.pid}/cmdline").read_text()
        assert write(site).status == 200
    for text in (*shown, arguments, *site.lines, *site.events):
        assert said["secret"] not in text
        assert str(control) not in text
