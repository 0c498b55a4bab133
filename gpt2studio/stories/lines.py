"""Records as the journal's lines of JSON, and back, every field checked."""

import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from gpt2studio.stories.records import KINDS, DamagedError, Entry, NewerError, Skipped, TokenRecord
from gpt2studio.stories.splice import Author, Piece, Pieces, by_person
from gpt2studio.wire.messages import Source

VERSION = 1
"""Of the journal's format. A record of a later one is not read."""

_END_OF_TIME = 253_370_000_000
"""In seconds since 1970: calendars of computers end with the year 9999."""


def to_line(entry: Entry) -> bytes:
    """The entry as one line of JSON; fields that have their usual value are left out."""
    record = entry.record
    data: dict[str, Any] = {"v": VERSION, "seq": entry.seq, "time": entry.time, "kind": record.KIND}
    for each in fields(record):
        value = getattr(record, each.name)
        if value != each.default:
            data[each.name] = WRITERS[each.name](value) if each.name in WRITERS else value
    return dumped(data) + b"\n"


def dumped(data: Any) -> bytes:
    """The data as JSON: readable UTF-8, or ASCII where the text holds half surrogates."""
    line = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    try:
        return line.encode()
    except UnicodeEncodeError:
        return json.dumps(data, separators=(",", ":")).encode()


def from_line(line: bytes, start: int = 0) -> Entry:
    """The entry that a line holds.

    Raises DamagedError for what is no record, NewerError for one of a later version. A record of a kind that is not
    known here is skipped when it says that it is optional; else all that follows could depend on it.
    """
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        raise DamagedError("not JSON") from None
    if not isinstance(data, dict):
        raise DamagedError("not an object")
    seq = whole(data.get("seq"))
    if whole(data.get("v")) > VERSION:
        raise NewerError
    moment = _number(data.get("time"))
    if not 0 <= moment < _END_OF_TIME:
        raise DamagedError("no time")
    kind = KINDS.get(text_of(data.get("kind")))
    if kind is None and data.get("optional") is True:
        kind = Skipped
    if kind is None:
        raise NewerError
    try:
        values = {each.name: READERS[each.name](data[each.name]) for each in fields(kind) if each.name in data}
        return Entry(seq, moment, kind(**values), start, start + len(line))
    except TypeError:
        raise DamagedError("a field is missing") from None


def pieces_from(value: Any) -> Pieces:
    """Pieces from JSON: a string is the person's; else pairs of author and text."""
    if isinstance(value, str):
        return by_person(value)
    return tuple(Piece(_author(author), text_of(text)) for author, text in _rows(value, 2))


def pieces_to(pieces: Pieces) -> Any:
    """Pieces as JSON."""
    if all(piece.author is Author.PERSON for piece in pieces):
        return "".join(piece.text for piece in pieces)
    return [[piece.author.value, piece.text] for piece in pieces]


def whole(value: Any) -> int:
    """A number from 0 on, checked."""
    if type(value) is not int or value < 0:
        raise DamagedError("not a whole number")
    return value


def text_of(value: Any) -> str:
    """A string, checked."""
    if not isinstance(value, str):
        raise DamagedError("not a text")
    return value


def _author(value: Any) -> Author:
    try:
        return Author(value)
    except ValueError:
        raise DamagedError("not an author") from None


def _rows(value: Any, *widths: int) -> Sequence[Sequence[Any]]:
    if not isinstance(value, list) or not all(isinstance(row, list) and len(row) in widths for row in value):
        raise DamagedError("not a table")
    return value


def _tokens(value: Any) -> tuple[TokenRecord, ...]:
    return tuple(
        TokenRecord(
            whole(id_),
            text_of(text),
            None if logprob is None else _number(logprob),
            None if rank is None else whole(rank),
            whole(start),
            whole(end),
            _source(*source),
        )
        for id_, logprob, rank, start, end, text, *source in _rows(value, 6, 9)
    )


def _tokens_to(tokens: Sequence[TokenRecord]) -> Any:
    return [
        [each.id, _finite(each.logprob), each.rank, each.start, each.end, each.text, *_source_to(each.source)]
        for each in tokens
    ]


def _source(file: Any = None, offset: Any = None, length: Any = None) -> Source | None:
    return None if file is None else Source(file=text_of(file), offset=whole(offset), length=whole(length))


def _source_to(source: Source | None) -> tuple[Any, ...]:
    return () if source is None else (source.file, source.offset, source.length)


def _number(value: Any) -> float:
    """A number that is finite, checked."""
    # JSON may have whole numbers that are beyond every other.
    if type(value) not in (int, float) or not abs(value) <= sys.float_info.max:
        raise DamagedError("not a number")
    return float(value)


def _finite(number: float | None) -> float | None:
    """The number, or None where JSON has none such."""
    return number if number is not None and math.isfinite(number) else None


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise DamagedError("neither true nor false")
    return value


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise DamagedError("not an object")
    return value


def _node(value: Any) -> int | None:
    return None if value is None else whole(value)


READERS: Mapping[str, Any] = {
    "id": text_of,
    "program": text_of,
    "at": whole,
    "removed": whole,
    "inserted": pieces_from,
    "cause": text_of,
    "join": _flag,
    "request": _object,
    "retry_of": _node,
    "current": _flag,
    "node": whole,
    "tokens": _tokens,
    "finish": text_of,
    "text": text_of,
    "over": _node,
    "window_start": whole,
    "length": whole,
    "restored": _flag,
    "on": _flag,
    "title": text_of,
    "name": text_of,
    "data": lambda value: value,
}
"""How each field is read from JSON; a name means the same in every record."""

WRITERS: Mapping[str, Any] = {"inserted": pieces_to, "tokens": _tokens_to}
"""How a field becomes JSON, where it is not JSON already."""
