"""What could come next: asked of the engine when the person looks at it and the text rests."""

import contextlib
from collections.abc import Callable

from gpt2studio.app.engine_link import EngineLink
from gpt2studio.errors import EngineError
from gpt2studio.wire.messages import Distribution, Next
from gpt2studio.wire.sampling import Sampling
from gpt2studio.wire.style import OFF, Style


class Prospect:
    """Asks for the next token's distribution; an answer that a newer question has overtaken is not told."""

    def __init__(self, link: EngineLink, tell: Callable[[Distribution | None], None]) -> None:
        self._link = link
        self._tell = tell
        self._question = 0

    def forget(self) -> None:
        """What was told last does not hold any more."""
        self._question += 1
        self._tell(None)

    async def ask(self, text: str, sampling: Sampling, alternatives: int, style: Style = OFF) -> None:
        """Ask, and tell the answer; a model that is not held, or an engine that dies, has none."""
        self._question += 1
        question = self._question
        if self._link.state.loaded is None:
            return
        with contextlib.suppress(EngineError):
            request = Next(id=self._link.new_id(), text=text, sampling=sampling, alternatives=alternatives, style=style)
            answer = await self._link.call(request)
            if question == self._question and isinstance(answer, Distribution):
                self._tell(answer)
