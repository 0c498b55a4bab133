"""How a server begins and ends, and what it says of itself."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gpt2studio.errors import StudioError
from gpt2studio.paths import shipped
from gpt2studio.web.address import Address, bind, lan_address, names_of
from gpt2studio.web.guard import Rules
from gpt2studio.web.keeper import Keeper
from gpt2studio.web.server import ServeOptions, serve
from gpt2studio.wire.messages import Load
from tests.web.scripted import FAULT
from tests.web.sites import PATIENCE, scripted, serving, until


def test_without_a_port_the_next_free_one_is_taken() -> None:
    first = bind("127.0.0.1", None)
    with first.socket:
        second = bind("127.0.0.1", None)
        with second.socket:
            assert 5000 <= first.port < second.port


def test_a_port_that_was_asked_for_and_is_taken_is_a_fault() -> None:
    first = bind("127.0.0.1", 0)
    with first.socket, pytest.raises(StudioError, match=f"port {first.port}"):
        bind("127.0.0.1", first.port)


@pytest.mark.parametrize(("host", "port"), [("192.0.2.77", 0), ("no.such.name.invalid", 0), ("127.0.0.1", 99999)])
def test_an_address_that_is_not_here_is_a_fault(host: str, port: int) -> None:
    with pytest.raises(StudioError):
        bind(host, port)


def test_an_address_of_another_machine_is_not_taken_for_a_busy_one() -> None:
    with pytest.raises(StudioError, match=r"cannot listen on 192\.0\.2\.77"):
        bind("192.0.2.77", None)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False)],
)
def test_what_only_this_machine_can_reach(host: str, loopback: bool) -> None:
    assert Address.is_loopback(host) is loopback


def test_on_every_address_numbers_are_names_too_but_other_names_are_not() -> None:
    rules = Rules(names=names_of("0.0.0.0"), addresses=True)
    assert rules.knows_host("192.168.1.7:5000")
    assert rules.knows_host("localhost:5000")
    assert not rules.knows_host("evil.example:5000")


def test_to_others_a_token_is_made_and_stands_in_the_links_fragment(tmp_path: Path) -> None:
    with scripted(tmp_path, host="0.0.0.0") as site:
        address, token = re.fullmatch(r"http://([\d.]+):\d+/#token=([\w-]{20,})", site.link).groups()  # type: ignore[union-attr]
        assert address == (lan_address() or "127.0.0.1")
        assert site.ask("GET", "/v1/models").status == 401
        assert site.ask("GET", "/v1/models", headers={"Authorization": f"Bearer {token}"}).status == 200


def test_the_person_may_open_it(tmp_path: Path) -> None:
    with scripted(tmp_path, host="0.0.0.0", open=True) as site:
        assert "#" not in site.link
        assert site.ask("GET", "/v1/models").status == 200


def options(**given: object) -> ServeOptions:
    return ServeOptions(load=Load(id="", model="/nowhere"), name="x", port=0, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("given", [{"token": "a", "open": True}, {"token": "a b"}, {"token": "ключ"}])
def test_tokens_that_make_no_sense_are_refused(given: dict[str, object]) -> None:
    with pytest.raises(StudioError, match="token"):
        serve(options(**given))


def test_a_model_that_cannot_be_held_is_a_fault_and_not_a_server() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gpt2studio", "serve", "--model", "/nowhere/at/all", "--port", "0"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "There is no model" in done.stderr


def test_the_program_that_started_it_hears_of_visitors_and_speed(tmp_path: Path) -> None:
    with scripted(tmp_path) as site:
        site.complete(prompt="x", max_tokens=50)
        until(lambda: any(json.loads(line).get("tokens") == 50 for line in site.events))
        until(lambda: any(json.loads(line)["tokens_per_second"] > 0 for line in site.events))
        assert json.loads(site.events[-1])["visitors"] == 1


def test_it_ends_with_the_program_that_started_it(tmp_path: Path) -> None:
    with scripted(tmp_path, until_eof=True) as site:
        assert site.process.stdin is not None
        site.process.stdin.close()
        assert site.process.wait(PATIENCE) == 0


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_it_ends_when_asked_though_a_stream_is_under_way(tmp_path: Path, number: int, status: int) -> None:
    with scripted(tmp_path, pace=0.01, limits={"length": 1_000_000}) as site:
        with site.stream(prompt="x", max_tokens=1_000_000) as raw:
            site.process.send_signal(number)
            answer = b"".join(iter(lambda: raw.recv(65536), b""))
        assert b'"finish_reason":"length"' in answer
        assert b"data: [DONE]" in answer
        assert site.process.wait(PATIENCE) == status
        assert not [line for line in site.lines if "Traceback" in line]


@pytest.mark.parametrize("stream", [False, True])
def test_a_fault_that_nobody_foresaw_is_told_to_who_serves_and_not_to_visitors(tmp_path: Path, stream: bool) -> None:
    with scripted(tmp_path) as site:
        reply = site.complete(prompt=FAULT, max_tokens=5, stream=stream)
        assert "The engine failed" in reply.text
        assert "mary" not in reply.text
        until(lambda: any("/home/mary/x" in line for line in site.lines))
        assert site.complete(prompt="x", max_tokens=1).status == 200


def test_an_engine_that_is_killed_comes_back_though_nobody_reads_what_the_server_says(tmp_path: Path) -> None:
    deaf = """
import os, sys
from tests.web.host import main
reader, writer = os.pipe()
os.dup2(writer, 2)
os.close(writer)
os.close(reader)
sys.exit(main(sys.argv[1]))
"""
    log = tmp_path / "reached"
    log.touch()
    with serving(tmp_path, ["-c", deaf, json.dumps({"pace": 0.002, "log": str(log)})], log) as site:
        os.kill(site.pid_of_engine(), signal.SIGKILL)
        until(lambda: site.reached.count("load") == 2)
        until(lambda: site.ask("GET", "/health").status == 200)
        assert site.complete(prompt="x", max_tokens=1).status == 200


def test_a_server_that_can_no_longer_keep_its_engine_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(keeper: Keeper) -> None:
        raise ArithmeticError("what nobody foresaw")

    monkeypatch.setattr(Keeper, "run", fail)
    command = (sys.executable, "-m", "tests.web.scripted", "0.002", str(tmp_path / "reached"))
    model = str(shipped("models") / "storyteller")
    with pytest.raises(ArithmeticError):
        serve(ServeOptions(load=Load(id="", model=model), name="storyteller", port=0, engine=command))


def test_a_model_made_of_texts_is_served_like_any_other(tmp_path: Path) -> None:
    command = ["-m", "gpt2studio", "serve", "--model", "stitch:", "--port", "0", "--json"]
    with serving(tmp_path, command) as site:
        asked = {"model": "stitch:", "prompt": "The ferry ", "max_tokens": 12, "n": 2, "seed": 3}
        reply = site.ask("POST", "/v1/completions", asked)
        assert reply.status == 200
        texts = [choice["text"] for choice in reply.json["choices"]]
        assert len(texts) == 2
        assert all(text.strip() for text in texts)
