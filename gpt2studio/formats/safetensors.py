"""The safetensors file: a JSON header of names, number types, shapes and places, then the tensors' bytes.

Format: https://huggingface.co/docs/safetensors (8 bytes of header length, little-endian; the header; the data,
without holes).
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeGuard

from gpt2studio.errors import FormatError
from gpt2studio.formats.mapped import AGAIN, USUAL_TYPES, map_file
from gpt2studio.formats.tensor import NUMBER_TYPES, StoredTensor

_ALIGNMENT = 64
_LARGEST_HEADER = 100_000_000  # the format's own bound
_TYPES = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16"}
_OTHER_SIZES = {"BOOL": 1, "U8": 1, "I8": 1, "U16": 2, "I16": 2, "U32": 4, "I32": 4, "U64": 8, "I64": 8}
_OTHER_SIZES |= {"F8_E4M3": 1, "F8_E5M2": 1}
_CODES = {name: code for code, name in _TYPES.items()}


def read_safetensors(path: Path) -> dict[str, StoredTensor]:
    """Every tensor of the file by its name in the file, in the order of the data.

    Number types that no weight has (integers, truth values) keep the format's own name as their type.
    Raises FormatError where the header does not describe exactly the bytes that are there.
    """
    view = map_file(path)
    entries, data = _header(path, view)
    tensors: dict[str, StoredTensor] = {}
    end = 0
    for entry in sorted(entries, key=lambda entry: (entry.begin, entry.end)):
        if entry.begin != end:
            raise FormatError(f"{path} is damaged: the place of “{entry.name}” overlaps or leaves a hole.", AGAIN)
        end = entry.end
        if end > len(data):
            raise FormatError(
                f"{path} is cut short: “{entry.name}” ends {end - len(data):,} bytes beyond the file.", AGAIN
            )
        tensors[entry.name] = StoredTensor(entry.name, entry.dtype, entry.shape, data[entry.begin : end])
    if end != len(data):
        raise FormatError(f"{path} is damaged: {len(data) - end:,} bytes belong to no tensor.", AGAIN)
    return tensors


def looks_like_safetensors(start: bytes) -> bool:
    """Whether a file that begins so may be safetensors: a header length, then a JSON object."""
    return len(start) > 8 and start[8:9] == b"{" and int.from_bytes(start[:8], "little") <= _LARGEST_HEADER


def write_safetensors(
    file: IO[bytes],
    tensors: Sequence[StoredTensor],
    metadata: Mapping[str, str],
    wrote: Callable[[int], None] = lambda octets: None,
) -> None:
    """Write the tensors, in this order, under their own names; *wrote* is told the bytes of each."""
    header: dict[str, Any] = {"__metadata__": dict(metadata)}
    end = 0
    for tensor in tensors:
        begin, end = end, end + tensor.data.nbytes
        header[tensor.name] = {
            "dtype": _CODES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [begin, end],
        }
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(8 + len(text)) % _ALIGNMENT)
    file.write(len(text).to_bytes(8, "little"))
    file.write(text)
    for tensor in tensors:
        file.write(tensor.data)
        wrote(tensor.data.nbytes)


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int


def _header(path: Path, view: memoryview) -> tuple[list[_Entry], memoryview]:
    """The header's entries, and the data that they point into."""
    length = int.from_bytes(view[:8], "little")
    if not looks_like_safetensors(bytes(view[:9])):
        raise FormatError(f"{path} is not a safetensors file.", AGAIN)
    if 8 + length > len(view):
        raise FormatError(f"{path} is cut short: its header alone is longer than the file.", AGAIN)
    try:
        header = json.loads(bytes(view[8 : 8 + length]), object_pairs_hook=_no_duplicates)
    except (ValueError, RecursionError):
        raise FormatError(f"{path} is damaged: its header is not JSON, or names a tensor twice.", AGAIN) from None
    if not isinstance(header, dict):
        raise FormatError(f"{path} is damaged: its header is not a JSON object.", AGAIN)
    header.pop("__metadata__", None)
    return [_entry(path, name, value) for name, value in header.items()], view[8 + length :]


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError
    return values


def _entry(path: Path, name: str, value: Any) -> _Entry:
    damaged = FormatError(f"{path} is damaged: its header does not describe “{name}” properly.", AGAIN)
    if not isinstance(value, dict):
        raise damaged
    code, shape, place = value.get("dtype"), value.get("shape"), value.get("data_offsets")
    if not isinstance(code, str) or not _are_counts(shape) or not _are_counts(place) or len(place) != 2:
        raise damaged
    dtype = _TYPES.get(code, code)
    size = NUMBER_TYPES.get(dtype) or _OTHER_SIZES.get(code)
    if size is None:
        raise FormatError(f"{path} keeps “{name}” as {code}, a number type that is not supported.", USUAL_TYPES)
    if place[1] - place[0] != size * math.prod(shape):
        raise FormatError(f"{path} is damaged: the bytes of “{name}” do not fit its shape.", AGAIN)
    return _Entry(name, dtype, tuple(shape), place[0], place[1])


def _are_counts(values: Any) -> TypeGuard[list[int]]:
    """Whether it is a short list of whole numbers that a file could mean."""
    return (
        isinstance(values, list)
        and len(values) <= 16
        and all(type(value) is int and 0 <= value < 1 << 63 for value in values)
    )
