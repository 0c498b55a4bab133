"""Conversations with a process that is there already: found by its control file, greeted with the secret in it."""

import contextlib
import json
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gpt2studio.errors import EngineError
from gpt2studio.wire.conversation import Conversation
from gpt2studio.wire.messages import ANSWERS, Answer

_PATIENCE = 5.0
"""Seconds that a process of this machine has to take a connection."""


@dataclass(frozen=True, slots=True)
class Greeted:
    """A socket over which the secret was said."""

    socket: socket.socket
    pid: int
    """Of the process at the other end."""


def greet(control: Path) -> Greeted:
    """Connect to the process that wrote this control file.

    Raises EngineError where there is no such file, it is none, or nobody listens there any more.
    """
    try:
        said = json.loads(control.read_bytes())
        port, pid = int(said["port"]), int(said["pid"])
        greeting = json.dumps({"kind": "secret", "secret": str(said["secret"])}).encode() + b"\n"
    except OSError as error:
        raise EngineError(f"There is no {control}: {error.strerror}.", "Nobody listens, or not yet.") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise EngineError(f"{control} is no control file.", "It holds a port, a secret and a process id.") from None
    try:
        connection = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(greeting)
        connection.settimeout(None)
    except (OSError, OverflowError):
        raise EngineError(f"Nobody listens where {control} says.", "The process that wrote it is gone.") from None
    return Greeted(connection, pid)


class Connection(Conversation):
    """A conversation over TCP with a process that others may be talking to as well."""

    def __init__(self, greeted: Greeted, answers: Sequence[type[Answer]] = ANSWERS) -> None:
        self.pid = greeted.pid
        self._socket = greeted.socket
        self._heard = False
        """Whether the other has ever answered, and so has taken the secret."""
        super().__init__(self._socket.makefile("rb"), self._socket.makefile("wb"), answers)

    async def _end(self, patience: float) -> None:
        """Hang up: there is nothing to wait for."""
        self._threads[1].join(min(patience, 0.1))  # what was sent goes out before
        with contextlib.suppress(OSError):  # the other has hung up
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _obituary(self) -> EngineError:
        if self._heard:
            return EngineError("The process at the other end is gone.", "Your text is safe.")
        return EngineError("The process at the other end hung up.", "Its control file is an old one, or another's.")

    def _hear(self, answer: Answer) -> None:
        self._heard = True
        super()._hear(answer)


def connect(control: Path, answers: Sequence[type[Answer]] = ANSWERS) -> Connection:
    """A conversation with the process that wrote this control file.

    Raises EngineError as `greet` does; a secret that is not taken is told of by the first request.
    """
    return Connection(greet(control), answers)
