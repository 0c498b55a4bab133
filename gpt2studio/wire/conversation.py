"""A conversation with a process that speaks lines: requests out, answers in, asked from asyncio."""

import asyncio
import contextlib
import itertools
import queue
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Sequence
from typing import IO

from gpt2studio.errors import EngineError, UnforeseenError, WireError
from gpt2studio.wire.lines import from_line, to_line
from gpt2studio.wire.messages import ANSWERS, Answer, Failed, Request, Stop


class Conversation(ABC):
    """Requests and their answers, over a pair of byte streams.

    Asking needs a running loop. Reading and writing happen in threads, since a pipe cannot be awaited on every
    platform and a long text must not hold up a screen.
    """

    def __init__(self, incoming: IO[bytes], outgoing: IO[bytes], answers: Sequence[type[Answer]] = ANSWERS) -> None:
        """*answers* are the kinds that are understood; lines of other kinds are passed over."""
        self._kinds = answers
        self._complaints: deque[str] = deque(maxlen=20)
        self._numbers = itertools.count(1)
        self._asked: dict[str, _Inbox] = {}
        self._lock = threading.Lock()
        self._ended = False
        self._outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._read, args=(incoming,), daemon=True, name="answers"),
            threading.Thread(target=self._write, args=(outgoing,), daemon=True, name="requests"),
        ]
        for thread in self._threads:
            thread.start()

    @property
    def alive(self) -> bool:
        """Whether there is still somebody who answers."""
        return not self._ended

    @property
    def complaints(self) -> list[str]:
        """The last of what the other said that is no answer."""
        return list(self._complaints)

    def new_id(self) -> str:
        """An id that no request of this conversation has had."""
        return str(next(self._numbers))

    def send(self, request: Request) -> None:
        """Send a request whose answers nobody awaits here; a `Stop`, say."""
        self._outgoing.put(to_line(request))

    async def ask(self, request: Request) -> AsyncIterator[Answer]:
        """Every answer to this request as it comes, the closing one last.

        Leaving the loop early stops the request. Raises EngineError when the other says that it failed, or is gone;
        UnforeseenError where it does not know why.
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
                    kind = UnforeseenError if answer.unforeseen else EngineError
                    raise kind(answer.message, answer.hint)
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
        """End the conversation; what can only be ended by force is ended so after *patience* seconds."""
        self._outgoing.put(None)
        await self._end(patience)
        for thread in self._threads:
            await asyncio.to_thread(thread.join, 1.0)

    @abstractmethod
    async def _end(self, patience: float) -> None:
        """Have both streams end; nothing more is sent."""

    @abstractmethod
    def _obituary(self) -> EngineError:
        """What ended the conversation, as well as one can tell."""

    def _read(self, stream: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError), stream:
            for line in stream:
                try:
                    answer = from_line(line, self._kinds)
                except WireError as error:
                    self._complaints.append(error.message)
                    continue
                if answer is not None:
                    self._hear(answer)
        with self._lock:
            self._ended = True
            waiting = list(self._asked.values())
        for inbox in waiting:
            inbox.put(None)

    def _hear(self, answer: Answer) -> None:
        with self._lock:
            inbox = self._asked.get(answer.id)
        if inbox is not None:
            inbox.put(answer)

    def _write(self, stream: IO[bytes]) -> None:
        # That the other is gone is noticed by the reader; here there is only nothing left to say.
        with contextlib.suppress(OSError), stream:
            while (line := self._outgoing.get()) is not None:
                stream.write(line)
                stream.flush()


class _Inbox:
    """Answers to one request, handed from the reading thread to the asker's loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.answers: asyncio.Queue[Answer | None] = asyncio.Queue()
        self._loop = loop

    def put(self, answer: Answer | None) -> None:
        # The loop may have been closed while the answer was on its way.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self.answers.put_nowait, answer)
