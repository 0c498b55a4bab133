"""Conversations over TCP with a process that is there already."""

import asyncio
import contextlib
import errno
import json
import os
import queue
import socket
import threading
from collections.abc import AsyncIterator, Hashable, Iterator
from pathlib import Path

import pytest

from gpt2studio.errors import EngineError
from gpt2studio.wire import listening
from gpt2studio.wire.clients import Client, Inbox
from gpt2studio.wire.connecting import Connection, connect
from gpt2studio.wire.lines import from_line, to_line
from gpt2studio.wire.listening import Listener
from gpt2studio.wire.messages import REQUESTS, Answer, Continue, Ended, Failed, Finished, Greeting, Hello, Score, Stop


class Other:
    """Somebody who listens: greets, never ends a continuation by itself, cannot score."""

    def __init__(self, control: Path) -> None:
        self.control = control
        self.inbox: Inbox = queue.SimpleQueue()
        self.listener = Listener(control, self.inbox)
        self.clients: set[Client] = set()
        self.stopped = threading.Event()
        threading.Thread(target=self.answer, daemon=True).start()

    def answer(self) -> None:
        while True:
            client, line = self.inbox.get()
            self.clients.add(client)
            for answer in self.answers(client, line) if line else ():
                client.tell(to_line(answer))

    def answers(self, client: Hashable, line: bytes) -> list[Answer]:
        match from_line(line, REQUESTS):
            case Hello(id=id):
                return [Greeting(id=id, version="0", backend="none", pid=os.getpid(), devices=())]
            case Score(id=id):
                return [Failed(id=id, message="No model is loaded.", hint="Load one.")]
            case Continue(id=id):
                return [Ended(id=id, candidate=0, finish="length")]
            case Stop(request=request):
                self.stopped.set()
                return [Finished(id=request, tokens=0, seconds=0.0, tokens_per_second=0.0)]
        return []


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Other]:
    listens = Other(tmp_path / "control.json")
    yield listens
    listens.listener.close()


@contextlib.asynccontextmanager
async def connected(control: Path) -> AsyncIterator[Connection]:
    connection = connect(control)
    try:
        yield connection
    finally:
        await connection.close()


async def test_it_is_the_conversation_that_one_has_with_a_child(other: Other) -> None:
    async with connected(other.control) as one, connected(other.control) as two:
        assert one.pid == os.getpid()
        for each in (one, two):
            assert isinstance(await each.call(Hello(id="1")), Greeting)
        with pytest.raises(EngineError, match="No model is loaded") as caught:
            await one.call(Score(id="2", text="x"))
        assert caught.value.hint == "Load one."
    assert not one.alive
    with pytest.raises(EngineError, match="gone"):
        await one.call(Hello(id="3"))


async def test_a_connection_that_cannot_be_taken_does_not_close_the_port(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept, failures = socket.socket.accept, [OSError(errno.EMFILE, "Too many open files")]

    def refusing(self: socket.socket) -> tuple[socket.socket, object]:
        if failures:
            raise failures.pop()
        return accept(self)

    monkeypatch.setattr(socket.socket, "accept", refusing)
    other = Other(tmp_path / "control.json")
    async with connected(other.control) as one:
        assert isinstance(await one.call(Hello(id="1")), Greeting)
    assert not failures
    other.listener.close()


async def test_leaving_the_answers_early_stops_the_request(other: Other) -> None:
    async with connected(other.control) as connection:
        answers = connection.ask(Continue(id="a"))
        assert isinstance(await anext(answers), Ended)
        await answers.aclose()  # type: ignore[attr-defined]  # an async generator
        assert await asyncio.to_thread(other.stopped.wait, 20)


async def test_a_peer_that_goes_is_an_error_for_all_who_wait(other: Other) -> None:
    async with connected(other.control) as connection:
        asks = [connection.ask(Continue(id=id)) for id in ("a", "b")]
        for answers in asks:
            await anext(answers)
        for client in other.clients:
            client.close()
        for answers in asks:
            with pytest.raises(EngineError, match="gone"):
                await anext(answers)
        assert not connection.alive


async def test_a_secret_that_is_not_taken_is_told_by_the_first_request(other: Other) -> None:
    said = json.loads(other.control.read_bytes())
    other.control.write_text(json.dumps({**said, "secret": "guessed"}))
    async with connected(other.control) as connection:
        with pytest.raises(EngineError, match="hung up") as caught:
            await connection.call(Hello(id="1"))
        assert "control file" in caught.value.hint


@pytest.mark.parametrize("written", [None, "", "[]", "{}", '{"port": "x", "secret": "s", "pid": 1}', "[" * 100_000])
def test_a_control_file_that_is_none_is_said(tmp_path: Path, written: str | None) -> None:
    control = tmp_path / "control.json"
    if written is not None:
        control.write_text(written)
    with pytest.raises(EngineError, match=r"control\.json"):
        connect(control)


@pytest.mark.parametrize("far", [0, 100_000])
def test_a_control_file_of_a_process_that_is_gone_is_said(tmp_path: Path, far: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    control = tmp_path / "control.json"
    control.write_text(json.dumps({"port": port + far, "secret": "s", "pid": 1}))
    with pytest.raises(EngineError, match="Nobody listens"):
        connect(control)


def test_a_greeting_that_drips_is_not_waited_for_without_end(other: Other, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "_PATIENCE", 0.2)
    port = json.loads(other.control.read_text())["port"]
    with socket.create_connection(("127.0.0.1", port)) as stranger:
        stranger.settimeout(0.02)
        ended = False
        for _ in range(1000):
            with contextlib.suppress(TimeoutError):
                stranger.send(b".")
                ended = stranger.recv(1) == b""
            if ended:
                break
    assert ended


def test_where_no_control_file_can_be_written_nobody_joins_and_the_rest_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    with listening.listening(tmp_path / "file" / "control.json", queue.SimpleQueue()):
        assert "Others cannot join" in capsys.readouterr().err
