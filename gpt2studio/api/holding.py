"""The engine that a notebook writes with: in a process of its own, kept with its model from one call to the next.

Engines are asked from asyncio. A notebook's own loop is busy with the cell that calls, so there is one more, in a
thread.
"""

import asyncio
import atexit
import queue
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import TypeVar

from gpt2studio.wire.messages import Load
from gpt2studio.wire.process import EngineProcess, command_for

T = TypeVar("T")


class Holder:
    """At most one engine, with the model that was last asked for."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._engine: EngineProcess | None = None
        self._held: Load | None = None

    def each(self, work: AsyncIterator[T]) -> Iterator[T]:
        """What *work* yields in the loop of the thread, handed to this one; leaving early cancels it there."""
        came: queue.SimpleQueue[T | None] = queue.SimpleQueue()

        async def hand_over() -> None:
            try:
                async for item in work:
                    came.put(item)
            finally:
                came.put(None)

        future = asyncio.run_coroutine_threadsafe(hand_over(), self._running_loop())
        try:
            while (item := came.get()) is not None:
                yield item
            future.result()
        finally:
            future.cancel()

    async def engine_with(self, wanted: Load) -> EngineProcess:
        """An engine that holds this model; only within `each`. Raises EngineError where it cannot be loaded."""
        if self._engine and self._engine.alive and self._held == wanted:
            return self._engine
        await self._close()
        self._engine = EngineProcess.start(command=command_for(wanted.model))
        await self._engine.call(replace(wanted, id=self._engine.new_id()))
        self._held = wanted
        return self._engine

    def let_go(self) -> None:
        """End the engine, and give its memory back."""
        if self._engine is not None:
            asyncio.run_coroutine_threadsafe(self._close(), self._running_loop()).result()

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            threading.Thread(target=self._loop.run_forever, daemon=True, name="gpt2studio-api").start()
            atexit.register(self._end)
        return self._loop

    def _end(self) -> None:
        """End the engine with the interpreter, which starts no more threads for a loop by then."""
        if self._engine is not None:
            self._engine.kill()
            self._engine.child.wait()

    async def _close(self) -> None:
        engine, self._engine, self._held = self._engine, None, None
        if engine is not None:
            await engine.close()


HOLDER = Holder()
