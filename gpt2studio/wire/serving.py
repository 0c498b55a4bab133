"""A process that answers: lines of its clients to a service, and the service's answers back."""

import contextlib
import json
import queue
from collections.abc import Callable

from gpt2studio.errors import WireError
from gpt2studio.wire.clients import Client, Inbox
from gpt2studio.wire.lines import from_line, to_line
from gpt2studio.wire.messages import REQUESTS, Answer, Failed, Load, Loading
from gpt2studio.wire.service import Service, Tell

START = "start"
"""The id under which the loading that a command line asks for is answered."""

_PATIENCE = 5.0
"""Seconds that the last lines have to be read before the process ends."""

_LONGEST_REST = 60.0
"""Seconds after which it is looked again for something to do: a rest may be longer than a lock can wait."""


class Server:
    """Serves clients until the last of them asks no more and has all its answers."""

    def __init__(self, inbox: Inbox, service: Callable[[Tell], Service]) -> None:
        self._inbox = inbox
        self._clients: dict[Client, bool] = {}
        """Every client, and whether it may ask more."""
        self._service = service(self._tell)
        self._told: dict[Client, list[bytes]] = {}

    def serve(self, first: Client, load: Load | None = None) -> int:
        """Serve, from this client on; what it wants loaded at once is loaded before a line is read.

        Returns the process's exit status: 1 where it cannot go on.
        """
        self._clients[first] = True
        if load is not None:
            self._service.receive(first, load)
        while self._clients and not self._service.broken:
            self._flush()
            self._listen()
            self._service.step()
            self._dismiss()
        self._flush()
        for client in {first, *self._clients}:
            client.close(_PATIENCE)
        return 1 if self._service.broken else 0

    def _listen(self) -> None:
        """Take in what has come; where there is nothing else to do, wait for it."""
        if not self._service.busy:
            self._hear(*self._inbox.get())
        elif rest := self._service.rest:
            with contextlib.suppress(queue.Empty):
                self._hear(*self._inbox.get(timeout=min(rest, _LONGEST_REST)))
        while not self._inbox.empty():
            self._hear(*self._inbox.get())

    def _hear(self, client: Client, line: bytes | None) -> None:
        if line is None:
            self._clients[client] = False
            if client.gone:
                self._service.part(client)
            return
        self._clients.setdefault(client, True)
        if not line.strip():
            return
        try:
            request = from_line(line, REQUESTS)
        except WireError as error:
            self._tell(client, [Failed(id=_id_in(line), message=error.message, hint=error.hint)])
            return
        if request is None:
            kinds = ", ".join(kind.KIND for kind in REQUESTS)
            fault = Failed(id=_id_in(line), message="There is no request of that kind.", hint=f"There are: {kinds}.")
            self._tell(client, [fault])
            return
        self._service.receive(client, request)

    def _tell(self, client: object, answers: list[Answer]) -> None:
        assert isinstance(client, Client)
        self._told.setdefault(client, []).extend(map(to_line, answers))
        if isinstance(answers[-1], Loading):
            self._flush()  # no step ends before the model is there

    def _flush(self) -> None:
        """Send what was told since the last time, all of it in one piece."""
        for client, lines in self._told.items():
            if not client.gone:
                client.tell(b"".join(lines))
        self._told.clear()

    def _dismiss(self) -> None:
        """Let those go that ask no more and have all their answers."""
        for client in [client for client, asks in self._clients.items() if not asks]:
            if not self._service.serves(client):
                self._flush()
                client.close()
                del self._clients[client]


def _id_in(line: bytes) -> str:
    """The id that a line has which is no request; empty where it has none."""
    try:
        found = json.loads(line)["id"]
    except (ValueError, RecursionError, TypeError, KeyError):
        return ""
    return found if isinstance(found, str) else ""
