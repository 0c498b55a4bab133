"""The page's own files, read once from inside the package."""

import hashlib
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from gpt2studio.web.refusals import Refused

_FOLDER = Path(__file__).parent / "page"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_SERVED = ("page.css", "page.js", "manuscript.js", "stream.js", "keep.js", "icon.svg")


def read_page_file(name: str) -> str:
    """A file of the page as text."""
    return (_FOLDER / name).read_text(encoding="utf-8")


class PageFiles:
    """Scripts, style and icon, answered from memory: no name from outside ever becomes a path."""

    def __init__(self) -> None:
        self._files = {name: read_page_file(name) for name in _SERVED}
        self._tags = {name: f'"{hashlib.sha256(text.encode()).hexdigest()[:16]}"' for name, text in self._files.items()}

    async def get(self, request: Request) -> Response:
        """One of the files. Raises Refused for any other name."""
        name = request.path_params["name"]
        if name not in self._files:
            raise Refused("There is no such page.", 404)
        headers = {"ETag": self._tags[name], "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == self._tags[name]:
            return Response(status_code=304, headers=headers)
        media_type = _TYPES[name[name.rindex(".") :]]
        return Response(self._files[name], headers=headers, media_type=media_type)
