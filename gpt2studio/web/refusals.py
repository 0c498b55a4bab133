"""What is refused, as OpenAI's error objects say it."""

import math
from typing import Any

from starlette.responses import JSONResponse

from gpt2studio.text.utf8 import sound

INVALID = "invalid_request_error"
ENGINE_ENDED = "engine_ended"


class Refused(Exception):  # noqa: N818  # an answer as much as a fault
    """A request that is not done; the text is for a person."""

    def __init__(
        self,
        message: str,
        status: int = 400,
        *,
        kind: str = INVALID,
        param: str | None = None,
        code: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = sound(message)  # it may quote what was asked, which need not be sound Unicode
        self.status = status
        self.kind = kind
        self.param = None if param is None else sound(param)
        self.code = code
        self.retry_after = retry_after

    @property
    def body(self) -> dict[str, Any]:
        """The error object."""
        return {"error": {"message": self.message, "type": self.kind, "param": self.param, "code": self.code}}

    def response(self) -> JSONResponse:
        """The refusal as an answer."""
        headers = {} if self.retry_after is None else {"Retry-After": str(max(1, math.ceil(self.retry_after)))}
        if self.status in (408, 413):
            headers["Connection"] = "close"  # the rest of the request is still on its way
        if self.status == 401:
            headers["WWW-Authenticate"] = 'Bearer realm="gpt2studio"'
        return JSONResponse(self.body, self.status, headers)


def busy(seconds: float) -> Refused:
    """Too many wait already; *seconds* until it is worth asking again."""
    return Refused(
        "Too many requests wait for this model. Try again in a moment.",
        429,
        kind="requests",
        code="rate_limit_exceeded",
        retry_after=seconds,
    )


def engine_ended(*, lent: bool = False) -> Refused:
    """The engine is gone, and everything with it that it was writing; a lent one, mostly for another model's."""
    fault = "The engine ended while it was at this request. It is being started again: ask once more."
    return Refused(
        "Another model was chosen where this is served, or the engine ended. Ask once more." if lent else fault,
        503,
        kind="server_error",
        code=ENGINE_ENDED,
        retry_after=3,
    )


def server_ended() -> Refused:
    """The server is on its way out."""
    return Refused("The server is ending.", 503, kind="server_error", code="server_ended")


def engine_missing() -> Refused:
    """There is no engine for now."""
    return Refused(
        "The engine is being started again. Try again in a moment.",
        503,
        kind="server_error",
        code="engine_starting",
        retry_after=5,
    )


def not_served(why: str) -> Refused:
    """Nothing is served for now."""
    return Refused(why, 503, kind="server_error", code="not_served", retry_after=30)


def engine_failed(message: str = "The engine failed at this request. Try it again.") -> Refused:
    """The engine could not do it; what nobody foresaw is not for visitors to read."""
    return Refused(message, 500, kind="server_error", code="engine_failed")
