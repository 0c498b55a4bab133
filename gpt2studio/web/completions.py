"""A completion as an answer to a browser or a program: in one piece, or as a stream of events."""

import asyncio
import json
import math
import secrets
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from gpt2studio.web.asking import Asked
from gpt2studio.web.refusals import Refused
from gpt2studio.web.service import Service
from gpt2studio.web.writing import Piece, Place, logprobs_body


@dataclass(slots=True)
class _Choice:
    """One choice as it grows."""

    text: list[str] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    logprob: float = 0.0
    """Of the continuation, all its tokens together."""
    tokens: int = 0
    finish: str = "length"
    """What it is where nothing else ended it: the time was up."""

    def add(self, piece: Piece) -> None:
        self.text.append(piece.text)
        self.places += piece.places
        if piece.logprob is not None:
            self.logprob += piece.logprob
            self.tokens += 1
        self.finish = piece.finish or self.finish

    @property
    def mean(self) -> float:
        """The mean log-probability of the continuation's tokens; one without any is the last choice."""
        return self.logprob / self.tokens if self.tokens else -math.inf


class Completion:
    """The answer to one checked request: an ASGI application that speaks once."""

    def __init__(self, service: Service, asked: Asked, visitor: str) -> None:
        self._service = service
        self._asked = asked
        self._visitor = visitor
        self._head = {
            "id": f"cmpl-{secrets.token_hex(12)}",
            "object": "text_completion",
            "created": int(time.time()),
            "model": service.model,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, unless whoever asked has gone: then all that is under way for it stops."""
        answer = self._stream(scope, receive, send) if self._asked.stream else self._whole(scope, receive, send)
        await while_there(receive, answer)

    async def _whole(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await self.whole()
        except Refused as refused:
            await refused.response()(scope, receive, send)
            return
        scope["tokens"] = body["usage"]["completion_tokens"]
        await JSONResponse(body)(scope, receive, send)

    async def whole(self) -> dict[str, Any]:
        """The completion in one piece. Raises Refused."""
        asked = self._asked
        choices = [_Choice() for _ in range(asked.rows)]

        async def emit(piece: Piece) -> None:
            choices[piece.choice].add(piece)

        usage = await self._service.write(asked, self._visitor, emit)
        picked: list[_Choice] = []
        for first in range(0, asked.rows, asked.way.candidates):
            group = choices[first : first + asked.way.candidates]
            picked += group if asked.n == len(group) else sorted(group, key=lambda each: -each.mean)[: asked.n]
        return {
            **self._head,
            "choices": [
                self._choice(number, "".join(choice.text), choice.places, choice.finish)
                for number, choice in enumerate(picked)
            ],
            "usage": usage.body,
            "seed": asked.way.seed,
        }

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = self._asked
        events = _Events(send)
        unfinished = set(range(asked.rows))

        async def emit(piece: Piece) -> None:
            if piece.finish:
                unfinished.discard(piece.choice)
            choice = self._choice(piece.choice, piece.text, piece.places, piece.finish)
            await events.say(self._chunk([choice]))

        try:
            usage = await self._service.write(asked, self._visitor, emit)
        except Refused as refused:
            if events.started:
                await events.say(refused.body)
                await events.end()
            else:
                await refused.response()(scope, receive, send)
            return
        scope["tokens"] = usage.completion
        for choice in sorted(unfinished):
            await emit(Piece(choice, finish="length"))
        if asked.usage_in_stream:
            await events.say({**self._chunk([]), "usage": usage.body})
        await events.say("[DONE]")
        await events.end()

    def _chunk(self, choices: list[dict[str, Any]]) -> dict[str, Any]:
        chunk = {**self._head, "choices": choices, "seed": self._asked.way.seed}
        return {**chunk, "usage": None} if self._asked.usage_in_stream else chunk

    def _choice(
        self, index: int, text: str, places: list[Place] | tuple[Place, ...], finish: str | None
    ) -> dict[str, Any]:
        logprobs = logprobs_body(places, self._asked.logprobs)
        return {"index": index, "text": text, "logprobs": logprobs, "finish_reason": finish}


class _Events:
    """Server-sent events; nothing is sent before the first, so that a refusal can have its own status."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False

    async def say(self, event: dict[str, Any] | str) -> None:
        if not self.started:
            self.started = True
            headers = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"x-accel-buffering", b"no")]
            await self._send({"type": "http.response.start", "status": 200, "headers": headers})
        text = event if isinstance(event, str) else json.dumps(event, separators=(",", ":"))
        body = f"data: {text}\n\n".encode("ascii")
        await self._send({"type": "http.response.body", "body": body, "more_body": True})

    async def end(self) -> None:
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})


async def while_there(receive: Receive, work: Coroutine[Any, Any, None]) -> None:
    """Do this for as long as somebody is there to have it."""
    working = asyncio.create_task(work)
    leaving = asyncio.create_task(_gone(receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        leaving.cancel()
        if not working.done():
            working.cancel()
    try:
        await working
    except asyncio.CancelledError:
        if not leaving.done() or leaving.cancelled():
            raise  # it is this task that is cancelled


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
