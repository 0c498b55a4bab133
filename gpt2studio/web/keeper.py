"""The engine behind the server: held alive, started again when it dies."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import replace

from gpt2studio.errors import EngineError
from gpt2studio.web.limits import Limits
from gpt2studio.web.refusals import engine_missing
from gpt2studio.wire.conversation import Conversation
from gpt2studio.wire.messages import Greeting, Hello, Load, Loaded

_LOOK = 0.05
"""Seconds between two looks whether the engine still lives."""
_LONGEST_PAUSE = 30.0
"""Seconds between two starts of an engine that cannot load its model."""


class Keeper:
    """One engine after another, all with the same model."""

    guest = False
    """Whether its requests give way to those of others."""

    def __init__(
        self, start: Callable[[], Conversation], load: Load | None, limits: Limits, tell: Callable[[str], None]
    ) -> None:
        """*load* is what each engine is asked to hold; None: it holds its model already."""
        self._start = start
        self._load = load
        self._patience = limits.restart_seconds
        self.tell = tell
        """Where the person who serves reads what happens."""
        self._engine: Conversation | None = None
        self.loaded: Loaded | None = None
        """What the engine said of the model it holds."""

    @property
    def alive(self) -> bool:
        """Whether an engine holds the model now."""
        return self._engine is not None and self._engine.alive

    async def begin(self) -> None:
        """Start the first engine. Raises EngineError where it cannot hold the model."""
        engine = self._start()
        try:
            self.loaded = await self._held_by(engine)
        except BaseException:
            await engine.close()
            raise
        self._engine = engine

    async def run(self) -> None:
        """Start an engine again whenever one has died, until cancelled."""
        pause = 0.25
        while True:
            while self.alive:
                await asyncio.sleep(_LOOK)
            self.tell("The engine has ended; it is being started again.")
            await self._let_go()
            try:
                await self.begin()
                self.tell("The engine is back.")
                pause = 0.25
            except EngineError as error:
                self.tell(error.message)
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)

    async def ready(self) -> Conversation:
        """The engine, as soon as there is one. Raises Refused where there is none for too long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience):
                while True:
                    if self._engine is not None and self._engine.alive:
                        return self._engine
                    await asyncio.sleep(_LOOK)
        raise engine_missing()

    async def _held_by(self, engine: Conversation) -> Loaded:
        request = Hello(id=engine.new_id()) if self._load is None else replace(self._load, id=engine.new_id())
        answer = await engine.call(request)
        held = answer.holds if isinstance(answer, Greeting) else answer
        if not isinstance(held, Loaded):
            raise EngineError("The engine holds no model yet.")
        return held

    async def close(self) -> None:
        """Let the engine go."""
        await self._let_go()

    async def _let_go(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.close()
