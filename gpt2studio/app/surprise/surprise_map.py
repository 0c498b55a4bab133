"""The surprise map: scores asked of the engine while the person rests, what they look at first."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from gpt2studio.app.engine.link import EngineLink
from gpt2studio.app.write.tally import tokenizer_of
from gpt2studio.errors import EngineError, StudioError
from gpt2studio.wire.held import NOTHING, Held
from gpt2studio.wire.messages import Score, Scored

if TYPE_CHECKING:
    from gpt2studio.app.surprise.scores import ScoredText, Wanted

MOST = 32_768
"""Tokens of a text that are scored without being looked at: more would keep a machine busy for minutes."""

NO_VOCABULARY = "This model's words cannot be weighed: there is no vocabulary to read."
NO_NETWORK = "The stitcher copies: it has no chances to show."


@dataclass(frozen=True, slots=True)
class Subject:
    """What is to be scored, and by whom."""

    text: str
    model: Path
    n_positions: int
    held: Held = NOTHING
    """What the model reads beside it."""


class SurpriseMap:
    """Keeps the scores of one text; `rest` goes on with them and `pause` lets everything else go first.

    ``tell`` is called when there is something new to show, ``look`` gives the part of the text that is in sight.
    """

    def __init__(self, link: EngineLink, look: Callable[[], tuple[int, int]], tell: Callable[[], None]) -> None:
        self._link = link
        self._look = look
        self._tell = tell
        self._of: Subject | None = None
        """What the scores are of, whatever its text was."""
        self._turn = 0
        self._asked = ""
        self._reading = asyncio.Lock()
        self.text: ScoredText | None = None
        self.trouble = ""
        """Why there is nothing to show."""
        self.computed = 0
        """How many tokens the engine has computed for it."""

    def pause(self) -> None:
        """Ask for nothing more until the next rest."""
        self._turn += 1
        if self._asked:
            self._link.stop(self._asked)

    def forget(self) -> None:
        """Another text is on the desk."""
        self.pause()
        self._of = self.text = None

    async def rest(self, subject: Subject) -> None:
        """Score what is not known of the text: what is in sight first. Until `pause`, or another rest."""
        self.pause()
        turn = self._turn
        try:
            text = await self._prepared(subject)
            while turn == self._turn:
                self._tell()
                if not await self._piece(text, turn):
                    break
        except EngineError as error:
            # A stop has no answer either; and of an engine that died its link tells.
            if turn == self._turn and self._link.state.loaded is not None:
                self.trouble = error.message
        except (StudioError, OSError):
            self.trouble = NO_NETWORK if "stitch:" in str(subject.model) else NO_VOCABULARY
        if turn == self._turn:
            self._tell()

    async def read(self, subject: Subject) -> "ScoredText | None":
        """The text's tokens, scored or not; None where the model's vocabulary cannot be read."""
        try:
            return await self._prepared(subject)
        except (StudioError, OSError):
            return None

    async def whole(self, subject: Subject, tell: Callable[[int, int], None]) -> "ScoredText":
        """The scores of the whole text, told of as they come. Raises StudioError kinds where there are none."""
        text = await self._prepared(subject)
        while (wanted := text.wanted()) is not None:
            await self._ask(text, wanted, None)
            tell(text.known, len(text))
        return text

    async def _prepared(self, subject: Subject) -> "ScoredText":
        """The text's tokens: in a thread, since the first reading of a long text takes a while."""
        async with self._reading:
            of = replace(subject, text="")
            if self.text is None or self._of != of:
                self.text, self._of = await asyncio.to_thread(_scored_text, subject), of
            self.text = await asyncio.to_thread(self.text.become, subject.text)
            self.trouble = ""
            return self.text

    async def _piece(self, text: "ScoredText", turn: int) -> bool:
        """Score a piece; whether there was one."""
        wanted = text.wanted(*self._look())
        if wanted is None and len(text) <= MOST:
            wanted = text.wanted()
        if wanted is None:
            return False
        await self._ask(text, wanted, turn)
        return True

    async def _ask(self, text: "ScoredText", wanted: "Wanted", turn: int | None) -> None:
        before = text.before(wanted.first)
        tokens = (*before, *text.ids[wanted.first : wanted.end].tolist())
        request = Score(id=self._link.new_id(), tokens=tokens, first=len(before), background=turn is not None)
        self._asked = request.id if turn is not None else self._asked
        try:
            answer = await self._link.call(request)
        finally:
            self._asked = "" if self._asked == request.id else self._asked
        if isinstance(answer, Scored) and turn in (self._turn, None):
            self.computed += answer.computed
            text.take(wanted, answer)


def _scored_text(subject: Subject) -> "ScoredText":
    from gpt2studio.app.surprise.scores import ScoredText  # late: the first paint needs neither numpy nor a tokenizer

    return ScoredText(tokenizer_of(subject.model), subject.n_positions, subject.held)
