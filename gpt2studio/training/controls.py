"""What people ask of a trainer at work: acted on where it rests, between micro-batches."""

import contextlib
import json
import queue
import time
from collections.abc import Hashable

from gpt2studio.errors import StudioError, WireError
from gpt2studio.runs.control import (
    LIVE,
    TO_A_TRAINER,
    ChangeRate,
    Done,
    EndRun,
    GoOn,
    Pause,
    SampleNow,
    SaveNow,
)
from gpt2studio.runs.events import Paused, WentOn
from gpt2studio.training.live import LiveModel
from gpt2studio.training.session import Session, Tell
from gpt2studio.wire.clients import Client, Inbox
from gpt2studio.wire.lines import from_line, to_line
from gpt2studio.wire.listening import Listener
from gpt2studio.wire.messages import Answer, Failed, Hello, Request, Stop


class Controls:
    """The clients of a trainer, and whether it is paused."""

    def __init__(self, session: Session, tell: Tell) -> None:
        self._session = session
        self._tell = tell
        self._paused = False
        self._inbox: Inbox = queue.SimpleQueue()
        parts = session.parts
        self._live = LiveModel(self._answer, parts.network, parts.language, f"{parts.run.path}{LIVE}")
        self._clients: set[Client] = set()
        self._leaving: set[Client] = set()
        self._listener = Listener(parts.run.control, self._inbox)

    def act(self) -> None:
        """Do what was asked, and wait while there is a pause; the weights stand still meanwhile."""
        while not self._session.wish:
            while not self._inbox.empty():
                self._hear(*self._inbox.get())
            self._see_off()
            if self._live.busy:
                self._live.step()
            elif self._paused:
                self._wait()
            else:
                break
        if self._session.wish:
            for client in self._clients:
                self._live.part(client)
        self._live.let_go()

    def close(self) -> None:
        """Listen no more."""
        self._listener.close()
        for client in self._clients:
            client.close(patience=1.0)

    def _wait(self) -> None:
        # Signals ask for an end by the session's wish alone, so a wait is never long.
        with contextlib.suppress(queue.Empty):
            self._hear(*self._inbox.get(timeout=0.25))

    def _see_off(self) -> None:
        """Part from clients that ask no more, once they have their answers."""
        for client in [client for client in self._leaving if client.gone or not self._live.serves(client)]:
            if client.gone:
                self._live.part(client)
            client.close()
            self._leaving.discard(client)
            self._clients.discard(client)

    def _hear(self, client: Client, line: bytes | None) -> None:
        if line is None:
            self._leaving.add(client)
            return
        self._clients.add(client)
        if not line.strip():
            return
        try:
            request = from_line(line, TO_A_TRAINER)
        except WireError as error:
            self._answer(client, [Failed(id=_id_in(line), message=error.message, hint=error.hint)])
            return
        if request is None:
            fault = Failed(id=_id_in(line), message="A trainer does not answer that.", hint="Ask an engine.")
            self._answer(client, [fault])
            return
        self._do(client, request)

    def _do(self, client: Client, request: Request) -> None:
        session = self._session
        try:
            match request:
                case Pause() | GoOn():
                    self._pause(isinstance(request, Pause))
                case EndRun():
                    session.wish = session.wish or "stopped"
                case SaveNow():
                    session.save()
                case SampleNow():
                    session.sample()
                case ChangeRate():
                    session.change_rate(request.learning_rate)
                case _:
                    self._write(client, request)
                    return
        except StudioError as error:
            self._answer(client, [Failed(id=request.id, message=error.message, hint=error.hint)])
            return
        except OSError as error:
            self._answer(client, [Failed(id=request.id, message=f"That could not be written: {error.strerror}.")])
            return
        self._answer(client, [Done(id=request.id, step=session.state.step)])

    def _pause(self, pause: bool) -> None:
        if pause == self._paused:
            return
        self._paused = pause
        now, step = time.time(), self._session.state.step
        self._tell(Paused(time=now, step=step) if pause else WentOn(time=now, step=step))

    def _write(self, client: Client, request: Request) -> None:
        """What an engine answers, with the weights as they are."""
        if not isinstance(request, Hello | Stop):
            self._live.take_up()
        self._live.receive(client, request)

    def _answer(self, client: Hashable, answers: list[Answer]) -> None:
        assert isinstance(client, Client)
        if not client.gone:
            client.tell(b"".join(map(to_line, answers)))


def _id_in(line: bytes) -> str:
    """The id that a line has which is no request; empty where it has none."""
    try:
        found = json.loads(line)["id"]
    except (ValueError, RecursionError, TypeError, KeyError):
        return ""
    return found if isinstance(found, str) else ""
