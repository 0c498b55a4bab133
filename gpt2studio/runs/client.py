"""A line to a trainer at work: asked over its loopback port, answered line by line."""

from collections.abc import Iterator
from types import TracebackType
from typing import Self

from gpt2studio.errors import EngineError, StudioError
from gpt2studio.runs.control import FROM_A_TRAINER, Done
from gpt2studio.runs.directory import RunDirectory
from gpt2studio.wire.connecting import greet
from gpt2studio.wire.lines import from_line, to_line
from gpt2studio.wire.messages import Answer, Failed, Request


class TrainerLine:
    """A connection to the trainer that works on a run; one request at a time."""

    def __init__(self, run: RunDirectory) -> None:
        """Connect. Raises EngineError where no trainer can be reached."""
        try:
            self._socket = greet(run.control).socket
        except EngineError:
            raise _out_of_reach(run) from None
        self._lines = self._socket.makefile("rb")

    def ask(self, request: Request) -> Iterator[Answer]:
        """Every answer to the request as it comes, the closing one last.

        Raises EngineError where the trainer says that it failed, or is gone.
        """
        try:
            self._socket.sendall(to_line(request))
            for line in self._lines:
                answer = from_line(line, FROM_A_TRAINER)
                if answer is None or answer.id != request.id:
                    continue
                if isinstance(answer, Failed):
                    raise EngineError(answer.message, answer.hint)
                yield answer
                if answer.CLOSES:
                    return
        except OSError:
            pass
        raise EngineError("The trainer is gone.", "Its last checkpoint is whole: go on with train --resume.")

    def call(self, request: Request) -> Done:
        """Have it done."""
        for answer in self.ask(request):
            if isinstance(answer, Done):
                return answer
        raise StudioError("The trainer gave another answer than was expected.")

    def close(self) -> None:
        """Hang up."""
        self._lines.close()
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _out_of_reach(run: RunDirectory) -> EngineError:
    if run.alive:
        return EngineError(f"The run “{run.name}” is still getting ready.", "Try again in a moment.")
    on = f"gpt2studio train --resume {run.name}"
    if run.progress().complete:
        return EngineError(f"The run “{run.name}” is complete.", f"Train more: {on} --steps N")
    return EngineError(f"The run “{run.name}” is not under way.", f"Go on with it: {on}")
