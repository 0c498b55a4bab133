"""Programs of the studio's own, started from a folder in which files are called like modules."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gpt2studio.app.serve.serving import SERVE
from gpt2studio.paths import shipped
from gpt2studio.runs.counting import Counted, counted
from gpt2studio.runs.recipe import Texts
from gpt2studio.wire.process import ENGINE, STITCHER


@pytest.fixture
def strange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the person is in."""
    for name in ("json", "random", "re", "numpy", "regex", "torch", "gpt2studio"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong file was imported')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GPT2STUDIO_HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.mark.parametrize("command", [ENGINE, STITCHER])
def test_who_writes_does_not_mind_them(strange: Path, command: tuple[str, ...]) -> None:
    hello = json.dumps({"kind": "hello", "id": "h"}).encode() + b"\n"
    done = subprocess.run(command, input=hello, capture_output=True, check=True)
    assert json.loads(done.stdout)["kind"] == "greeting"


def test_a_server_does_not_mind_them(strange: Path) -> None:
    done = subprocess.run([*SERVE, "--help"], capture_output=True, check=True)
    assert b"--host" in done.stdout


async def test_texts_are_counted_all_the_same(strange: Path) -> None:
    text = strange / "text.txt"
    text.write_text("The fox ran home.\n" * 300)
    answers = [answer async for answer in counted(Texts(paths=(str(text),)), shipped("models") / "storyteller")]
    assert isinstance(answers[-1], Counted)


AMONG_SESSIONS = """
import pathlib
group = pathlib.Path("/proc/self/autogroup")  # with nothing in it where no session was ever begun, as in a container
words = group.read_text().split() if group.exists() else []
print(words[-1] if words else None)
"""
"""Prints how nice the session is to others that Linux shares the processors out among, ``None`` where it is in none."""

GIVEN_WAY = f"""
import os
from gpt2studio.programs import give_way
before = os.nice(0)
give_way()
print(os.nice(0) - before)
{AMONG_SESSIONS}
"""


def printed(script: str, *, own_session: bool = False) -> list[str]:
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, start_new_session=own_session, capture_output=True, check=True, text=True)
    return done.stdout.split()


@pytest.mark.skipif(sys.platform == "win32", reason="there, processes have no niceness")
def test_work_in_the_background_gives_way_to_this_session_and_others() -> None:
    nicer, among_sessions = printed(GIVEN_WAY, own_session=True)
    assert nicer == "10"
    assert among_sessions in ("10", "None")


@pytest.mark.skipif(sys.platform == "win32", reason="there, processes have no niceness")
def test_work_in_the_person_s_own_session_leaves_the_session_alone() -> None:
    nicer, among_sessions = printed(GIVEN_WAY)
    assert nicer == "10"
    assert [among_sessions] == printed(AMONG_SESSIONS)
