"""One file over HTTP, put into place whole: resumed where it stopped, held against what was promised.

Python's own HTTP client: it honours the system's certificates and ``HTTPS_PROXY``, and a stop is an exception.
"""

import hashlib
import http.client
import ssl
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from functools import cache
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from gpt2studio.errors import FormatError, StudioError
from gpt2studio.files import move
from gpt2studio.formats.mapped import refuse_mistaken
from gpt2studio.library.refusals import RefusedError, passing, refusal_of

PART = ".part"
"""How the name of a file ends that has not come whole."""

_PIECE = 1 << 18
_PATIENCE = 6
"""Attempts in a row that bring nothing at all before it is given up."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file to fetch, as the place that has it describes it."""

    name: str
    """Its name here: no folders."""
    url: str
    size: int | None = None
    sha256: str = ""
    git_blob: str = ""
    """The id that git gives its content: what the hub says of small files in place of a sha256."""


@dataclass(frozen=True, slots=True)
class Line:
    """How to speak to a server."""

    headers: Mapping[str, str] = field(default_factory=dict)
    """Sent to the first host alone, not to those that it redirects to."""
    stall: float = 30.0
    """Seconds without a byte after which an attempt ends."""
    wait: Callable[[float], None] = time.sleep
    """Called between attempts, with seconds."""


def fetch(file: RemoteFile, folder: Path, line: Line, advance: Callable[[int], None]) -> str:
    """Bring the file into the folder; its sha256.

    What came before an interruption lies in ``NAME.part`` and is gone on from. *advance* is told how many bytes of it
    are here, which can fall, and may raise to stop. Raises StudioError with one sentence for a person.
    """
    part = folder / (file.name + PART)
    try:
        resumed = part.exists()
        digest = _whole(file, part, line, advance)
        if digest is None and resumed:
            # What was here before may be of another version: once from the beginning.
            digest = _whole(file, part, line, advance)
        if digest is None:
            raise RefusedError(f"{file.name} came otherwise than it was published: its checksum differs.", _ELSEWHERE)
        move(part, folder / file.name)
    except OSError as error:
        raise StudioError(
            f"{part} cannot be written: {error.strerror or error}.", "Make room, and say it again: it goes on there."
        ) from None
    return digest


_ELSEWHERE = "Try again later; with HF_ENDPOINT set, its mirror may be at fault."


def remote_size(url: str, line: Line) -> int:
    """How many bytes a server says that a file has. Raises StudioError where there is none."""
    for attempt in range(_PATIENCE):
        try:
            with _open(urllib.request.Request(url, method="HEAD", headers=_headers(line)), line) as answer:
                size = answer.headers.get("Content-Length", "")
                if not size.isdecimal():
                    raise RefusedError(f"{_host(url)} does not say how large {_name(url)} is.", _ELSEWHERE)
                return int(size)
        except Exception as error:  # whatever urllib raises, told apart there
            _wait_or_raise(error, url, attempt, line)
    raise AssertionError


def _whole(file: RemoteFile, part: Path, line: Line, advance: Callable[[int], None]) -> str | None:
    """Fetch until all of it is in *part*: its sha256, or None, and nothing kept, where that is not the one promised."""
    transfer = _Transfer.onto(file, part, advance)
    with transfer.out:
        barren, furthest = 0, transfer.here
        while not transfer.complete:
            try:
                transfer.attempt(line)
            except Exception as error:  # whatever urllib and http.client raise, told apart there
                # What had come before and was dropped since is no headway: a server that lies would go on for ever.
                barren = 0 if transfer.here > furthest else barren + 1
                furthest = max(furthest, transfer.here)
                _wait_or_raise(error, file.url, barren, line)
        transfer.out.flush()
    if transfer.fits():
        return str(transfer.sha256.hexdigest())
    part.unlink()
    return None


def _wait_or_raise(error: Exception, url: str, barren: int, line: Line) -> None:
    """Wait where the fault may pass and patience lasts; else raise what there is to say."""
    refusal = refusal_of(error, url)
    if isinstance(error, urllib.error.HTTPError):
        error.close()
    if refusal is None:
        raise error
    if not passing(error) or barren >= _PATIENCE:
        raise refusal from None
    line.wait(min(2.0**barren, 30.0))


