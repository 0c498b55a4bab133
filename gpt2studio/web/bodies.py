"""Bodies of requests: read whole, within limits of size and time."""

import asyncio
import json
from typing import Any, NoReturn
from urllib.parse import parse_qs

from starlette.requests import Request

from gpt2studio.web.limits import Limits
from gpt2studio.web.refusals import Refused

_PATIENCE = 16
"""How many times the limit is still read, and dropped, so that the refusal can be read."""


async def read_body(request: Request, limits: Limits) -> bytes:
    """The body. Raises Refused where it is too long or does not come; ClientDisconnect where the client goes."""
    too_long = Refused(f"A request can have {limits.body:,} bytes.", 413, code="request_too_large")
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > _PATIENCE * limits.body:
        raise too_long
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(limits.body_seconds):
            async for part in request.stream():
                size += len(part)
                if size <= limits.body:
                    parts.append(part)
                elif size > _PATIENCE * limits.body:
                    break
    except TimeoutError:
        raise Refused("The rest of the request did not come.", 408, code="request_timeout") from None
    if size > limits.body:
        raise too_long
    return b"".join(parts)


async def read_json(request: Request, limits: Limits) -> dict[str, Any]:
    """The body as a JSON object. Raises Refused where it is none."""
    body = await read_body(request, limits)
    try:
        value = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Refused("We could not parse the JSON body of your request: it must be a JSON object.") from None
    if not isinstance(value, dict):
        raise Refused("The body of the request must be a JSON object.")
    return value


async def read_form(request: Request, limits: Limits) -> dict[str, str]:
    """The fields of a form as HTML sends them, the last of each name, with newlines as they were typed."""
    body = await read_body(request, limits)
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        raise Refused("That form has too many fields.") from None
    # A form sends every newline as CR LF, whatever was typed.
    return {name: values[-1].replace("\r\n", "\n") for name, values in fields.items()}


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)
