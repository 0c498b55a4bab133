"""The app's engine behind the server: joined wherever the app says that it is, never started nor told what to load."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path

from gpt2studio.errors import EngineError
from gpt2studio.web.keeper import Keeper
from gpt2studio.web.limits import Limits
from gpt2studio.web.refusals import not_served
from gpt2studio.wire.connecting import connect
from gpt2studio.wire.conversation import Conversation
from gpt2studio.wire.sharing import Share

_LOOK = 0.1
"""Seconds between two looks whether the engine is there."""


class Borrower(Keeper):
    """A guest of one engine after another; its requests give way to those of the person at the machine."""

    guest = True

    def __init__(self, share: Share, limits: Limits, tell: Callable[[str], None]) -> None:
        super().__init__(self._join, None, limits, tell)
        self._share = share
        self._joined = ""
        self._turned = asyncio.Event()

    async def begin(self) -> None:
        """Be where the app says, if somebody is there already."""
        with contextlib.suppress(EngineError):
            await super().begin()

    def turn(self, share: Share) -> None:
        """Ask whoever this names from now on."""
        self._share = share
        self._turned.set()

    async def run(self) -> None:
        """Be where the app says, as soon as somebody is there, until cancelled."""
        while True:
            self._turned.clear()
            if not self.alive or self._joined != self._share.control:
                await self._let_go()
                await self.begin()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._turned.wait(), _LOOK)

    async def ready(self) -> Conversation:
        """The engine, as soon as there is one. Raises Refused where nothing is served, or none comes for too long."""
        if not self._share.control:
            raise not_served(self._share.why)
        return await super().ready()

    def _join(self) -> Conversation:
        if not self._share.control:
            raise EngineError(self._share.why)
        self._joined = self._share.control
        return connect(Path(self._joined))
