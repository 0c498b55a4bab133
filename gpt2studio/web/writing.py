"""A checked request put to the engine: its pieces as they come, the places of its tokens, what it has cost."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, cast

from gpt2studio.errors import EngineError, UnforeseenError
from gpt2studio.text.tokenizer import Tokenizer
from gpt2studio.web.asking import Asked, Prompt
from gpt2studio.web.refusals import Refused, engine_ended, engine_failed
from gpt2studio.wire.conversation import Conversation
from gpt2studio.wire.messages import Alternative, Answer, Ended, Finished, Score, Scored, Started, Token

_FINISHES = {"length": "length", "stop": "stop", "end": "stop", "stopped": "length"}


@dataclass(frozen=True, slots=True)
class Place:
    """A token as log-probabilities tell of it."""

    token: str
    logprob: float | None
    offset: int
    """Where its text begins, in prompt and continuation together."""
    top: dict[str, float] | None


@dataclass(frozen=True, slots=True)
class Piece:
    """Something more of one choice."""

    choice: int
    text: str = ""
    places: tuple[Place, ...] = ()
    logprob: float | None = None
    """Of the token that it is, whether log-probabilities are asked for or not; None: it is none of the continuation."""
    finish: str | None = None


@dataclass(slots=True)
class Usage:
    """What a request has cost."""

    prompt: int = 0
    completion: int = 0

    @property
    def body(self) -> dict[str, int]:
        """As the interface says it."""
        return {
            "prompt_tokens": self.prompt,
            "completion_tokens": self.completion,
            "total_tokens": self.prompt + self.completion,
        }


Emit = Callable[[Piece], Awaitable[None]]


@dataclass(slots=True)
class Writing:
    """One request under way."""

    asked: Asked
    engine: Conversation
    tokenizer: Tokenizer
    emit: Emit
    guest: bool = False
    """Whether it gives way to the person at the machine."""
    usage: Usage = field(default_factory=Usage)
    begun: bool = False
    """Whether something was said, or the engine may have begun with it."""
    on_token: Callable[[], None] = lambda: None
    on_fault: Callable[[str], None] = lambda message: None
    """Told what a visitor is not told."""

    async def run(self) -> None:
        """Go on from every prompt at once. Cancelled, it stops within a token.

        Raises Refused where the engine ends or fails.
        """
        try:
            async with asyncio.TaskGroup() as group:
                for number, prompt in enumerate(self.asked.prompts):
                    group.create_task(self._one(prompt, number * self.asked.way.candidates))
        except ExceptionGroup as group_error:
            error = group_error.exceptions[0]
            if not isinstance(error, EngineError):
                raise error from None
            raise self._refusal(error) from None

    def _refusal(self, error: EngineError) -> Refused:
        if not self.engine.alive:
            return engine_ended(lent=self.guest)
        if isinstance(error, UnforeseenError):
            self.on_fault(error.message)
            return engine_failed()
        return engine_failed(error.message)

    async def _one(self, prompt: Prompt, first: int) -> None:
        asked = self.asked
        choices = range(first, first + asked.way.candidates)
        if asked.echo:
            self.begun = True  # a score is answered when it is done: nobody knows when the engine takes it up
            places = await self._scored(prompt) if asked.logprobs is not None else ()
            for choice in choices:
                await self.emit(Piece(choice, prompt.text, places))
        if asked.way.length:
            await self._continued(prompt, first)
            return
        self.usage.prompt += len(await asyncio.to_thread(self.tokenizer.encode, prompt.text, special=prompt.special))
        for choice in choices:
            await self.emit(Piece(choice, finish="length"))

    async def _continued(self, prompt: Prompt, first: int) -> None:
        request = replace(
            self.asked.way, id=self.engine.new_id(), text=prompt.text, special=prompt.special, guest=self.guest
        )
        offsets = [len(prompt.text)] * request.candidates
        # Closed here and now when this task is cancelled, so that the engine stops at once.
        asking = cast("AsyncGenerator[Answer, None]", self.engine.ask(request))
        async with contextlib.aclosing(asking) as answers:
            async for answer in answers:
                self.begun = True
                if isinstance(answer, Token):
                    self.usage.completion += 1
                    self.on_token()
                    place = self._place(answer, offsets[answer.candidate])
                    offsets[answer.candidate] += len(answer.text)
                    await self.emit(Piece(first + answer.candidate, answer.text, place, answer.logprob))
                elif isinstance(answer, Ended):
                    finish = _FINISHES[answer.finish]
                    await self.emit(Piece(first + answer.candidate, answer.text, finish=finish))
                elif isinstance(answer, Started):
                    self.usage.prompt += answer.tokens
                elif isinstance(answer, Finished):
                    return

    async def _scored(self, prompt: Prompt) -> tuple[Place, ...]:
        request = Score(
            id=self.engine.new_id(),
            text=prompt.text,
            special=prompt.special,
            alternatives=self.asked.logprobs or 0,
            background=self.guest,
        )
        scored = await self.engine.call(request)
        assert isinstance(scored, Scored)
        places: list[Place] = []
        offset = 0
        for number, (token, text, logprob) in enumerate(zip(scored.tokens, scored.texts, scored.logprobs, strict=True)):
            best = scored.alternatives[number] if scored.alternatives and logprob is not None else ()
            places.append(Place(self.name(token), logprob, offset, self._top(token, logprob, best)))
            offset += len(text)
        return tuple(places)

    def _place(self, token: Token, offset: int) -> tuple[Place, ...]:
        if self.asked.logprobs is None:
            return ()
        top = self._top(token.token, token.logprob, token.alternatives)
        return (Place(self.name(token.token), token.logprob, offset, top),)

    def _top(self, token: int, logprob: float | None, best: tuple[Alternative, ...]) -> dict[str, float] | None:
        """The likeliest tokens, and the one that was taken."""
        if not self.asked.logprobs or logprob is None:
            return None
        top = {self.name(each.token): each.logprob for each in best}
        top.setdefault(self.name(token), logprob)
        return top

    def name(self, token: int) -> str:
        """The token's own text; bytes that are no whole characters are named as OpenAI names them."""
        data = self.tokenizer.decode_bytes((token,))
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            return "bytes:" + "".join(f"\\x{byte:02x}" for byte in data)


def logprobs_body(places: list[Place] | tuple[Place, ...], wanted: int | None) -> dict[str, Any] | None:
    """The log-probabilities of these tokens as the interface says them."""
    if wanted is None:
        return None
    return {
        "tokens": [place.token for place in places],
        "token_logprobs": [place.logprob for place in places],
        "top_logprobs": [place.top for place in places] if wanted else None,
        "text_offset": [place.offset for place in places],
    }
