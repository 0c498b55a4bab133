"""Clients of the process: lines in by a thread each, lines out by a thread each, so that none holds up another."""

import contextlib
import os
import queue
import signal
import socket
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import IO

_BACKLOG = 64 << 20
"""Bytes that may wait behind the piece that a client is just reading; who lets more heap up counts as gone."""


class Client:
    """Whoever is at the other end of a pair of streams."""

    def __init__(
        self, lines: IO[bytes], send: Callable[[bytes], None], end: Callable[[], None], inbox: "Inbox"
    ) -> None:
        """*send* returns when all has been handed on; *end* breaks both streams off."""
        self._lines = lines
        self._send = send
        self._end = end
        self._inbox = inbox
        self._outgoing: deque[bytes | None] = deque()
        """What is not sent yet: the first piece is on its way, be it as long as it likes."""
        self._backlog = 0
        """Bytes behind the first piece."""
        self._changed = threading.Condition()
        self.gone = False
        """Whether nothing reaches it any more."""
        self._writer = threading.Thread(target=self._write, daemon=True, name="answers")

    def start(self) -> None:
        """Begin to read and to write."""
        self.knock()
        self._writer.start()
        threading.Thread(target=self._read, daemon=True, name="requests").start()

    def knock(self) -> None:
        """Have it known that there is a client, by an empty line: whoever waits for lines wakes."""
        self._inbox.put((self, b""))

    def tell(self, data: bytes) -> None:
        """Send lines, without waiting for them to be read."""
        if self._backlog > _BACKLOG:
            self._leave()
        else:
            self._put(data)

    def close(self, patience: float = 0.0) -> None:
        """End when what was told has been read; wait for that so many seconds at most."""
        self._put(None)
        self._writer.join(patience)

    def _read(self) -> None:
        try:
            with self._lines as lines:
                for line in lines:
                    self._inbox.put((self, line))
        except (OSError, ValueError):
            self._leave()
        self._inbox.put((self, None))

    def _put(self, data: bytes | None) -> None:
        with self._changed:
            if self._outgoing:
                self._backlog += len(data or b"")
            self._outgoing.append(data)
            self._changed.notify()

    def _write(self) -> None:
        try:
            while (data := self._first()) is not None:
                self._send(data)
                self._drop_first()
        except (OSError, ValueError):
            self._leave()
        self._end()

    def _first(self) -> bytes | None:
        with self._changed:
            self._changed.wait_for(lambda: self._outgoing)
            return self._outgoing[0]

    def _drop_first(self) -> None:
        with self._changed:
            self._outgoing.popleft()
            if self._outgoing:
                self._backlog -= len(self._outgoing[0] or b"")

    def _leave(self) -> None:
        if not self.gone:
            self.gone = True
            self._end()
            self._inbox.put((self, None))


Inbox = queue.SimpleQueue[tuple[Client, bytes | None]]
"""Lines from all clients in the order they came; None: that client asks no more."""


def standard_client(inbox: Inbox) -> Client:
    """Whoever is at standard input and output; what this process prints goes to standard error from here on."""
    out = os.dup(1)
    # Whatever else prints, libraries too, must not get between the lines.
    os.dup2(2, 1)
    sys.stdout = sys.stderr

    def send(data: bytes) -> None:
        left = memoryview(data)
        while left:
            left = left[os.write(out, left) :]

    client = Client(os.fdopen(0, "rb", closefd=False), send, lambda: None, inbox)
    client.start()
    return client


@contextlib.contextmanager
def ended_by_signals(wake: Callable[[], None]) -> Iterator[None]:
    """Leave by way of every ``finally`` when asked to end; *wake*, from another thread, ends the main thread's wait.

    A signal that comes just as the main thread goes to wait for a lock, or to another thread, does not end that wait:
    Python would heed it with the next line, if ever there is one.
    """

    def end(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    def wait() -> None:
        with heard:
            while heard.recv(1):
                wake()

    heard, told = socket.socketpair()
    told.setblocking(False)  # what Python asks of it
    threading.Thread(target=wait, daemon=True, name="signals").start()
    signal.signal(signal.SIGTERM, end)
    signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
    try:
        yield
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    finally:
        signal.set_wakeup_fd(-1)
        told.close()
