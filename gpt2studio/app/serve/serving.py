"""The model served to friends: a server as a child of the app, which shares the app's engine and ends with it."""

import asyncio
import contextlib
import json
import secrets
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from gpt2studio.app.engine.link import EngineLink, EngineState, Phase
from gpt2studio.app.engine.model_choice import Kind, ModelChoice
from gpt2studio.errors import StudioError
from gpt2studio.library.cards import card_of
from gpt2studio.programs import APART, own
from gpt2studio.wire.lines import build, to_line
from gpt2studio.wire.sampling import Sampling
from gpt2studio.wire.sharing import Share

SERVE = own("gpt2studio", "serve", "--shared")
"""The command that starts a server which shares an engine."""

_PATIENCE = 3.0
"""Seconds for a server to end what is under way."""
_TRAINED = "This model is being trained, and nothing is served meanwhile. Try again later."
_NOTHING = "No model is ready to write just now. Try again later."


class Standing(StrEnum):
    """Whether friends can come."""

    OFF = "off"
    STARTING = "starting"
    ON = "on"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Where:
    """To whom the server is open."""

    network: bool = False
    """To everybody in this network who has the link, and so the token; else to this machine alone."""
    port: int | None = None
    """None: 5000, or the next that is free."""


@dataclass(frozen=True, slots=True)
class ServingState:
    """How the server stands."""

    standing: Standing = Standing.OFF
    where: Where = Where()
    link: str = ""
    """What a friend opens; with the token, where one is needed."""
    visitors: int = 0
    running: int = 0
    waiting: int = 0
    tokens: int = 0
    tokens_per_second: float = 0.0
    trouble: StudioError | None = None
    """Why there is no server."""

    @property
    def address(self) -> str:
        """The link without the token."""
        return self.link.partition("#")[0]


class Serving:
    """One server at most; everybody in ``on_change`` is told of every new state."""

    def __init__(self, link: EngineLink, command: Sequence[str] = SERVE) -> None:
        self._link = link
        self._command = command
        self._child: Process | None = None
        self._task: asyncio.Task[None] | None = None
        # The same for the whole sitting: a link that was given away goes on to be good.
        self._token = secrets.token_urlsafe(16)
        self._told: Share | None = None
        self.state = ServingState()
        self.on_change: list[Callable[[ServingState], None]] = []

    @property
    def running(self) -> bool:
        """Whether there is a server, or will be in a moment."""
        return self.state.standing in (Standing.STARTING, Standing.ON)

    async def start(self, where: Where) -> None:
        """Serve there, and no longer where it was served before."""
        await self.stop()
        self._tell(ServingState(Standing.STARTING, where))
        self._task = asyncio.create_task(self._run(where))

    def prepare(self, where: Where) -> None:
        """Where to serve next time."""
        if not self.running:
            self._tell(ServingState(where=where))

    async def stop(self) -> None:
        """End the server; what is being written for friends ends with what came."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            self._tell(ServingState(where=self.state.where))

    def follow(self, state: EngineState) -> None:
        """The engine has news: friends get what the person writes with."""
        if self._child is not None and (share := self._share(state)) is not None and share != self._told:
            self._say(share)

    # --- the child ---------------------------------------------------------------------------------------------------

    async def _run(self, where: Where) -> None:
        try:
            complaints: deque[str] = deque(maxlen=4)
            child = self._child = await self._begun(where)
            listening = asyncio.create_task(_listen(child, complaints))
            try:
                assert child.stdout is not None
                async for line in child.stdout:
                    self._hear(line)
                code = await child.wait()
                await listening
            finally:
                await _end(child)
                listening.cancel()
            self._tell(ServingState(Standing.FAILED, where, trouble=_trouble(complaints, code)))
        except OSError as error:
            trouble = StudioError(f"The server cannot be started: {error.strerror}.", "Try again.")
            self._tell(ServingState(Standing.FAILED, where, trouble=trouble))
        finally:
            self._child = self._told = None

    async def _begun(self, where: Where) -> Process:
        options = ["--host", "0.0.0.0" if where.network else "127.0.0.1"]
        if where.port is not None:
            options += ["--port", str(where.port)]
        child = await asyncio.create_subprocess_exec(
            *self._command, *options, stdin=PIPE, stdout=PIPE, stderr=PIPE, **APART
        )
        self._child = child
        state = self._link.state
        share = self._share(state) or Share(name=_name(state), vocabulary=_vocabulary(state), why=_NOTHING)
        self._say(replace(share, token=self._token if where.network else ""))
        return child

    def _share(self, state: EngineState) -> Share | None:
        """What friends are to get; None while it is on its way."""
        choice, control = state.choice, self._link.control
        if choice is None or state.phase not in (Phase.READY, Phase.FAILED):
            return None
        nothing = Share(name=choice.name, vocabulary=str(choice.vocabulary), why=_NOTHING)
        if choice.kind is Kind.LIVE:
            return replace(nothing, why=_TRAINED)  # friends would hold up the training
        if state.phase is Phase.FAILED or control is None:
            return nothing
        return replace(nothing, control=str(control), why="", sampling=_sampling(choice))

    def _say(self, share: Share) -> None:
        self._told = replace(share, token="")
        if self._child is not None and self._child.stdin is not None:
            with contextlib.suppress(OSError, RuntimeError):  # it has ended, which its reader notices
                self._child.stdin.write(to_line(share))

    def _hear(self, line: bytes) -> None:
        try:
            said: dict[str, Any] = json.loads(line)
            match said["event"]:
                case "serving":
                    self._tell(replace(self.state, standing=Standing.ON, link=str(said["link"])))
                case "traffic":
                    figures = {name: said[name] for name in ("visitors", "running", "waiting", "tokens")}
                    speed = float(said["tokens_per_second"])
                    self._tell(replace(self.state, **figures, tokens_per_second=speed))
        except (ValueError, KeyError, TypeError):
            return  # a newer server's

    def _tell(self, state: ServingState) -> None:
        self.state = state
        for told in list(self.on_change):
            told(state)


async def _listen(child: Process, complaints: deque[str]) -> None:
    """Keep the last lines that the server prints; among them is why it ends."""
    assert child.stderr is not None
    async for line in child.stderr:
        complaints.append(line.decode("utf-8", "replace").rstrip())


async def _end(child: Process) -> None:
    """Have it end: it does when its standard input does."""
    if child.stdin is not None:
        child.stdin.close()
    try:
        async with asyncio.timeout(_PATIENCE):
            await asyncio.shield(child.wait())
    except (TimeoutError, asyncio.CancelledError):
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()


def _trouble(complaints: Sequence[str], code: int) -> StudioError:
    """Why it has ended, in its own words where it has found some."""
    told = [number for number, line in enumerate(complaints) if line.startswith("gpt2studio: ")]
    if told:
        hint = complaints[told[-1] + 1].strip() if told[-1] + 1 < len(complaints) else ""
        return StudioError(complaints[told[-1]].removeprefix("gpt2studio: "), hint)
    how = f"by signal {-code}" if code < 0 else f"with exit status {code}"
    return StudioError(f"The server has ended {how}.", "Your text and your model are safe. Start it again.")


def _sampling(choice: ModelChoice) -> Sampling:
    """What reads best with the model."""
    with contextlib.suppress(StudioError, OSError):
        if (card := card_of(choice.path)) is not None:
            sampling: Sampling = build(Sampling, card.sampling)
            return sampling
    return Sampling()


def _name(state: EngineState) -> str:
    return state.choice.name if state.choice is not None else ""


def _vocabulary(state: EngineState) -> str:
    return str(state.choice.vocabulary if state.choice is not None else Path())
