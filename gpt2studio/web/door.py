"""The door: where a browser exchanges the token for a cookie."""

import base64
import hashlib
from html import escape
from string import Template

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from gpt2studio.web.bodies import read_form, read_json
from gpt2studio.web.files import read_page_file
from gpt2studio.web.guard import Rules
from gpt2studio.web.limits import Limits
from gpt2studio.web.refusals import Refused
from gpt2studio.web.words import words_for

_YEAR = 365 * 24 * 3600


class Door:
    """What a browser without the token is shown, and what it is asked for."""

    def __init__(self, rules: Rules, limits: Limits) -> None:
        self._rules = rules
        self._limits = limits
        self._style = read_page_file("door.css")
        self._script = read_page_file("door.js")
        self._template = Template(read_page_file("door.html"))
        # All in one page: nothing else of this server is open without the token.
        self._policy = (
            f"default-src 'none'; script-src '{_hash(self._script)}'; style-src '{_hash(self._style)}';"
            " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )

    def closed(self, headers: Headers, *, wrong: bool = False) -> Response:
        """The page that asks for the token."""
        words = words_for(headers.get("accept-language", ""))
        page = self._template.substitute(
            {name: escape(text) for name, text in words.items()},
            style=self._style,
            script=self._script,
            complaint=escape(words["door_wrong"]) if wrong else "",
        )
        return HTMLResponse(page, 401, {"Content-Security-Policy": self._policy})

    async def enter(self, request: Request) -> Response:
        """The cookie, for the token; as JSON from the page's script, or as a form."""
        by_script = request.headers.get("content-type", "").startswith("application/json")
        read = read_json if by_script else read_form
        token = (await read(request, self._limits)).get("token")
        right = self._rules.token and isinstance(token, str) and self._rules.knows_token(token.strip())
        if not right and by_script:
            raise Refused("That is not the token.", 401, code="invalid_api_key")
        if not right:
            return self.closed(request.headers, wrong=True)
        response = Response(status_code=204) if by_script else RedirectResponse("/", 303)
        response.set_cookie(
            self._rules.cookie, self._rules.session, max_age=_YEAR, httponly=True, samesite="lax", path="/"
        )
        return response


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
