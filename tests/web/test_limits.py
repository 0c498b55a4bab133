"""What is too much, too slow, half or broken: refused cleanly, and everybody else goes on."""

import json
import os
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gpt2studio.paths import shipped
from gpt2studio.text.tokenizer import Tokenizer
from tests.web.scripted import DEADLY, script
from tests.web.sites import Site, scripted, until

HEAD = "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    limits = {
        "body": 4000,
        "prompt": 1000,
        "echoed": 100,
        "length": 100,
        "choices": 4,
        "body_seconds": 0.3,
        "head_seconds": 0.3,
        "stalled_seconds": 0.3,
    }
    with scripted(tmp_path_factory.mktemp("small"), limits=limits) as site:
        yield site


def still_answers(site: Site) -> None:
    assert site.complete(prompt="x", max_tokens=2).json["choices"][0]["text"] == script(0, 2)


def test_token_ids_are_as_long_as_their_text_and_are_not_encoded_where_that_is_too_long(small: Site) -> None:
    tokenizer = Tokenizer.of_folder(shipped("models") / "storyteller")
    # Together they are another token: whoever encoded them first would refuse them for that.
    [th], [e], [the] = map(tokenizer.encode, ("th", "e", "the"))
    assert tokenizer.decode((th, e)) == tokenizer.decode((the,))
    reply = small.complete(prompt=[th, e] * 400, max_tokens=1)
    assert (reply.status, reply.json["error"]["code"]) == (400, "context_length_exceeded")
    still_answers(small)


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"prompt": "x" * 1001}, "prompt"),
        ({"prompt": ["x"] * 5}, "prompt"),
        ({"prompt": []}, "prompt"),
        ({"prompt": 7}, "prompt"),
        ({"prompt": [1, "x"]}, "prompt"),
        ({"prompt": [8192]}, "prompt"),
        ({"prompt": [-1]}, "prompt"),
        ({"max_tokens": 101}, "max_tokens"),
        ({"max_tokens": -1}, "max_tokens"),
        ({"max_tokens": "many"}, "max_tokens"),
        ({"n": 5}, "n"),
        ({"n": 0}, "n"),
        ({"prompt": ["x", "y"], "n": 3}, "n"),
        ({"n": 2, "best_of": 1}, "best_of"),
        ({"best_of": 2, "stream": True}, "best_of"),
        ({"temperature": -0.1}, "temperature"),
        ({"temperature": True}, "temperature"),
        ({"top_p": 1.1}, "top_p"),
        ({"logprobs": 21}, "logprobs"),
        ({"prompt": "a b c d e f", "echo": True, "logprobs": 20}, "logprobs"),
        ({"prompt": ["a b c", "d e f"], "echo": True, "logprobs": 20}, "logprobs"),
        ({"prompt": "a b c", "echo": True, "logprobs": 20, "n": 2}, "logprobs"),
        ({"stop": ["a", "b", "c", "d", "e"]}, "stop"),
        ({"stop": ""}, "stop"),
        ({"stop": [1]}, "stop"),
        ({"seed": 1.5}, "seed"),
        ({"echo": "yes"}, "echo"),
        ({"stream_options": 1}, "stream_options"),
        ({"presence_penalty": 3}, "presence_penalty"),
        ({"logit_bias": {"x": 1}}, "logit_bias"),
        ({"logit_bias": {"8192": 1}}, "logit_bias"),
        ({"logit_bias": {"1": 101}}, "logit_bias"),
        ({"logit_bias": [1]}, "logit_bias"),
        ({"suffix": "end"}, "suffix"),
        ({"temprature": 1}, "temprature"),
        ({"\ud800": 1}, "\ufffd"),
        ({"user": 1}, "user"),
        ({"model": 1}, "model"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(small: Site, body: dict[str, object], param: str) -> None:
    reply = small.complete(**body)
    assert reply.status == 400
    assert reply.error["type"] == "invalid_request_error"
    assert reply.error["param"] == param
    assert reply.error["message"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"n": NaN}',
        b'{"n": ' + b"9" * 3000 + b"}",
        b"[" * 3900,
        b'{"a":' * 700,
    ],
)
def test_bad_json_is_refused(small: Site, body: bytes) -> None:
    reply = small.ask("POST", "/v1/completions", body)
    assert reply.status == 400
    assert reply.error["type"] == "invalid_request_error"


def test_a_huge_body_is_refused_and_the_refusal_can_be_read(small: Site) -> None:
    for size in (4001, 60_000, 1_000_000):
        raw = small.connect(f"{HEAD}Content-Length: {size}\r\n\r\n")
        with raw:
            try:
                raw.sendall(b" " * size)
                got = raw.recv(20)
            except ConnectionError:
                assert size == 1_000_000
            else:
                assert got.startswith(b"HTTP/1.1 413")
    still_answers(small)


def test_half_a_head_is_cut_off(small: Site) -> None:
    for head in ("", "POST /v1/comp", HEAD):
        with small.connect(head) as raw:
            assert _read_all(raw) == b""


