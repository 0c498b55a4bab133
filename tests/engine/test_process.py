"""The engine as a process, for real."""

import json
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import pytest

from gpt2studio.wire.lead import AHEAD
from gpt2studio.wire.lines import from_line, to_line
from gpt2studio.wire.messages import (
    ANSWERS,
    Answer,
    Continue,
    Ended,
    Failed,
    Finished,
    Greeting,
    Hello,
    Load,
    Loaded,
    Loading,
    Next,
    PartScored,
    Request,
    Score,
    Scored,
    Stop,
    Token,
    Unload,
    Unloaded,
)
from tests.engine.asking import continued
from tests.engine.networks import STORYTELLER, storyteller

LOAD = Load(id="load", model=str(STORYTELLER), dtype="float32", device="cpu")
TEXT = "Once upon a time there was"
ROOT = Path(__file__).parents[2]


class Lines:
    """A conversation over a pair of streams."""

    def __init__(self, out: IO[bytes], into: IO[bytes]) -> None:
        self.out = out
        self.into = into

    def say(self, *requests: Request | bytes) -> None:
        for request in requests:
            self.into.write(request if isinstance(request, bytes) else to_line(request))
        self.into.flush()

    def hear(self) -> Answer | None:
        line = self.out.readline()
        assert line.endswith(b"\n") or not line
        return from_line(line, ANSWERS) if line else None

    def until_closed(self, id: str) -> list[Answer]:
        """The answers to a request, those to others left out."""
        answers: list[Answer] = []
        while not answers or not answers[-1].CLOSES:
            answer = self.hear()
            assert answer is not None, "the engine ended"
            if answer.id == id:
                answers.append(answer)
        return answers

    def done(self, request: Request) -> list[Answer]:
        self.say(request)
        return self.until_closed(request.id)


@contextmanager
def engine(*arguments: str) -> Iterator[tuple["subprocess.Popen[bytes]", Lines]]:
    command = [sys.executable, "-m", "gpt2studio.engine", *arguments]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process, Lines(process.stdout, process.stdin)
        finally:
            process.kill()


def texts(answers: list[Answer]) -> str:
    return "".join(answer.text for answer in answers if isinstance(answer, Token | Ended))


def test_a_conversation_from_hello_to_goodbye() -> None:
    with engine() as (process, lines):
        (greeting,) = lines.done(Hello(id="hello"))
        assert isinstance(greeting, Greeting)
        assert greeting.pid == process.pid
        assert any(device.name == "cpu" for device in greeting.devices)

        (refused,) = lines.done(Continue(id="early", text=TEXT))
        assert isinstance(refused, Failed)
        (missing,) = lines.done(Load(id="missing", model="/nowhere/at all"))
        assert isinstance(missing, Failed)
        assert missing.hint

        *loading, loaded = lines.done(LOAD)
        assert isinstance(loaded, Loaded)
        assert (loaded.vocabulary, loaded.end_token, loaded.n_positions) == (8192, 0, 1024)
        assert [type(each) for each in loading] == [Loading] * len(loading)
        done = [each.done for each in loading if isinstance(each, Loading)]
        assert done == sorted(done)
        assert isinstance(loading[-1], Loading)
        assert loading[-1].done == loading[-1].total

        request = Continue(id="c", text=TEXT, length=12, seed=3)
        assert texts(lines.done(request)) == continued(storyteller(), request).text("c")

        lines.say(
            b"this is no JSON\n", b"\n", b'{"kind":"dance","id":"d"}\n', b'{"kind":"continue","id":"e","length":"x"}\n'
        )
        faults = [lines.hear() for _ in range(3)]
        assert [(type(fault), fault.id if fault else None) for fault in faults] == [
            (Failed, ""),
            (Failed, "d"),
            (Failed, "e"),
        ]

        lines.say(Continue(id="long", text=TEXT, length=0, stop_at_end=False), Score(id="s", text=TEXT))
        assert isinstance(lines.until_closed("s")[-1], Scored)
        lines.say(Stop(id="", request="long"))
        ended, finished = lines.until_closed("long")[-2:]
        assert isinstance(ended, Ended)
        assert isinstance(finished, Finished)
        assert ended.finish == "stopped"

        lines.say(Continue(id="cut", text=TEXT, length=0, stop_at_end=False))
        lines.say(Load(id="again", model=str(STORYTELLER), dtype="float32", device="cpu"))
        assert isinstance(lines.until_closed("cut")[-1], Failed)
        assert isinstance(lines.until_closed("again")[-1], Loaded)

        lines.say(Unload(id="u"))
        assert [type(each) for each in lines.until_closed("u")] == [Unloaded]
        assert isinstance(lines.done(Next(id="n", text=TEXT))[-1], Failed)
        lines.into.close()
        assert process.wait(20) == 0
        assert lines.hear() is None


def test_what_was_asked_before_the_input_closed_is_still_answered() -> None:
    with engine("--model", str(STORYTELLER), "--dtype", "float32", "--device", "cpu") as (process, lines):
        lines.say(Continue(id="c", text=TEXT, length=5), Score(id="s", text=TEXT))
        lines.into.close()
        kinds = [type(answer) for answer in iter(lines.hear, None)]
        assert kinds.count(Loaded) == kinds.count(Finished) == kinds.count(Scored) == 1
        assert kinds.count(Token) == 5
        assert process.wait(20) == 0


