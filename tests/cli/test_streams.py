"""What the program prints where no terminal shows it, or nothing takes it."""

import errno
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gpt2studio.cli import main
from gpt2studio.paths import places
from tests.app.train.logged_runs import LoggedRun

PROGRAM = (sys.executable, "-m", "gpt2studio")
FULL = Path("/dev/full")


@pytest.mark.parametrize("locale", ["ascii", "latin-1", "cp1252"])
def test_a_filter_writes_utf_8_whatever_the_locale(locale: str) -> None:
    text = "Die Hülle – 雪\r\n".encode()
    done = subprocess.run(
        [*PROGRAM, "generate", "-", "--include-prompt", "--length", "2", "--seed", "1"],
        input=text,
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": locale},
    )
    assert done.stdout.startswith(text)


@pytest.mark.skipif(sys.platform == "win32", reason="arguments are text there")
def test_bytes_of_the_command_line_that_are_no_text_come_out_as_they_went_in() -> None:
    words = (*PROGRAM, "generate", "--include-prompt", "--length", "2", "--seed", "1")
    command = [*map(os.fsencode, words), b"\xff\xfe"]
    done = subprocess.run(command, capture_output=True, check=True, env={**os.environ, "PYTHONUTF8": "1"})
    assert done.stdout.startswith(b"\xff\xfe")


@pytest.mark.skipif(not FULL.exists(), reason="has no disk that is always full")
@pytest.mark.parametrize("command", [("models",), ("generate", "Once", "--length", "2"), ("models", "--json")])
def test_a_full_disk_is_a_fault_that_is_told_in_two_lines(command: tuple[str, ...]) -> None:
    with FULL.open("w") as full:
        done = subprocess.run([*PROGRAM, *command], stdout=full, stderr=subprocess.PIPE, check=False, text=True)
    assert done.returncode == 1
    what, hint = done.stderr.splitlines()
    assert "No space left on device" in what
    assert hint.startswith("  Make room")


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of POSIX")
def test_streams_that_are_closed_are_no_fault() -> None:
    line = f"{sys.executable} -m gpt2studio generate - --length 2 <&- >&-"
    done = subprocess.run(["/bin/sh", "-c", line], capture_output=True, check=True)
    assert done.stderr == b""


@pytest.mark.parametrize("command", [("models",), ("models", "--json"), ("runs",), ("runs", "--json")])
def test_a_reader_that_has_gone_is_no_fault(command: tuple[str, ...]) -> None:
    LoggedRun(places().runs)
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as gone:
        done = subprocess.run([*PROGRAM, *command], stdout=gone, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_on_windows_a_reader_that_has_gone_may_look_like_an_invalid_argument(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    class Gone(io.StringIO):
        def flush(self) -> None:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

        def fileno(self) -> int:
            raise ValueError

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(sys, "stdout", Gone())
    assert main(["models", "--json"]) == 0
    assert capfd.readouterr().err == ""


def test_progress_asks_for_no_control_codes_that_a_console_may_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    class Console(io.StringIO):
        def isatty(self) -> bool:
            return True

    console = Console()
    monkeypatch.setattr(sys, "stderr", console)
    assert main(["score", str(Path(__file__).with_name("__init__.py")), "--json"]) == 0
    assert "Loading the model…" in console.getvalue()
    assert "\x1b" not in console.getvalue()
    assert console.getvalue().endswith(" \r")
