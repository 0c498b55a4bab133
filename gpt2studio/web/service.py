"""What is served: one model, a queue before it, and what may be asked of it."""

import asyncio
import contextlib
from dataclasses import dataclass, field

from gpt2studio.text.tokenizer import Tokenizer
from gpt2studio.web.admission import Admission
from gpt2studio.web.asking import Asked
from gpt2studio.web.keeper import Keeper
from gpt2studio.web.limits import Limits
from gpt2studio.web.refusals import ENGINE_ENDED, Refused, server_ended
from gpt2studio.web.traffic import Traffic
from gpt2studio.web.writing import Emit, Usage, Writing
from gpt2studio.wire.sampling import Sampling


@dataclass(slots=True)
class Service:
    """One served model."""

    model: str
    """Its name, as people and programs call it."""
    sampling: Sampling
    """What reads best with it: where the page begins."""
    keeper: Keeper
    tokenizer: Tokenizer
    limits: Limits
    created: int
    """When it began to be served, in seconds since 1970."""
    formerly: set[str] = field(default_factory=set)
    """Names of models that were served before: a page that still asks for one gets the one that there is."""
    traffic: Traffic = field(default_factory=Traffic)
    admission: Admission = field(init=False)
    _deadlines: set[asyncio.Timeout] = field(default_factory=set)
    _ended: bool = False

    def __post_init__(self) -> None:
        """Open the queue."""
        self.admission = Admission(self.limits)

    def turn(self, model: str, sampling: Sampling, tokenizer: Tokenizer) -> None:
        """Serve this model from now on."""
        self.formerly.add(self.model)
        self.model, self.sampling, self.tokenizer = model, sampling, tokenizer

    def end(self) -> None:
        """Ask no more of the engine: what is under way ends with what came."""
        self._ended = True
        for deadline in self._deadlines:
            deadline.reschedule(asyncio.get_running_loop().time())

    async def write(self, asked: Asked, visitor: str, emit: Emit) -> Usage:
        """Put this to the engine when its turn has come; where the time is up, what came is all.

        Raises Refused where there is no place, or the engine ends or fails.
        """
        async with self.admission.place(visitor, asked.rows, asked.user):
            writing = await self._writing(asked, emit)
            try:
                await self._run(writing)
            except Refused as refused:
                # An engine that ended before it had begun with this was ending already: the next one gets it. What one
                # had begun with may be what it died of, and is put to no other.
                if writing.begun or refused.code != ENGINE_ENDED:
                    raise
                writing = await self._writing(asked, emit)
                await self._run(writing)
            return writing.usage

    async def _writing(self, asked: Asked, emit: Emit) -> Writing:
        writing = Writing(asked, await self.keeper.ready(), self.tokenizer, emit, guest=self.keeper.guest)
        writing.on_token, writing.on_fault = self.traffic.token, self.keeper.tell
        return writing

    async def _run(self, writing: Writing) -> None:
        if self._ended:
            raise server_ended()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.limits.seconds) as deadline:
                self._deadlines.add(deadline)
                try:
                    await writing.run()
                finally:
                    self._deadlines.discard(deadline)
