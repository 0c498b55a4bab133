"""The page: for browsers with JavaScript a writing surface, for those without the form of 2019."""

import json
import secrets
from dataclasses import asdict
from html import escape
from string import Template
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from gpt2studio.text.utf8 import sound
from gpt2studio.web.asking import Asked, Prompt
from gpt2studio.web.bodies import read_form
from gpt2studio.web.completions import Completion
from gpt2studio.web.files import read_page_file
from gpt2studio.web.refusals import Refused
from gpt2studio.web.service import Service
from gpt2studio.web.words import words_for
from gpt2studio.wire.messages import Continue

_FORM_LENGTH = 200
"""Tokens that the form gets at once: nothing moves until they are there."""


class Page:
    """The page of one served model."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._page = Template(read_page_file("page.html"))
        self._seeded = Template(read_page_file("seeded.html"))

    async def get(self, request: Request) -> Response:
        """The page itself."""
        words = words_for(request.headers.get("accept-language", ""))
        html = self._page.substitute(
            {name: escape(text) for name, text in words.items()},
            model=escape(self._service.model),
            config=escape(json.dumps(self._config())),
            words=escape(json.dumps(dict(words))),
        )
        return HTMLResponse(html, headers={"Vary": "Accept-Language"})

    async def seeded(self, seed: str, visitor: str, accepted: str) -> Response:
        """The page that answers the form: what was typed in black, what the model goes on with in red."""
        service = self._service
        words = words_for(accepted)
        status, output, trouble = 200, "", ""
        try:
            if len(seed) > service.limits.prompt:
                raise Refused(f"A prompt can have {service.limits.prompt} characters.")
            length = min(_FORM_LENGTH, service.limits.length)
            way = Continue(id="", sampling=service.sampling, seed=secrets.randbelow(2**31), length=length)
            asked = Asked(prompts=(Prompt(seed),), way=way)
            body = await Completion(service, asked, visitor).whole()
            output = body["choices"][0]["text"]
        except Refused as refused:
            status, trouble = refused.status, f"{words['trouble']} {refused.message}"
        html = self._seeded.substitute(
            {name: escape(text) for name, text in words.items()},
            model=escape(service.model),
            input=escape(seed),
            output=escape(output),
            trouble=escape(trouble),
        )
        return HTMLResponse(html, status)

    async def read_seed(self, request: Request) -> str:
        """What was typed into the form. Raises Refused."""
        return sound((await read_form(request, self._service.limits)).get("seed", ""))

    def _config(self) -> dict[str, Any]:
        """What the script must know."""
        sampling = asdict(self._service.sampling)
        names = ("temperature", "top_k", "top_p", "min_p", "typical_p", "repetition_penalty", "penalty_range")
        return {
            "model": self._service.model,
            "sampling": {name: sampling[name] for name in names},
            "most": {"length": self._service.limits.length, "prompt": self._service.limits.prompt},
        }
