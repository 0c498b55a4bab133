"""Servers for tests: started as a person starts them, and asked over real connections."""

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PATIENCE = 60.0


@dataclass
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def error(self) -> dict[str, Any]:
        found: dict[str, Any] = self.json["error"]
        return found

    @property
    def events(self) -> list[Any]:
        assert self.headers["content-type"].startswith("text/event-stream")
        parts = [part.removeprefix("data: ") for part in self.text.split("\n\n") if part]
        return [part if part == "[DONE]" else json.loads(part) for part in parts]


@dataclass
class Site:
    process: "subprocess.Popen[str]"
    port: int
    link: str
    log: Path
    """What reached the scripted engine."""
    lines: list[str] = field(default_factory=list)
    """What the server wrote to standard error."""
    events: list[str] = field(default_factory=list)
    """What it wrote to standard output after the link."""

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        data = body if isinstance(body, str | bytes | None) else json.dumps(body)
        try:
            connection.request(method, path, data, dict(headers or {}))
            response = connection.getresponse()
            named = {name.lower(): value for name, value in response.getheaders()}
            return Reply(response.status, named, response.read())
        finally:
            connection.close()

    def complete(self, **body: object) -> Reply:
        return self.ask("POST", "/v1/completions", {"model": "storyteller", **body})

    def connect(self, head: str = "") -> socket.socket:
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        raw.sendall(head.encode())
        return raw

    def stream(self, **body: object) -> socket.socket:
        """A connection on which a stream has begun."""
        data = json.dumps({"model": "storyteller", "stream": True, **body})
        raw = self.connect(
            f"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(data)}\r\n\r\n{data}"
        )
        assert raw.recv(12) == b"HTTP/1.1 200"
        return raw

    @property
    def reached(self) -> list[str]:
        return self.log.read_text().split()

    def pid_of_engine(self) -> int:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(children[-1])


def until(condition: Callable[[], bool]) -> None:
    """Wait for what must come; fail where it does not."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.01)


@contextlib.contextmanager
def serving(folder: Path, command: list[str], log: Path | None = None, first: str = "") -> Iterator[Site]:
    """A server; *first* is what it is told on standard input before anything else."""
    environment = {**os.environ, "GPT2STUDIO_HOME": str(folder / "home"), "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, "-W", "error", *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    lines: list[str] = []
    listening = threading.Thread(target=lines.extend, args=(process.stderr,))
    listening.start()
    process.stdin.write(first)
    process.stdin.flush()
    try:
        first = process.stdout.readline()
        if not first:
            listening.join()
            raise AssertionError("".join(lines))
        said = json.loads(first)
        events: list[str] = []
        dropping = threading.Thread(target=events.extend, args=(process.stdout,))
        dropping.start()
        yield Site(process, said["port"], said["link"], log or folder / "none", lines, events)
    finally:
        process.terminate()
        assert process.wait(PATIENCE) in (0, 130)
        listening.join()
        dropping.join()
        process.stdin.close()
        process.stdout.close()
        process.stderr.close()


@contextlib.contextmanager
def scripted(folder: Path, pace: float = 0.002, **options: object) -> Iterator[Site]:
    """A server whose engine follows a script."""
    log = folder / "reached"
    log.touch()
    given = json.dumps({"pace": pace, "log": str(log), **options})
    with serving(folder, ["-m", "tests.web.host", given], log) as site:
        yield site


@contextlib.contextmanager
def storyteller(folder: Path, *options: str) -> Iterator[Site]:
    """A server as the command line starts it, with the model that ships."""
    command = ["-m", "gpt2studio", "serve", "--json", "--port", "0", "--model", "storyteller", *options]
    with serving(folder, command) as site:
        yield site
