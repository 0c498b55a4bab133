"""Clients that come over a loopback TCP port: those that know a secret from a file that its owner alone can read."""

import contextlib
import hmac
import json
import os
import secrets
import socket
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from gpt2studio.files import write_whole
from gpt2studio.wire.clients import Client, Inbox

_PATIENCE = 10.0
"""Seconds in which a connection must say the secret."""

_PAUSE = 0.1
"""Seconds to the next look where a connection could not be taken."""

_LONGEST_GREETING = 4096
"""Bytes that its first line may have."""


class Listener:
    """A port, and the control file that tells of it: ``{"port", "secret", "pid"}``."""

    def __init__(self, control: Path, inbox: Inbox) -> None:
        """Listen, and write the file (mode 600)."""
        self._control = control
        self._inbox = inbox
        self._secret = secrets.token_hex(32)
        self._socket = socket.create_server(("127.0.0.1", 0))
        port = self._socket.getsockname()[1]
        self._written = json.dumps({"port": port, "secret": self._secret, "pid": os.getpid()}).encode() + b"\n"
        try:
            write_whole(control, self._written, mode=0o600)
        except OSError:
            self._socket.close()
            raise
        threading.Thread(target=self._accept, daemon=True, name="listener").start()

    def close(self) -> None:
        """Listen no more, and remove the file, unless it is another's by now."""
        self._socket.close()
        with contextlib.suppress(OSError):
            if self._control.read_bytes() == self._written:
                self._control.unlink()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                if self._socket.fileno() < 0:
                    return  # closed
                time.sleep(_PAUSE)  # that one cannot be taken (too many files are open, say); another may be
                continue
            threading.Thread(target=self._greet, args=(connection,), daemon=True, name="greeting").start()

    def _greet(self, connection: socket.socket) -> None:
        """Make a client of a connection that knows the secret."""
        # For the whole line, however it drips: a connection's own timeout begins anew with every byte.
        patience = threading.Timer(_PATIENCE, _end, (connection,))
        patience.daemon = True
        patience.start()
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            lines = connection.makefile("rb")
            if self._knows(lines.readline(_LONGEST_GREETING)):
                Client(lines, connection.sendall, partial(_end, connection), self._inbox).start()
                return
        except OSError:
            pass
        finally:
            patience.cancel()
        connection.close()

    def _knows(self, line: bytes) -> bool:
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):
            return False
        if not isinstance(said, dict) or said.get("kind") != "secret" or not isinstance(said.get("secret"), str):
            return False
        return hmac.compare_digest(said["secret"].encode("utf-8", "replace"), self._secret.encode())


@contextlib.contextmanager
def listening(control: Path | None, inbox: Inbox) -> Iterator[None]:
    """Listen, where a control file is named, until the block ends.

    Where it cannot be written nobody can join; whoever is at standard input and output is served all the same.
    """
    listener = None
    if control is not None:
        try:
            listener = Listener(control, inbox)
        except OSError as error:
            print(f"Others cannot join: {control} cannot be written ({error.strerror or error}).", file=sys.stderr)
    try:
        yield
    finally:
        if listener is not None:
            listener.close()


def _end(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # already at an end
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
