"""What a person asks of a run: its trainer is told, started again, or all of it taken away."""

import asyncio
import contextlib
from dataclasses import dataclass

from gpt2studio.errors import EngineError, StudioError
from gpt2studio.runs.checkpoints import last_resumable, list_checkpoints, read_state
from gpt2studio.runs.control import FROM_A_TRAINER, Done
from gpt2studio.runs.directory import RunDirectory
from gpt2studio.runs.extend import extended
from gpt2studio.runs.launch import Launch, start
from gpt2studio.runs.queue import Queue
from gpt2studio.runs.registry import Runs
from gpt2studio.wire.connecting import connect
from gpt2studio.wire.messages import Request


@dataclass(frozen=True, slots=True)
class Footing:
    """From where a run would be taken up again."""

    step: int
    micro_batch: int
    """Windows that were computed at once; 0 where that is not known."""


async def tell(run: RunDirectory, request: Request) -> Done:
    """Ask the run's trainer, and wait until it is done.

    Raises EngineError where no trainer can be reached, where it says that it failed, and where it ends meanwhile.
    """
    try:
        conversation = await asyncio.to_thread(connect, run.control, FROM_A_TRAINER)
    except EngineError:
        if run.alive:
            raise EngineError(f"The run “{run.name}” is still getting ready.", "Try again in a moment.") from None
        raise EngineError(f"The run “{run.name}” is not under way.", "Key r goes on with it.") from None
    try:
        answer = await conversation.call(request)
    except EngineError as error:
        if conversation.alive:
            raise
        raise EngineError(f"The trainer of “{run.name}” is gone.", "Its last checkpoint is whole.") from error
    finally:
        await conversation.close()
    if isinstance(answer, Done):
        return answer
    raise StudioError("The trainer gave another answer than was expected.")


async def footing(run: RunDirectory) -> Footing:
    """From where the run would go on: its last checkpoint that is whole, else its beginning."""
    return await asyncio.to_thread(_footing, run)


def _footing(run: RunDirectory) -> Footing:
    last = last_resumable(list_checkpoints(run.checkpoints))
    with contextlib.suppress(StudioError):
        if last is not None:
            state = read_state(last.path)
            return Footing(state.step, state.micro_batch)
        recipe = run.recipe
        return Footing(0, recipe.computing.micro_batch or recipe.schedule.batch_size or 0)
    return Footing(0, 0)


async def resume(run: RunDirectory, micro_batch: int = 0, more_steps: int = 0) -> None:
    """Start a trainer on the run again; it goes on when the app is closed.

    *micro_batch*: at most so many windows at once, 0: as many as before. *more_steps*: so many beyond its end.
    Raises StudioError where it cannot be started.
    """
    await asyncio.to_thread(_resume, run, micro_batch, more_steps)


def _resume(run: RunDirectory, micro_batch: int, more_steps: int) -> None:
    if run.alive:
        raise StudioError(f"The run “{run.name}” is under way.", "There is nothing to resume.")
    try:
        if more_steps:
            extended(run, more_steps)
        Queue(Runs(run.path.parent)).take_out(run)
        start(run, Launch(detach=True, micro_batch=micro_batch))
    except OSError as error:
        raise StudioError(f"No trainer can be started: {error.strerror}.", f"Look at {run.path}.") from None


async def remove(run: RunDirectory) -> None:
    """Take the run away for good. Raises StudioError where a trainer works on it, or the disk does not allow it."""
    try:
        await asyncio.to_thread(Runs(run.path.parent).remove, run.name)
    except OSError as error:
        raise StudioError(f"{run.path} cannot be removed: {error.strerror}.", "Look at the folder.") from None
