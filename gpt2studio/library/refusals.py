"""What a failed request means to a person, in one sentence and a hint."""

import errno
import http.client
import re
import socket
import ssl
import urllib.error
from urllib.parse import urlsplit

from gpt2studio.errors import StudioError

_CUT = (ConnectionError, http.client.HTTPException, ssl.SSLEOFError, ssl.SSLZeroReturnError)

LATER = "What has come is kept: say it again later, and it goes on from there."


class RefusedError(StudioError):
    """A server did not give what was asked of it."""


_STATUS = {
    401: ("{host} asks for a token for {name}, or does not take the one it was given.", "token"),
    403: ("{host} does not let you have {name}.", "token"),
    404: ("{host} has no {name}.", "Check the name: gpt2studio models find WORD"),
    407: ("The proxy before {host} asks for a password.", "Give it in HTTPS_PROXY."),
    410: ("{host} has no {name} any more.", "Check the name: gpt2studio models find WORD"),
    416: ("{host} cannot go on with {name} where it stopped.", LATER),
    429: ("{host} gets too many requests from here.", LATER),
}
_TOKEN = "Set HF_TOKEN to a token of yours; a gated model's conditions must be accepted on its page first."


def refusal_of(error: Exception, url: str) -> StudioError | None:
    """What to say of what was raised when *url* was asked for; None where it was not the network."""
    host, name = urlsplit(url).netloc, urlsplit(url).path.rpartition("/")[2]
    if isinstance(error, StudioError):
        return error
    if isinstance(error, urllib.error.HTTPError):
        return of_status(error.code, host, name)
    cause = _cause(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return RefusedError(
            f"The certificate of {host} cannot be trusted: {cause.verify_message}.",
            "Check this machine's clock; where a proxy reads along, name its certificates in SSL_CERT_FILE.",
        )
    if isinstance(cause, TimeoutError):
        return RefusedError(f"{host} has sent nothing for a while.", LATER)
    if isinstance(cause, _CUT):
        return RefusedError(f"{host} ended the connection before {name} was whole.", LATER)
    if isinstance(error, urllib.error.URLError) or isinstance(cause, ssl.SSLError) or _no_way(cause):
        why = why_unreached(cause) if isinstance(cause, BaseException) else str(cause)
        return RefusedError(f"{host} cannot be reached: {why}.", "Check the network. " + LATER)
    return None


def why_unreached(error: BaseException) -> str:
    """Why there was no way to a server, in a few words, however deep the system's own error lies."""
    beneath: BaseException | None = error
    while beneath is not None:
        if isinstance(beneath, socket.gaierror):
            return "its address cannot be found"
        if isinstance(beneath, OSError) and beneath.strerror:
            return beneath.strerror
        beneath = beneath.__cause__ or beneath.__context__
    words = str(error).splitlines()
    return re.sub(r"^\[Errno -?\d+\] ", "", words[0]) if words else type(error).__name__


def of_status(status: int, host: str, name: str) -> StudioError:
    """What an answer of this status means."""
    sentence, hint = _STATUS.get(status, ("{host} answers " + str(status) + " for {name}.", LATER))
    return RefusedError(sentence.format(host=host, name=name), _TOKEN if hint == "token" else hint)


def passing(error: Exception) -> bool:
    """Whether the same request may well succeed in a while."""
    if isinstance(error, StudioError):
        return False
    if isinstance(error, urllib.error.HTTPError):
        return error.code in (408, 416, 425, 429) or error.code >= 500
    cause = _cause(error)
    return isinstance(cause, (TimeoutError, *_CUT)) or _no_way(cause)


def _cause(error: Exception) -> object:
    """What lies beneath urllib's own error: an exception, or words."""
    return error.reason if isinstance(error, urllib.error.URLError) else error


def _no_way(cause: object) -> bool:
    """Whether the network is gone, for now perhaps."""
    return isinstance(cause, OSError) and cause.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN)
