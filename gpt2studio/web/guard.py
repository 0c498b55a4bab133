"""Who may ask: host names, origins and the token are checked before anything else, and every answer is made safe."""

import hashlib
import hmac
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gpt2studio.web.refusals import Refused

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
_SAFE = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: with that a browser sends "Origin: null" with a form.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
OPEN_PATHS = frozenset({"/health"})
DOOR = "/session"
"""Where a token is exchanged for a cookie."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Who may ask."""

    names: frozenset[str]
    """Host names under which the server is reached, in small letters."""
    addresses: bool = False
    """Whether any IP address is good as a host name too: no foreign page can have one that leads here."""
    token: str = ""
    """What every request must carry; empty: nothing."""
    cookie: str = "gpt2studio"

    def knows_host(self, host: str) -> bool:
        """Whether the Host header names this server; its port does not matter: it may have been forwarded."""
        try:
            name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
        except ValueError:
            return False
        if name in self.names:
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return self.addresses or address.is_loopback

    def knows_token(self, token: str) -> bool:
        """Whether this is the token, in a time that does not depend on where it differs."""
        return hmac.compare_digest(token.encode("utf-8", "replace"), self.token.encode())

    @property
    def session(self) -> str:
        """What the cookie holds: proof of the token, not the token."""
        return hmac.new(self.token.encode(), b"gpt2studio cookie", hashlib.sha256).hexdigest()

    def admits(self, headers: Headers) -> bool:
        """Whether the request carries the token, or the cookie that it was exchanged for."""
        if not self.token:
            return True
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self.knows_token(token.strip()):
            return True
        cookie = cookie_parser(headers.get("cookie", "")).get(self.cookie, "")
        return hmac.compare_digest(cookie.encode("utf-8", "replace"), self.session.encode())


class Guard:
    """Lets in what may come in, and adds to every answer the headers that make it safe."""

    def __init__(self, app: ASGIApp, rules: Rules, door: Callable[[Headers], Response]) -> None:
        self._app = app
        self._rules = rules
        self._door = door
        """What a browser without the token is shown."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check and hand on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def safe(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _SAFE.items():
                    headers.setdefault(name, value)
            await send(message)

        app = self._refusal(scope, Headers(scope=scope)) or self._app
        await app(scope, receive, safe)

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        path, method = scope["path"], scope["method"]
        if path in OPEN_PATHS:
            return None
        host = headers.get("host", "")
        if not self._rules.knows_host(host):
            message = "This server does not go by that name. Use the link that it printed."
            return Refused(message, 403, code="unknown_host").response()
        if not _same_site(host, method, headers):
            return Refused("Web pages elsewhere may not use this server.", 403, code="foreign_origin").response()
        if path == DOOR or self._rules.admits(headers):
            return None
        if path == "/" and "authorization" not in headers:
            return self._door(headers)
        message = "This server wants its token: send it as “Authorization: Bearer …”, as OpenAI's clients send api_key."
        return Refused(message, 401, code="invalid_api_key").response()


def _same_site(host: str, method: str, headers: Headers) -> bool:
    """Whether the request comes from a page of this server, or from no page at all."""
    origin = headers.get("origin")
    if origin is not None:
        try:
            parts = urlsplit(origin)
        except ValueError:
            return False
        return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()
    return method in ("GET", "HEAD") or headers.get("sec-fetch-site", "none") in ("none", "same-origin")
