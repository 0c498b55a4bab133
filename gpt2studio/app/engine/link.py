"""The app's engine: started, given its model, asked, and started again when it dies."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import cast

from gpt2studio.app.engine.holder import Holder, Starter, last_checkpoint
from gpt2studio.app.engine.model_choice import Kind, ModelChoice
from gpt2studio.errors import EngineError
from gpt2studio.wire.messages import Answer, Greeting, Hello, Load, Loaded, Loading, Request, Stop

_TRIES = 3
"""How often an engine may die on the same model before the app waits for the person."""
_AGAIN = "Your text is safe, and the engine is being started again."
_LOOKS = 0.1
"""Seconds between two looks whether the engine still lives."""


class EngineDied(EngineError):  # noqa: N818  # an event as much as a fault
    """The engine ended in the middle of a request."""


class Phase(StrEnum):
    """What the engine is doing about its model."""

    STARTING = "starting"
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class EngineState:
    """What a front end may say about its engine."""

    phase: Phase = Phase.STARTING
    choice: ModelChoice | None = None
    share: float = 0.0
    """Of the weights, how much is placed."""
    loaded: Loaded | None = None
    trouble: EngineError | None = None
    """Why the model is not held, or why the last engine ended."""


class EngineLink:
    """One engine after another, as far as the person is concerned the same.

    ``run`` keeps it alive until ``close``; ``on_change`` is told of every new state.
    """

    def __init__(self, start: Starter, choice: ModelChoice | None = None, control: Path | None = None) -> None:
        """*control* is where the engines that *start* starts say how others can reach them."""
        self._holder = Holder(start, choice, control)
        self._numbers = itertools.count(1)
        self._state = EngineState(choice=choice)
        self._news = asyncio.Event()
        self._asked = asyncio.Event()
        self._last_words: EngineDied | None = None
        self.on_change: Callable[[EngineState], None] = lambda _: None

    @property
    def state(self) -> EngineState:
        """How things stand."""
        return self._state

    @property
    def control(self) -> Path | None:
        """The control file by which others reach whoever holds the model; None where nobody can."""
        return self._holder.control

    def choose(self, choice: ModelChoice) -> None:
        """Hold this model from now on."""
        self._tell(EngineState(choice=choice))
        self._asked.set()

    async def run(self) -> None:
        """Keep an engine alive, with the chosen model in it, until cancelled."""
        deaths = 0
        while True:
            self._asked.clear()
            choice = self._state.choice
            if choice is None:
                await self._asked.wait()
                continue
            try:
                await self._load(choice)
            except EngineError as error:
                if choice.kind is Kind.LIVE:
                    await self._fall_back(choice, error)
                    continue
                dead = not self._holder.alive
                deaths += dead
                if dead and deaths < _TRIES:
                    # Nobody need ask for it: it is on its way.
                    self._tell(EngineState(choice=self._state.choice, trouble=EngineDied(error.message, _AGAIN)))
                    continue
                deaths = 0
                if not self._asked.is_set():
                    self._tell(replace(self._state, phase=Phase.FAILED, trouble=error))
                    await self._asked.wait()
                continue
            deaths = 0
            await self._until_dead_or_asked()

    async def ready(self) -> Loaded:
        """The model, as soon as it is held. Raises EngineError when it cannot be; asking again tries again."""
        if self._state.phase is Phase.FAILED and self._state.choice is not None:
            self.choose(self._state.choice)
        while True:
            state = self._state
            if state.loaded is not None and self._holder.alive:
                return state.loaded
            if state.phase is Phase.FAILED and state.trouble is not None:
                raise state.trouble
            self._news.clear()
            await self._news.wait()

    async def ask(self, request: Request) -> AsyncGenerator[Answer, None]:
        """Every answer to the request. Raises EngineDied when the engine dies over it, EngineError when it fails."""
        process = self._holder.conversation
        if process is None:
            raise EngineDied("The engine has ended.", _AGAIN)
        try:
            # Closed here and now when the asker leaves early, so that the request is stopped at once.
            async with contextlib.aclosing(cast("AsyncGenerator[Answer, None]", process.ask(request))) as answers:
                async for answer in answers:
                    yield answer
        except EngineError as error:
            if not process.alive:
                self._last_words = EngineDied(error.message, _AGAIN)
                raise self._last_words from None
            raise

    async def call(self, request: Request) -> Answer:
        """The answer that closes the request."""
        return [answer async for answer in self.ask(request)][-1]

    def stop(self, request_id: str) -> None:
        """End a request, keeping what came."""
        if (process := self._holder.conversation) is not None:
            process.send(Stop(id=self.new_id(), request=request_id))

    def new_id(self) -> str:
        """An id for the next request: no other has it, whichever process it goes to."""
        return f"app-{next(self._numbers)}"

    async def close(self) -> None:
        """Let the engine go."""
        await self._holder.let_go()

    async def _load(self, choice: ModelChoice) -> None:
        """Have whoever can hold the model hold it."""
        process = await self._holder.take(choice, lambda: self._state.choice is choice)
        request: Request = Hello(id=self.new_id())  # a trainer holds its model whatever it is asked
        if choice.kind is not Kind.LIVE:
            request = Load(id=self.new_id(), model=choice.model, dtype=choice.dtype, device=choice.device)
        async for answer in process.ask(request):
            if self._state.choice is not choice:
                return
            if isinstance(answer, Loading):
                share = answer.done / answer.total if answer.total else 0.0
                self._tell(replace(self._state, phase=Phase.LOADING, share=share))
            elif isinstance(answer, Loaded):
                self._tell(EngineState(Phase.READY, choice, 1.0, answer))
            elif isinstance(answer, Greeting) and answer.holds is not None:
                self._tell(EngineState(Phase.READY, choice, 1.0, answer.holds))

    async def _fall_back(self, choice: ModelChoice, error: EngineError) -> None:
        """The trainer is gone, and the live weights with it: its last checkpoint writes on, where there is one."""
        saved = last_checkpoint(choice)
        if self._asked.is_set():
            return
        if saved is not None:
            ended = EngineDied(error.message, f"{saved.name} writes from here on.")
            self._tell(EngineState(choice=saved, trouble=ended))
            return
        self._tell(EngineState(Phase.FAILED, choice, trouble=error))
        await self._asked.wait()

    async def _until_dead_or_asked(self) -> None:
        while self._holder.alive and not self._asked.is_set():
            try:
                await asyncio.wait_for(self._asked.wait(), _LOOKS)
            except TimeoutError:
                continue
        if not self._holder.alive and not self._asked.is_set():
            if self._state.choice is not None and self._state.choice.kind is Kind.LIVE:
                return  # of which the next attempt to reach it tells
            trouble = self._last_words or EngineDied("The engine has ended.", _AGAIN)
            self._last_words = None
            self._tell(EngineState(choice=self._state.choice, trouble=trouble))

    def _tell(self, state: EngineState) -> None:
        self._state = state
        self._news.set()
        self.on_change(state)