def test_a_killed_engine_leaves_whole_lines_and_a_new_one_goes_on() -> None:
    with engine("--model", str(STORYTELLER), "--device", "cpu") as (process, lines):
        lines.say(Continue(id="c", text=TEXT, length=0, stop_at_end=False))
        while not isinstance(lines.hear(), Token):
            pass
        process.kill()
        while lines.hear() is not None:
            pass
        assert process.wait(20) == -signal.SIGKILL


@contextmanager
def client(control: Path, secret: str | None = None) -> Iterator[Lines]:
    told: dict[str, Any] = json.loads(control.read_text())
    with socket.create_connection(("127.0.0.1", told["port"])) as connection:
        lines = Lines(connection.makefile("rb"), connection.makefile("wb"))
        lines.say(json.dumps({"kind": "secret", "secret": secret or told["secret"]}).encode() + b"\n")
        with lines.out, lines.into:
            yield lines


def test_clients_over_tcp_share_one_engine(tmp_path: Path) -> None:
    control = tmp_path / "control.json"
    arguments = ("--model", str(STORYTELLER), "--dtype", "float32", "--device", "cpu", "--listen", str(control))
    with engine(*arguments) as (process, lines):
        assert isinstance(lines.until_closed("start")[-1], Loaded)
        assert stat.S_IMODE(control.stat().st_mode) == 0o600
        with client(control) as one, client(control) as other:
            request = Continue(id="same", text=TEXT, length=9)
            for number, each in enumerate((lines, one, other)):
                each.say(Continue(id="same", text=TEXT, length=9, seed=number))
            for number, each in enumerate((lines, one, other)):
                alone = continued(storyteller(), Continue(id="same", text=TEXT, length=9, seed=number))
                assert texts(each.until_closed("same")) == alone.text(request.id)

            one.say(Continue(id="mine", text=TEXT, length=0, stop_at_end=False))
            other.say(Stop(id="", request="mine"))  # another client's id is none of its business
            while not isinstance(one.hear(), Token):
                pass
        with client(control) as again:  # the last client left in the middle of a text
            assert isinstance(again.done(Hello(id="h"))[-1], Greeting)
            lines.into.close()
            assert isinstance(again.done(Next(id="n", text=TEXT))[-1], Answer)
        assert process.wait(20) == 0
        assert not control.exists()


def test_a_long_score_ends_when_the_client_that_asked_for_it_is_gone(tmp_path: Path) -> None:
    control = tmp_path / "control.json"
    with engine("--model", str(STORYTELLER), "--device", "cpu", "--listen", str(control)) as (process, lines):
        lines.until_closed("start")
        with client(control) as one:
            one.say(Score(id="s", tokens=(5,) * 1_000_000))  # many minutes of work
            assert isinstance(one.hear(), PartScored)
        lines.into.close()
        assert process.wait(60) == 0


def test_a_client_without_the_secret_hears_nothing(tmp_path: Path) -> None:
    control = tmp_path / "control.json"
    with engine("--listen", str(control)) as (process, lines):
        lines.done(Hello(id="h"))
        with client(control, secret="guessed") as stranger:
            stranger.say(Hello(id="h"))
            with pytest.raises((AssertionError, ConnectionError)):
                stranger.until_closed("h")
        process.terminate()
        assert process.wait(20) == 128 + signal.SIGTERM
        assert not control.exists()


def test_the_parts_of_torch_that_are_slow_to_load_are_left_alone() -> None:
    script = f"""
import sys
slow = {{"torch._dynamo", "torch._inductor", "sympy", "transformers"}}
from gpt2studio.engine.service import Service
from gpt2studio.wire.messages import Continue, Load, Score
answers = []
service = Service(lambda client, told: answers.extend(told))
service.receive(1, Load(id="l", model={str(STORYTELLER)!r}, device="cpu"))
service.receive(1, Continue(id="c", text={TEXT!r}, length=3, candidates=2))
service.receive(1, Score(id="s", text={TEXT!r}))
while service.busy:
    service.step()
assert answers[-1].CLOSES, answers
print(sorted(slow & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, cwd=ROOT)
    assert done.stdout.decode().strip() == "[]"


def test_what_is_read_slowly_is_computed_slowly_and_others_do_not_wait_for_it() -> None:
    slow = Continue(id="slow", text=TEXT, seed=1, length=AHEAD + 2, stop_at_end=False, pace=0.01)
    with engine() as (_, lines):
        lines.done(LOAD)
        lines.say(slow)
        heard: list[Answer] = []
        while sum(isinstance(each, Token) for each in heard) <= AHEAD:
            answer = lines.hear()
            assert answer is not None
            heard.append(answer)
        lines.say(Next(id="next", text=TEXT))
        answer = lines.hear()
        assert answer is not None
        assert answer.id == "next"  # in the middle of the minute for which the other rests
        lines.say(Stop(id="stop", request="slow"))
        heard += lines.until_closed("slow")
    tokens = [each.token for each in heard if isinstance(each, Token)]
    assert tokens == continued(storyteller(), replace(slow, pace=0.0)).tokens("slow")[: AHEAD + 1]
    (end,) = (each for each in heard if isinstance(each, Finished))
    assert end.tokens_per_second > 1  # its own speed, not the reader's
