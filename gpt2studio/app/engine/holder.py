"""Whoever holds the app's model: a child that is started for it, or a trainer that is at work already."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from gpt2studio.app.engine.model_choice import ModelChoice
from gpt2studio.errors import EngineError
from gpt2studio.wire.conversation import Conversation
from gpt2studio.wire.process import ENGINE

Starter = Callable[[Sequence[str]], Conversation]
"""Starts a child by its command."""

_PATIENCE = 0.3
"""Seconds for an engine to go by itself; it has nothing to save."""
_LOOKS = 0.2
"""Seconds between two looks whether a trainer that gets ready listens."""


class Holder:
    """The one conversation that the app has, with whoever can hold the model that is chosen."""

    def __init__(self, start: Starter, choice: ModelChoice | None, control: Path | None) -> None:
        """Start at once what can be started; *control* is where the children that are started say how to reach them."""
        self._start = start
        self._control = control
        self._with: object = choice.command or choice.path if choice is not None else ENGINE
        command = choice.command if choice is not None else ENGINE
        self.conversation: Conversation | None = start(command) if command is not None else None

    @property
    def control(self) -> Path | None:
        """The control file by which others reach whoever holds the model."""
        return self._with / "control.json" if isinstance(self._with, Path) else self._control

    @property
    def alive(self) -> bool:
        """Whether there is somebody to ask."""
        return self.conversation is not None and self.conversation.alive

    async def take(self, choice: ModelChoice, wanted: Callable[[], bool]) -> Conversation:
        """The process that can hold this model: the one that is there, or another in its place.

        A trainer that gets ready is waited for as long as it is *wanted*. Raises EngineError where it has ended.
        """
        who = choice.command or choice.path
        if self.conversation is None or not self.conversation.alive or self._with != who:
            await self.let_go()
            self.conversation = await self._begin(choice, wanted)
            self._with = who
        return self.conversation

    async def let_go(self) -> None:
        """End the conversation, and the child where it is one."""
        conversation, self.conversation = self.conversation, None
        if conversation is not None:
            await conversation.close(patience=_PATIENCE)

    async def _begin(self, choice: ModelChoice, wanted: Callable[[], bool]) -> Conversation:
        if choice.command is not None:
            return self._start(choice.command)
        from gpt2studio.runs.control import FROM_A_TRAINER  # late: most of the time nobody trains
        from gpt2studio.runs.directory import RunDirectory
        from gpt2studio.wire.connecting import connect

        run = RunDirectory(choice.path)
        while True:
            try:
                return await asyncio.to_thread(connect, run.control, FROM_A_TRAINER)
            except EngineError:
                if not (run.alive and wanted()):
                    raise EngineError(f"The run “{run.name}” has ended.", "Choose another model.") from None
            await asyncio.sleep(_LOOKS)  # it is still getting ready


def last_checkpoint(choice: ModelChoice) -> ModelChoice | None:
    """The model that a run left behind last; None where there is none."""
    from gpt2studio.runs.checkpoints import list_checkpoints
    from gpt2studio.runs.directory import RunDirectory

    run = RunDirectory(choice.path)
    saved = list_checkpoints(run.checkpoints)
    if not saved:
        return None
    return ModelChoice(f"{run.name}@{saved[-1].step}", saved[-1].path, choice.dtype, choice.device)
