"""Trainers as processes: started, followed by their events, and what can be told of their end."""

import contextlib
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import IO

from gpt2studio.errors import UsageError
from gpt2studio.programs import own
from gpt2studio.runs.directory import RunDirectory
from gpt2studio.runs.events import Event

ENDING = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
"""What asks a trainer to save and end, by its name: Ctrl+C, the system, a terminal that is closed, Ctrl+Break."""

_PAUSE = 0.05
"""Seconds between looks at a log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """How a trainer is started."""

    detach: bool = False
    """Whether it outlives the terminal, and its Ctrl+C."""
    micro_batch: int = 0
    """At most so many windows at once; 0: as the run has it."""
    probe: bool = False

    def __post_init__(self) -> None:
        """Refuse a number that means nothing."""
        if self.micro_batch < 0:
            raise UsageError("That micro-batch cannot be used.", "Give a whole number, 1 or more.")


def start(run: RunDirectory, launch: Launch) -> "subprocess.Popen[bytes]":
    """Start a trainer on the run; it says in the log how it fares, and in ``trainer.log`` what else there is."""
    command = own("gpt2studio.training", str(run.path))
    if launch.micro_batch:
        command += ("--micro-batch", str(launch.micro_batch))
    if launch.probe:
        command += ("--probe",)
    processes = run.recipe.computing.processes
    if processes > 1:
        command = own("torch.distributed.run", "--standalone", f"--nproc-per-node={processes}", "--no-python", *command)
    with run.output.open("ab") as output:
        process = _started(command, output, detach=launch.detach)
    if launch.detach:
        # Nobody waits for it; where its starter outlives it, somebody must take note of its end.
        threading.Thread(target=process.wait, daemon=True, name="trainer").start()
    return process


def _started(command: Sequence[str], output: IO[bytes], *, detach: bool) -> "subprocess.Popen[bytes]":
    if sys.platform == "win32":
        # A console that is closed takes with it all that are attached to it; this is one of its own, without a window.
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW if detach else 0
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, creationflags=flags)
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=detach)


def detached(command: Sequence[str], output: IO[bytes]) -> None:
    """Start a program that outlives this one, and its terminal."""
    process = _started(command, output, detach=True)
    threading.Thread(target=process.wait, daemon=True, name="detached").start()


def follow(
    run: RunDirectory, alive: Callable[[], bool], offset: int = 0, heed: Callable[[], None] = lambda: None
) -> Iterator[Event]:
    """Every event past *offset* bytes of the log as it comes, until the trainer is at its end.

    *heed* is called between events and while there are none: where a line may be printed.
    """
    while True:
        # Asked before the log is read: what it wrote last is read after it is gone.
        lives = alive()
        events, offset = run.log.read(offset)
        for event in events:
            heed()
            yield event
        heed()
        if not lives:
            return
        if not events:
            time.sleep(_PAUSE)


@contextlib.contextmanager
def passing_on(
    process: "subprocess.Popen[bytes]", names: tuple[str, ...], say: Callable[[], None]
) -> Iterator[Callable[[], None]]:
    """While the block runs, these signals go to the trainer at once, which saves first and ends.

    What it gives is for `follow` to heed: there, and not in the midst of another line, *say* is called when the first
    of them has come. Only a program's main thread gets signals: in another one nothing is passed on. Those that were
    ignored stay so: nohup means it.

    A block that fails ends the trainer in the same way: nobody would watch it any more.
    """
    came = said = False

    def passed_on(number: int, frame: FrameType | None) -> None:
        nonlocal came
        came = True
        if sys.platform != "win32":  # there the console has a Ctrl+C reach all of its programs by itself
            process.send_signal(number)

    def heed() -> None:
        nonlocal said
        if came and not said:
            said = True
            say()

    alone = threading.current_thread() is not threading.main_thread()
    before = {} if alone else {number: signal.signal(number, passed_on) for number in heeded(names)}
    try:
        yield heed
    except BaseException:  # what is printed has no reader any more, say, or no room
        if sys.platform != "win32":  # there it would end without a checkpoint
            passed_on(signal.SIGTERM, None)
            with contextlib.suppress(OSError):
                heed()
        raise
    finally:
        process.wait()
        for number, handler in before.items():
            signal.signal(number, handler)


def heeded(names: Sequence[str]) -> list[signal.Signals]:
    """Those of the signals that this system has, and that whoever started this program did not have ignored."""
    known: list[signal.Signals] = [getattr(signal, name) for name in names if hasattr(signal, name)]
    return [number for number in known if signal.getsignal(number) is not signal.SIG_IGN]


def end_of_log(run: RunDirectory) -> int:
    """The offset behind all that is in the log now."""
    try:
        return run.log.path.stat().st_size
    except FileNotFoundError:
        return 0


def was_killed(process: "subprocess.Popen[bytes]") -> bool:
    """Whether the system, or a person, ended the process by force."""
    return sys.platform != "win32" and process.poll() in (-signal.SIGKILL, 128 + signal.SIGKILL)


def was_interrupted(process: "subprocess.Popen[bytes] | None") -> bool:
    """Whether a person's signal ended the process before it heeded any."""
    return process is not None and process.poll() in {-number for number in heeded(ENDING)}


def last_words(run: RunDirectory) -> str:
    """The last line that a trainer printed; empty where there is none."""
    try:
        lines = run.output.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
