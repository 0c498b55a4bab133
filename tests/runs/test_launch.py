"""Trainers followed from outside: what is passed on to them, and when it is said."""

import io
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from gpt2studio.errors import StudioError
from gpt2studio.runs.directory import RunDirectory
from gpt2studio.runs.events import Noted
from gpt2studio.runs.launch import detached, follow, passing_on
from gpt2studio.runs.outcome import Outcome


class Process(subprocess.Popen[bytes]):
    """A trainer that only takes note of its signals."""

    def __init__(self) -> None:
        self.returncode = 0
        self.signals: list[int] = []
        self.waited = False

    def __del__(self) -> None:
        """There is nothing to clean up."""

    def send_signal(self, sig: int) -> None:
        """Take note of it."""
        self.signals.append(sig)

    def wait(self, timeout: float | None = None) -> int:
        """It has ended."""
        self.waited = True
        return 0


def test_a_signal_is_passed_on_at_once_and_said_once_where_a_line_may_stand() -> None:
    process, said = Process(), []
    before = signal.getsignal(signal.SIGINT)
    with passing_on(process, ("SIGINT",), lambda: said.append("stopping")) as heed:
        heed()
        assert said == []
        signal.raise_signal(signal.SIGINT)
        assert (process.signals, said) == ([signal.SIGINT], [])
        heed()
        signal.raise_signal(signal.SIGINT)
        heed()
        assert (process.signals, said) == ([signal.SIGINT] * 2, ["stopping"])
    assert signal.getsignal(signal.SIGINT) is before


def test_a_stop_is_said_between_the_lines_of_a_run(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    for message in ("one", "two"):
        run.log.append(Noted(time=0.0, message=message))
    process, said = Process(), []
    lives = iter((True, True, True, False))
    with passing_on(process, ("SIGINT",), lambda: said.append("stopping")) as heed:
        for event in follow(run, lambda: next(lives), 0, heed):
            assert isinstance(event, Noted)
            said.append(f"{event.message}:")
            signal.raise_signal(signal.SIGINT)
            said.append(event.message)
    assert said == ["one:", "one", "stopping", "two:", "two"]


def test_a_stop_is_said_while_nothing_happens(tmp_path: Path) -> None:
    said: list[str] = []
    lives = iter((True, False))
    with passing_on(Process(), ("SIGINT",), lambda: said.append("stopping")) as heed:
        signal.raise_signal(signal.SIGINT)
        assert list(follow(RunDirectory(tmp_path), lambda: next(lives), 0, heed)) == []
    assert said == ["stopping"]


@pytest.mark.parametrize("in_a_thread", [False, True])
def test_a_trainer_that_nobody_would_watch_any_more_is_ended_and_waited_for(in_a_thread: bool) -> None:
    process, said = Process(), []

    def follow_in_vain() -> None:
        with pytest.raises(BrokenPipeError), passing_on(process, ("SIGINT",), lambda: said.append("stopping")):
            raise BrokenPipeError

    if in_a_thread:
        thread = threading.Thread(target=follow_in_vain)
        thread.start()
        thread.join()
    else:
        follow_in_vain()
    assert (process.signals, process.waited, said) == ([signal.SIGTERM], True, ["stopping"])


def test_on_windows_the_console_passes_a_ctrl_c_on(monkeypatch: pytest.MonkeyPatch) -> None:
    process, said = Process(), []
    monkeypatch.setattr(sys, "platform", "win32")
    with passing_on(process, ("SIGINT",), lambda: said.append("stopping")) as heed:
        signal.raise_signal(signal.SIGINT)
        heed()
    assert (process.signals, said) == ([], ["stopping"])


def test_on_windows_what_is_detached_outlives_the_console_of_its_starter(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []

    class Started(Process):
        def __init__(self, command: Sequence[str], *, creationflags: int, **streams: object) -> None:
            super().__init__()
            started.append(creationflags)

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(subprocess, "Popen", Started)
    for name, flag in (("CREATE_NEW_PROCESS_GROUP", 1), ("CREATE_NO_WINDOW", 2)):
        monkeypatch.setattr(subprocess, name, flag, raising=False)
    detached(["trainer"], io.BytesIO())
    assert started == [1 | 2]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_trainer_that_a_signal_ended_before_it_heeded_any_was_interrupted(tmp_path: Path, number: int) -> None:
    with subprocess.Popen(["sleep", "600"]) as process:
        process.send_signal(number)
    told = Outcome(RunDirectory(tmp_path)).told(process)
    assert (told.reason, told.step) == ("interrupted", 0)


def test_a_trainer_that_went_without_a_word_is_a_fault(tmp_path: Path) -> None:
    with subprocess.Popen(["false"]) as process:
        process.wait()
    with pytest.raises(StudioError, match="it said nothing"):
        Outcome(RunDirectory(tmp_path)).told(process)


def test_in_a_thread_nothing_is_passed_on(tmp_path: Path) -> None:
    before, inside = signal.getsignal(signal.SIGINT), []

    def follow_there() -> None:
        with passing_on(Process(), ("SIGINT",), lambda: None) as heed:
            heed()
            inside.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=follow_there)
    thread.start()
    thread.join()
    assert inside == [before]
