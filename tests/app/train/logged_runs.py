"""Runs whose logs tests write line by line, as a trainer would."""

import queue
import threading
import time
from dataclasses import replace
from pathlib import Path

from gpt2studio.files import Lock
from gpt2studio.runs.control import TO_A_TRAINER, Done, EndRun, GoOn, Pause
from gpt2studio.runs.directory import RunDirectory
from gpt2studio.runs.events import (
    Device,
    Event,
    Finished,
    HeldOut,
    Paused,
    Sampled,
    Saved,
    Started,
    Stepped,
    WentOn,
)
from gpt2studio.runs.recipe import Recipe, Texts
from gpt2studio.runs.registry import Runs
from gpt2studio.wire.clients import Inbox
from gpt2studio.wire.lines import from_line, to_line
from gpt2studio.wire.listening import Listener
from gpt2studio.wire.messages import Answer, Failed, Request


class LoggedRun:
    """A run, and the hand that writes its log; while ``begin`` and no ``end`` was called, its trainer is alive."""

    def __init__(self, folder: Path, name: str = "run1", steps: int = 100) -> None:
        recipe = Recipe(model="/models/storyteller", parent="storyteller", texts=Texts(paths=("/texts/pier-nine.txt",)))
        self.run: RunDirectory = Runs(folder).create(name, recipe)
        self.steps = steps
        self.lock: Lock | None = None

    def say(self, *events: Event) -> None:
        for event in events:
            self.run.log.append(event)

    def begin(self) -> None:
        self.lock = self.run.lock
        assert self.lock.acquire()
        self.say(Started(time=time.time(), version="0", pid=1), device(self.steps))

    def step(self, first: int, last: int, loss: float = 4.0) -> None:
        self.say(*(stepped(number, loss / number**0.1) for number in range(first, last + 1)))

    def kill(self) -> None:
        """Its trainer is gone without a word."""
        if self.lock is not None:
            self.lock.release()

    __del__ = kill

    def end(self, step: int, reason: str = "stopped") -> None:
        self.say(Finished(time=time.time(), step=step, loss=2.0, reason=reason))
        self.kill()


def stepped(number: int, loss: float, memory: int = 1 << 30) -> Stepped:
    return Stepped(
        time=1000.0 + number,
        step=number,
        loss=loss,
        lr=5e-4,
        grad_norm=0.8,
        tokens_per_second=5000.0,
        memory=memory,
    )


def device(steps: int) -> Device:
    return Device(
        time=1000.0,
        device="cpu",
        label="CPU, 2 threads",
        memory=0,
        dtype="float32",
        processes=1,
        parameters=7_000_000,
        trained=7_000_000,
        steps=steps,
        tokens_per_step=4096,
    )


def held_out(step: int, loss: float) -> HeldOut:
    return HeldOut(time=1000.0 + step, step=step, held_out_loss=loss, spread=0.02)


def sampled(step: int, text: str, number: int = 0) -> Sampled:
    return Sampled(time=1000.0 + step, step=step, number=number, prompt="", seed=1, text=text, finish="length")


def saved(step: int, best: bool = False) -> Saved:
    return Saved(
        time=1000.0 + step, step=step, path=f"checkpoints/step-{step:06}", bytes=1 << 20, seconds=0.1, best=best
    )


class ListeningRun(LoggedRun):
    """A run whose trainer can be asked: it does nothing but note what it was asked, and say so in the log."""

    def __init__(self, folder: Path, name: str = "run1", steps: int = 100) -> None:
        super().__init__(folder, name, steps)
        self.asked: list[Request] = []
        self.refusal: Failed | None = None
        """What it answers instead."""
        self._inbox: Inbox = queue.SimpleQueue()
        self._listener: Listener | None = None

    def begin(self) -> None:
        super().begin()
        self._listener = Listener(self.run.control, self._inbox)
        threading.Thread(target=self._serve, daemon=True).start()

    def kill(self) -> None:
        super().kill()
        if getattr(self, "_listener", None) is not None:
            assert self._listener is not None
            self._listener.close()

    def _serve(self) -> None:
        while True:
            client, line = self._inbox.get()
            if line is None:
                client.close()
                continue
            request = from_line(line, TO_A_TRAINER) if line.strip() else None
            if request is None:
                continue
            self.asked.append(request)
            self._note(request)
            answer: Answer = self.refusal or Done(id=request.id, step=7)
            client.tell(to_line(replace(answer, id=request.id)))

    def _note(self, request: Request) -> None:
        now = time.time()
        match request:
            case Pause():
                self.say(Paused(time=now, step=7))
            case GoOn():
                self.say(WentOn(time=now, step=7))
            case EndRun():
                self.end(7)
