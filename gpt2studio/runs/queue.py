"""Runs that wait for others to end, started one after another by a process that outlives the app.

A waiting run has a mark in its directory; the marks are the queue. Run as a program, this module is the keeper of
the queue in one folder: it starts the first run whenever no trainer works in the folder, and ends when none waits.
"""

import contextlib
import json
import sys
import time
from pathlib import Path

from gpt2studio.files import Lock, write_whole
from gpt2studio.programs import own
from gpt2studio.runs.directory import RunDirectory
from gpt2studio.runs.launch import Launch, detached, start
from gpt2studio.runs.registry import Runs

_PAUSE = 0.5
"""Seconds between looks at the runs that are under way."""


class Queue:
    """The runs in a folder that wait for their turn."""

    def __init__(self, runs: Runs) -> None:
        self.runs = runs

    def waiting(self) -> list[RunDirectory]:
        """The runs that wait, the next first."""
        places = {run: place for run in self.runs.all() if (place := place_of(run)) is not None}
        return sorted(places, key=lambda run: (places[run], run.name))

    def add(self, run: RunDirectory) -> None:
        """Let the run begin, or go on, when those before it have ended. Raises OSError where that cannot be noted."""
        _mark(run, max([time.time(), *(_place(each) + 1 for each in self.waiting())]))
        self.keep()

    def to_front(self, run: RunDirectory) -> None:
        """Let the run be the next."""
        _mark(run, min([time.time(), *(_place(each) - 1 for each in self.waiting())]))
        self.keep()

    def take_out(self, run: RunDirectory) -> None:
        """Let the run wait no longer; it is as it was before."""
        run.waiting.unlink(missing_ok=True)

    def keep(self) -> None:
        """See to it that somebody keeps the queue where any run waits; also after the machine was switched off."""
        if self.waiting() and not self._lock.taken_elsewhere():
            with (self.runs.folder / ".queue.log").open("ab") as output:
                detached(own(__spec__.name, str(self.runs.folder)), output)

    def work(self) -> None:
        """Start what waits, one after another; nothing where another process does so already."""
        # Asked again once the lock is free: a run may have been added when this keeper was about to end.
        while self.waiting():
            with self._lock as lock:
                if not lock.acquire_soon():
                    return
                while waiting := self.waiting():
                    self._turn(waiting)

    @property
    def _lock(self) -> Lock:
        """Held by the keeper."""
        return Lock(self.runs.folder / ".queue.lock")

    def _turn(self, waiting: list[RunDirectory]) -> None:
        under_way = [run for run in self.runs.all() if run.alive]
        for run in under_way:
            if run in waiting:  # somebody was impatient and started it
                self.take_out(run)
        if under_way:
            time.sleep(_PAUSE)
            return
        run = waiting[0]
        with contextlib.suppress(Exception):  # one that cannot be started must not hold up the others
            process = start(run, Launch(detach=True))
            while process.poll() is None and not run.alive:
                time.sleep(_PAUSE / 5)
        self.take_out(run)


def place_of(run: RunDirectory) -> float | None:
    """Where in the queue the run waits: the lower, the sooner; None where it does not wait."""
    try:
        return float(json.loads(run.waiting.read_bytes())["place"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        return float("inf")  # damaged: it waits all the same


def _place(run: RunDirectory) -> float:
    place = place_of(run)
    return time.time() if place is None or place == float("inf") else place


def _mark(run: RunDirectory, place: float) -> None:
    write_whole(run.waiting, json.dumps({"place": place}).encode())


if __name__ == "__main__":
    Queue(Runs(Path(sys.argv[1]))).work()
