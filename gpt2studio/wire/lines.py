"""A record as one line of JSON and back, every field checked against its annotation."""

import json
import types
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, ClassVar, Protocol, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from gpt2studio.errors import StudioError, WireError


class Record(Protocol):
    """A frozen dataclass that names its kind."""

    KIND: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]


R = TypeVar("R", bound=Record)


def to_line(record: Record) -> bytes:
    """The record as one line of ASCII JSON, newline included.

    Numbers that JSON does not have (infinities, not-a-number) become null.
    """
    return _dumps({"kind": record.KIND, **_plain(record)}).encode("ascii") + b"\n"


def from_line(line: bytes | str, kinds: Sequence[type[R]]) -> R | None:
    """The record that a line holds; None for a kind that is not among *kinds* (a newer program's, say).

    Fields that the record does not have are ignored. Raises WireError, with a word for people, where the line
    is no JSON object, a field is missing or is not of its type.
    """
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise WireError(f"That line is not JSON: {error}.", "Send one JSON object a line.") from None
    if not isinstance(data, dict):
        raise WireError("That line is not a JSON object.", 'Send one JSON object a line, with its "kind".')
    kind = data.get("kind")
    for known in kinds:
        if kind == known.KIND:
            return cast("R", build(known, data))
    return None


def build(kind: type[Any], data: Mapping[str, Any], where: str = "") -> Any:
    """A record of this dataclass from plain JSON values, each field checked."""
    if not isinstance(data, Mapping):
        raise WireError(f"{where or kind.__name__} must be an object.")
    hints = _hints(cast("Hashable", kind))
    values = {
        field.name: _value(hints[field.name], data[field.name], f"{where}{field.name}")
        for field in fields(kind)
        if field.name in data
    }
    try:
        return kind(**values)
    except TypeError as error:
        raise WireError(f"{where or kind.__name__} lacks a field: {error}.") from None
    except WireError:
        raise
    except StudioError as error:
        raise WireError(error.message, error.hint) from None


def to_plain(record: Any) -> dict[str, Any]:
    """The record as plain JSON values."""
    return cast("dict[str, Any]", _plain(record))


def _dumps(value: Any) -> str:
    try:
        return json.dumps(value, separators=(",", ":"), allow_nan=False)
    except ValueError:
        return json.dumps(_finite(value), separators=(",", ":"), allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if value - value == 0 else None
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_finite(each) for each in value]
    return value


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        named = ((field, getattr(value, field.name)) for field in fields(value))
        # What a record may have and has not is left out: most lines are tokens, and short.
        return {field.name: _plain(each) for field, each in named if not (each is None and field.default is None)}
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value


@cache
def _hints(kind: Hashable) -> dict[str, Any]:
    return get_type_hints(kind)


def _value(hint: Any, value: Any, where: str) -> Any:
    """*value* as *hint* asks, or a WireError that names the field."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        if value is None:
            return None
        return _value(next(each for each in get_args(hint) if each is not types.NoneType), value, where)
    if origin is tuple:
        if not isinstance(value, list):
            raise WireError(f"“{where}” must be a list.")
        inner = get_args(hint)
        if inner[-1] is Ellipsis:
            return tuple(_value(inner[0], each, where) for each in value)
        if len(inner) != len(value):
            raise WireError(f"“{where}” must have {len(inner)} parts.")
        return tuple(_value(part, each, where) for part, each in zip(inner, value, strict=True))
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(value, dict):
            raise WireError(f"“{where}” must be an object.")
        return {key: _value(get_args(hint)[1], each, where) for key, each in value.items()}
    if is_dataclass(hint):
        return build(cast("type[Any]", hint), value, f"{where}.")
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return _real(value, where)
    if hint is Any or type(value) is hint:
        return value
    raise WireError(f"“{where}” must be {_WORDS.get(hint, 'of another type')}.")


def _real(value: int, where: str) -> float:
    try:
        return float(value)
    except OverflowError:
        raise WireError(f"“{where}” is too large a number.") from None


_WORDS = {str: "a string", int: "a whole number", float: "a number", bool: "true or false"}
