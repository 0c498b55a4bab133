"""A child process that speaks lines: started at once, asked from asyncio, its end noticed."""

import asyncio
import contextlib
import itertools
import queue
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import IO, Self

from gpt2studio.errors import EngineError, WireError
from gpt2studio.wire.lines import from_line, to_line
from gpt2studio.wire.messages import ANSWERS, STITCH, Answer, Failed, Request, Stop

ENGINE = (sys.executable, "-m", "gpt2studio.engine")
"""The command that starts an engine."""

STITCHER = (sys.executable, "-m", "gpt2studio.retrieval")
"""The command that starts the stitcher, which speaks the same lines."""


def command_for(model: str) -> Sequence[str]:
    """The command that starts the process which can hold this model."""
    return STITCHER if model.startswith(STITCH) else ENGINE


class EngineProcess:
    """An engine in a process of its own.

    It is started without an event loop, so that it can come up while the front end still imports its own parts;
    asking needs a running loop. Reading and writing happen in threads, since a pipe cannot be awaited on every
    platform and a long text must not hold up a screen.
    """

    def __init__(self, child: "subprocess.Popen[bytes]") -> None:
        assert child.stdin is not None
        assert child.stdout is not None
        self.child = child
        self._complaints: deque[str] = deque(maxlen=20)
        self._numbers = itertools.count(1)
        self._asked: dict[str, _Inbox] = {}
        self._lock = threading.Lock()
        self._ended = False
        self._outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._read, args=(child.stdout,), daemon=True, name="engine-answers"),
            threading.Thread(target=self._write, args=(child.stdin,), daemon=True, name="engine-requests"),
        ]
        if child.stderr is not None:
            self._threads.append(
                threading.Thread(target=self._listen, args=(child.stderr,), daemon=True, name="engine-complaints")
            )
        for thread in self._threads:
            thread.start()

    @classmethod
    def start(cls, arguments: Sequence[str] = (), command: Sequence[str] = ENGINE, cwd: Path | None = None) -> Self:
        """Start the process; return before it has said a word."""
        # A group of its own: Ctrl+C in the terminal is the front end's to understand, not the engine's.
        if sys.platform == "win32":
            child = subprocess.Popen(
                [*command, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=cwd,
                creationflags=subprocess.CREATE_NEW_PROCESS_GROUP,
            )
        else:
            child = subprocess.Popen(
                [*command, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=cwd,
                process_group=0,
            )
        return cls(child)

    @property
    def alive(self) -> bool:
        """Whether the process still runs and answers."""
        return not self._ended and self.child.poll() is None

    def new_id(self) -> str:
        """An id that no request of this process has had."""
        return str(next(self._numbers))

    def send(self, request: Request) -> None:
        """Send a request whose answers nobody awaits here; a `Stop`, say."""
        self._outgoing.put(to_line(request))

    async def ask(self, request: Request) -> AsyncIterator[Answer]:
        """Every answer to this request as it comes, the closing one last.

        Leaving the loop early stops the request. Raises EngineError when the engine says that it failed, or dies.
        """
        inbox = _Inbox(asyncio.get_running_loop())
        with self._lock:
            if request.id in self._asked:
                raise EngineError(f"Request {request.id} is already under way.")
            ended = self._ended
            if not ended:
                self._asked[request.id] = inbox
        if ended:
            raise self._obituary()
        self.send(request)
        closed = False
        try:
            while True:
                answer = await inbox.answers.get()
                if answer is None:
                    closed = True
                    raise self._obituary()
                closed = answer.CLOSES
                if isinstance(answer, Failed):
                    raise EngineError(answer.message, answer.hint)
                yield answer
                if closed:
                    return
        finally:
            with self._lock:
                self._asked.pop(request.id, None)
            if not closed:
                self.send(Stop(id=self.new_id(), request=request.id))

    async def call(self, request: Request) -> Answer:
        """The answer that closes this request."""
        async for answer in self.ask(request):
            if answer.CLOSES:
                return answer
        raise AssertionError("an answer that closes, or an error, ends every request")

    async def close(self, patience: float = 2.0) -> None:
        """End the process: by closing its input, then, when it does not go within *patience* seconds, by force."""
        self._outgoing.put(None)
        try:
            await asyncio.to_thread(self.child.wait, patience)
        except subprocess.TimeoutExpired:
            self.kill()
            await asyncio.to_thread(self.child.wait)
        for thread in self._threads:
            await asyncio.to_thread(thread.join, 1.0)

    def kill(self) -> None:
        """End the process by force, at once."""
        with contextlib.suppress(ProcessLookupError):
            self.child.kill()

    def _obituary(self) -> EngineError:
        """What ended the process, as well as one can tell."""
        try:
            code = self.child.wait(0.5)
        except subprocess.TimeoutExpired:
            code = None
        if code is not None and code < 0:
            name = signal.Signals(-code).name
            if name == "SIGKILL":
                return EngineError(
                    "The engine was killed, by the system for want of memory perhaps.",
                    "Your text is safe. Continue to start the engine again, or choose a smaller model.",
                )
            return EngineError(f"The engine ended with {name}.", "Your text is safe. Continue to start it again.")
        last = self._complaints[-1] if self._complaints else f"exit status {code}"
        return EngineError(f"The engine ended: {last}", "Your text is safe. Continue to start it again.")

    def _read(self, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                try:
                    answer = from_line(line, ANSWERS)
                except WireError as error:
                    self._complaints.append(error.message)
                    continue
                if answer is not None:
                    with self._lock:
                        inbox = self._asked.get(answer.id)
                    if inbox is not None:
                        inbox.put(answer)
        with self._lock:
            self._ended = True
            waiting = list(self._asked.values())
        for inbox in waiting:
            inbox.put(None)

    def _write(self, stream: IO[bytes]) -> None:
        # A process that has died is noticed by its reader; here there is only nothing left to say.
        with contextlib.suppress(BrokenPipeError, OSError), stream:
            while (line := self._outgoing.get()) is not None:
                stream.write(line)
                stream.flush()

    def _listen(self, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                if text := line.decode("utf-8", "replace").rstrip():
                    self._complaints.append(text)

    @property
    def complaints(self) -> list[str]:
        """The last lines that the process wrote to its standard error."""
        return list(self._complaints)


class _Inbox:
    """Answers to one request, handed from the reading thread to the asker's loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.answers: asyncio.Queue[Answer | None] = asyncio.Queue()
        self._loop = loop

    def put(self, answer: Answer | None) -> None:
        # The loop may have been closed while the answer was on its way.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self.answers.put_nowait, answer)