def test_half_a_body_is_refused(small: Site) -> None:
    with small.connect(f"{HEAD}Content-Length: 100\r\n\r\n{{") as raw:
        answer = _read_all(raw)
        assert answer.startswith(b"HTTP/1.1 408")
    still_answers(small)


def test_what_is_no_http_is_refused(small: Site) -> None:
    with small.connect("\x16\x03\x01\x02 hello\r\n\r\n") as raw:
        assert _read_all(raw).startswith(b"HTTP/1.1 400")
    still_answers(small)


def test_a_reader_that_takes_nothing_is_cut_off_and_its_request_stops(tmp_path: Path) -> None:
    limits = {"stalled_seconds": 0.3, "length": 1_000_000}
    with scripted(tmp_path, pace=0.0, limits=limits) as site:
        raw = site.stream(prompt="x", max_tokens=1_000_000)
        with raw:
            until(lambda: "stop" in site.reached)
        still_answers(site)


def test_a_request_whose_client_has_gone_stops(tmp_path: Path) -> None:
    with scripted(tmp_path, pace=0.01, limits={"length": 1_000_000}) as site:
        site.stream(prompt="x", max_tokens=1_000_000).close()
        until(lambda: site.reached.count("stop") == 1)
        data = json.dumps({"prompt": "x", "max_tokens": 1_000_000})
        with site.connect(f"{HEAD}Content-Length: {len(data)}\r\n\r\n{data}"):
            until(lambda: site.reached.count("continue") == 2)
        until(lambda: site.reached.count("stop") == 2)
        with site.connect("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6\r\n\r\nseed=x"):
            until(lambda: site.reached.count("continue") == 3)
        until(lambda: site.reached.count("stop") == 3)
        still_answers(site)


def test_a_request_that_takes_too_long_ends_with_what_came(tmp_path: Path) -> None:
    with scripted(tmp_path, pace=0.01, limits={"length": 1_000_000, "seconds": 0.4}) as site:
        [choice] = site.complete(prompt="x", max_tokens=1_000_000).json["choices"]
        assert choice["finish_reason"] == "length"
        assert choice["text"]
        assert script(0, 1000).startswith(choice["text"])
        events = site.complete(prompt="x", max_tokens=1_000_000, stream=True).events
        assert events[-1] == "[DONE]"
        assert events[-2]["choices"][0]["finish_reason"] == "length"
        until(lambda: site.reached.count("stop") == 2)


def test_past_the_limit_of_the_queue_comes_429_with_a_time_to_come_back(tmp_path: Path) -> None:
    limits = {"running": 1, "waiting": 1, "length": 1_000_000}
    with scripted(tmp_path, pace=0.01, limits=limits) as site, ThreadPoolExecutor() as pool:
        with site.stream(prompt="x", max_tokens=1_000_000):
            asked = [pool.submit(site.complete, prompt="x", max_tokens=2) for _ in range(3)]
            until(lambda: sum(each.done() for each in asked) == 2)
            for refused in (each.result() for each in asked if each.done()):
                assert refused.status == 429
                assert refused.error["code"] == "rate_limit_exceeded"
                assert int(refused.headers["retry-after"]) >= 1
        replies = [each.result() for each in asked]
        assert [reply.json["choices"][0]["text"] for reply in replies if reply.status == 200] == [script(0, 2)]


def test_an_engine_that_is_killed_comes_back_and_only_what_ran_fails(tmp_path: Path) -> None:
    with scripted(tmp_path, pace=0.01, limits={"length": 1_000_000}) as site:
        with ThreadPoolExecutor() as pool:
            whole = pool.submit(site.complete, prompt="x", max_tokens=1_000_000)
            stream = pool.submit(site.complete, prompt="x", max_tokens=1_000_000, stream=True)
            until(lambda: site.reached.count("continue") == 2)
            os.kill(site.pid_of_engine(), signal.SIGKILL)
            next_one = pool.submit(site.complete, prompt="x", max_tokens=3)
            assert whole.result().status == 503
            assert whole.result().error["code"] == "engine_ended"
            assert "ask once more" in whole.result().error["message"]
            events = stream.result().events
            assert events[-1]["error"]["code"] == "engine_ended"
            assert next_one.result().json["choices"][0]["text"] == script(0, 3)
        assert site.ask("GET", "/health").json == {"status": "ok"}
        assert any("being started again" in line for line in site.lines)


@pytest.mark.parametrize("body", [{}, {"echo": True, "logprobs": 2}])
def test_a_request_that_an_engine_dies_of_is_not_put_to_the_next_one(tmp_path: Path, body: dict[str, object]) -> None:
    with scripted(tmp_path) as site:
        reply = site.complete(prompt=DEADLY, max_tokens=2, **body)
        assert (reply.status, reply.error["code"]) == (503, "engine_ended")
        still_answers(site)
        assert site.reached.count("load") == 2


def _read_all(raw: socket.socket) -> bytes:
    parts = []
    try:
        while part := raw.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)
