"""A line for each request: when, who, what, how it ended. Never a text, nor a token, nor a path that may be one."""

import time
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gpt2studio.web.traffic import Traffic

_PATHS = ("/v1/completions", "/v1/models", "/session", "/health", "/page/", "/v1/")
_QUIET = ("/health", "/page/")
"""What is not worth a line."""


class Record:
    """Tells of every request that it was, and how it ended."""

    def __init__(self, app: ASGIApp, traffic: Traffic, tell: Callable[[str], None]) -> None:
        self._app = app
        self._traffic = traffic
        self._tell = tell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on, and tell afterwards."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        began = time.monotonic()
        try:
            await self._app(scope, receive, watched)
        finally:
            path = _known(scope["path"])
            if path not in _QUIET:
                who = scope["client"][0] if scope.get("client") else "?"
                if 200 <= status < 400:
                    self._traffic.visit(who)
                tokens = f" {scope['tokens']} tokens" if "tokens" in scope else ""
                seconds = time.monotonic() - began
                method = scope["method"] if scope["method"] in ("GET", "HEAD", "POST", "OPTIONS") else "?"
                ended = status or "gone"
                self._tell(f"{time.strftime('%H:%M:%S')} {who} {method} {path} {ended}{tokens} {seconds:.1f} s")


def _known(path: str) -> str:
    """The path, as far as it is the site's own: the rest may be somebody's text."""
    if path == "/":
        return path
    return next((known for known in _PATHS if path == known or (known.endswith("/") and path.startswith(known))), "…")
