"""A child process that speaks lines: started at once, asked from asyncio, its end noticed."""

import asyncio
import contextlib
import signal
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Self

from gpt2studio.errors import EngineError
from gpt2studio.programs import APART, own
from gpt2studio.wire.conversation import Conversation
from gpt2studio.wire.messages import STITCH

ENGINE = own("gpt2studio.engine")
"""The command that starts an engine."""

STITCHER = own("gpt2studio.retrieval")
"""The command that starts the stitcher, which speaks the same lines."""


def command_for(model: str) -> Sequence[str]:
    """The command that starts the process which can hold this model."""
    return STITCHER if model.startswith(STITCH) else ENGINE


class EngineProcess(Conversation):
    """An engine in a process of its own.

    It is started without an event loop, so that it can come up while the front end still imports its own parts.
    """

    def __init__(self, child: "subprocess.Popen[bytes]") -> None:
        assert child.stdin is not None
        assert child.stdout is not None
        self.child = child
        super().__init__(child.stdout, child.stdin)
        if child.stderr is not None:
            listening = threading.Thread(target=self._listen, args=(child.stderr,), daemon=True, name="complaints")
            self._threads.append(listening)
            listening.start()

    @classmethod
    def start(cls, arguments: Sequence[str] = (), command: Sequence[str] = ENGINE, cwd: Path | None = None) -> Self:
        """Start the process; return before it has said a word. Raises EngineError where the system starts none."""
        try:
            child = subprocess.Popen(
                [*command, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=cwd,
                **APART,
            )
        except OSError as error:
            raise EngineError(
                f"The engine cannot be started: {error.strerror or error}.", "Close other programs, then try again."
            ) from None
        return cls(child)

    @property
    def alive(self) -> bool:
        """Whether the process still runs and answers."""
        return super().alive and self.child.poll() is None

    async def _end(self, patience: float) -> None:
        """The process ends when its input does; by force when it does not go."""
        try:
            await asyncio.to_thread(self.child.wait, patience)
        except subprocess.TimeoutExpired:
            self.kill()
            await asyncio.to_thread(self.child.wait)

    def kill(self) -> None:
        """End the process by force, at once."""
        with contextlib.suppress(ProcessLookupError):
            self.child.kill()

    def _obituary(self) -> EngineError:
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

    def _listen(self, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                if text := line.decode("utf-8", "replace").rstrip():
                    self._complaints.append(text)