@dataclass(slots=True)
class _Transfer:
    """A file on its way."""

    file: RemoteFile
    out: IO[bytes]
    advance: Callable[[int], None]
    here: int = 0
    size: int | None = None
    sha256: Any = field(default_factory=hashlib.sha256)
    git: Any = None
    done: bool = False

    @classmethod
    def onto(cls, file: RemoteFile, part: Path, advance: Callable[[int], None]) -> "_Transfer":
        """On from what is there: read once, for the checksum."""
        transfer = cls(file, part.open("a+b"), advance, size=file.size)
        transfer._restart_sums()
        transfer.out.seek(0)
        while piece := transfer.out.read(1 << 22):
            transfer._take(piece)
        if file.size is not None and transfer.here > file.size:
            transfer._drop()
        return transfer

    @property
    def complete(self) -> bool:
        """Whether all has come."""
        return self.done or (self.file.size is not None and self.here == self.file.size)

    def fits(self) -> bool:
        """Whether what came is what was promised."""
        if self.file.sha256:
            return bool(self.sha256.hexdigest() == self.file.sha256)
        return not self.file.git_blob or self.git is None or bool(self.git.hexdigest() == self.file.git_blob)

    def attempt(self, line: Line) -> None:
        """Ask for the rest, and take what comes."""
        headers = _headers(line) | ({"Range": f"bytes={self.here}-"} if self.here else {})
        try:
            answer = _open(urllib.request.Request(self.file.url, headers=headers), line)
        except urllib.error.HTTPError as error:
            if error.code == 416 and self.here:
                self._drop()  # it has fewer bytes than came from it before: another version
            raise
        with answer:
            self._agree(answer)
            while piece := answer.read1(_PIECE):
                if self.here == 0:
                    self._refuse_pages(piece, answer.headers)
                if self.size is not None and self.here + len(piece) > self.size:
                    raise RefusedError(
                        f"{_host(self.file.url)} sends more of {self.file.name} than it has.", _ELSEWHERE
                    )
                self.out.write(piece)
                self._take(piece)
        if self.size is not None and self.here < self.size:
            raise http.client.IncompleteRead(b"", self.size - self.here)
        self.done = True

    def _agree(self, answer: http.client.HTTPResponse) -> None:
        """Hold what the server is about to send against what is known; begin anew where it does."""
        if answer.status == 206:
            unit, _, place = answer.headers.get("Content-Range", "").partition(" ")
            span, _, total = place.partition("/")
            if unit != "bytes" or span.partition("-")[0] != str(self.here):
                raise RefusedError(
                    f"{_host(self.file.url)} sends another part of {self.file.name} than asked.", _ELSEWHERE
                )
        else:
            if self.here:
                self._drop()  # a server that cannot go on
            total = answer.headers.get("Content-Length", "")
        if not total.isdecimal():
            return
        if self.file.size is not None and int(total) != self.file.size:
            self._refuse_pages(answer.peek(64), answer.headers)
            raise RefusedError(
                f"{_host(self.file.url)} has {int(total):,} bytes of {self.file.name}, which has {self.file.size:,}.",
                _ELSEWHERE,
            )
        self.size = int(total)

    def _refuse_pages(self, piece: bytes, headers: Message) -> None:
        """Raise where this is a page for people, or a server's error, in place of the file."""
        kind = headers.get("Content-Type", "").lower()
        try:
            refuse_mistaken(Path(self.file.name), piece[:64])
        except FormatError as error:
            raise RefusedError(f"{error.message} ({_host(self.file.url)} sent it.)", _PAGE) from None
        if "text/html" in kind:
            raise RefusedError(f"{_host(self.file.url)} sent a web page in place of {self.file.name}.", _PAGE)

    def _take(self, piece: bytes) -> None:
        self.sha256.update(piece)
        if self.git is not None:
            self.git.update(piece)
        self.here += len(piece)
        self.advance(self.here)

    def _drop(self) -> None:
        self.out.seek(0)
        self.out.truncate()
        self.here = 0
        self._restart_sums()
        self.advance(0)

    def _restart_sums(self) -> None:
        self.sha256 = hashlib.sha256()
        if self.file.git_blob and self.file.size is not None:
            self.git = hashlib.sha1(b"blob %d\0" % self.file.size, usedforsecurity=False)


_PAGE = "A network that asks to sign in does that: open a web page, sign in, and try again."


def _headers(line: Line) -> dict[str, str]:
    return {"User-Agent": "gpt2studio", "Accept-Encoding": "identity", **line.headers}


def _open(request: urllib.request.Request, line: Line) -> Any:
    """The answer, redirects followed. Raises what urllib raises."""
    handlers = [urllib.request.HTTPSHandler(context=_certificates()), _Redirects()]
    return urllib.request.build_opener(*handlers).open(request, timeout=line.stall)


@cache
def _certificates() -> ssl.SSLContext:
    """The system's certificates; where it has none (Python from python.org on macOS), those of certifi."""
    paths = ssl.get_default_verify_paths()
    if paths.cafile or paths.capath or sys.platform == "win32":
        return ssl.create_default_context()
    try:
        import certifi
    except ImportError:
        return ssl.create_default_context()
    return ssl.create_default_context(cafile=certifi.where())


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects, takes the token to no other host, and never from HTTPS to HTTP."""

    max_redirections = 8

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        """The next request."""
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        if old.scheme == "https" and new.scheme != "https":
            raise RefusedError(f"{_host(req.full_url)} redirects to an address without encryption.", _ELSEWHERE)
        following = super().redirect_request(req, fp, code, msg, headers, newurl)
        if following is not None:
            following.method = req.get_method()
            if old.netloc != new.netloc:
                following.headers = {
                    name: value for name, value in following.headers.items() if name.lower() != "authorization"
                }
        return following


def _host(url: str) -> str:
    return urlsplit(url).netloc


def _name(url: str) -> str:
    return urlsplit(url).path.rpartition("/")[2]
