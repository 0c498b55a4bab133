"""The file that ``torch.save`` writes of a state dict: as a zip archive, and as before PyTorch 1.6."""

import math
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gpt2studio.errors import FormatError
from gpt2studio.formats.mapped import AGAIN, SAFETENSORS, USUAL_TYPES, map_file
from gpt2studio.formats.pickles import TensorNote, read_pickle
from gpt2studio.formats.tensor import Checksum, StoredTensor

_ZIP = b"PK\x03\x04"
_LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
_LEGACY_PROTOCOL = 1001
_ALONE = "Save the model's state_dict() alone."
_TYPES = {
    "DoubleStorage": ("float64", 8),
    "FloatStorage": ("float32", 4),
    "HalfStorage": ("float16", 2),
    "BFloat16Storage": ("bfloat16", 2),
    "LongStorage": ("int64", 8),
    "IntStorage": ("int32", 4),
    "ShortStorage": ("int16", 2),
    "CharStorage": ("int8", 1),
    "ByteStorage": ("uint8", 1),
    "BoolStorage": ("bool", 1),
}


@dataclass(frozen=True, slots=True)
class _Storage:
    """The bytes of a storage."""

    data: memoryview
    crc32: int | None


def looks_like_pytorch(start: bytes) -> bool:
    """Whether a file that begins so may be one that torch wrote: a zip archive, or a pickle."""
    return start.startswith(_ZIP) or (start[:1] == b"\x80" and start[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"))


def read_pytorch(path: Path) -> dict[str, StoredTensor]:
    """Every tensor of the state dict by its name in the file; nothing in the file is run.

    Tensors lie in the file as it is mapped, but those with rows not one after the other, which are copied.
    """
    view = map_file(path)
    state, storages = _read_zip(path, view) if view[:4] == _ZIP else _read_legacy(path, view)
    return {name: _tensor(path, name, note, storages) for name, note in state.items()}


def _state_dict(path: Path, value: Any) -> dict[str, TensorNote]:
    if not isinstance(value, dict) or not value:
        raise FormatError(f"{path} holds no state dict of a model.", _ALONE)
    for name, note in value.items():
        if not isinstance(name, str) or not isinstance(note, TensorNote):
            raise FormatError(f"{path} holds “{name}”, which is no tensor.", _ALONE)
    return value


def _read_zip(path: Path, view: memoryview) -> tuple[dict[str, TensorNote], Mapping[str, _Storage]]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = {entry.filename: entry for entry in archive.infolist()}
    except (zipfile.BadZipFile, struct.error, NotImplementedError, ValueError, LookupError, ArithmeticError, OSError):
        raise FormatError(f"{path} is damaged or cut short: its table of contents cannot be read.", AGAIN) from None
    listing = next((name for name in entries if name.rpartition("/")[2] == "data.pkl"), None)
    if listing is None:
        raise FormatError(f"{path} is a zip archive, but not a model.", AGAIN)
    root = listing.removesuffix("data.pkl")
    if f"{root}byteorder" in entries and bytes(_member(path, view, entries[f"{root}byteorder"]).data) != b"little":
        raise FormatError(f"{path} was written on a big-endian machine, which is not supported.", SAFETENSORS)
    pickled = _member(path, view, entries[listing])
    if pickled.crc32 is not None and zlib.crc32(pickled.data) != pickled.crc32:
        raise FormatError(f"{path} is damaged: its list of tensors is not as it was written.", AGAIN)
    value, _ = read_pickle(path, pickled.data)
    place = f"{root}data/"
    return _state_dict(path, value), {
        name.removeprefix(place): _member(path, view, entry)
        for name, entry in entries.items()
        if name.startswith(place)
    }


def _member(path: Path, view: memoryview, entry: zipfile.ZipInfo) -> _Storage:
    """A member's bytes in place: torch stores without compressing."""
    header = bytes(view[max(entry.header_offset, 0) :][:30])
    begin = entry.header_offset + 30 + int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    if entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1:
        raise FormatError(f"{path} is compressed or encrypted, which torch never does.", AGAIN)
    end = begin + entry.file_size
    if not header.startswith(_ZIP) or entry.file_size != entry.compress_size or end > len(view):
        raise FormatError(f"{path} is damaged: “{entry.filename}” is not where it should be.", AGAIN)
    return _Storage(view[begin:end], entry.CRC or None)  # torch writes 0 where it was told not to compute one


def _read_legacy(path: Path, view: memoryview) -> tuple[dict[str, TensorNote], Mapping[str, _Storage]]:
    """Five pickles (magic number, protocol, the machine, the state dict, the storages' keys), then the storages."""
    magic, at = read_pickle(path, view)
    if magic != _LEGACY_MAGIC:
        raise FormatError(f"{path} is a pickle, but not one that torch.save wrote.", AGAIN)
    protocol, at = read_pickle(path, view, at)
    machine, at = read_pickle(path, view, at)
    if protocol != _LEGACY_PROTOCOL or not isinstance(machine, dict) or machine.get("little_endian") is not True:
        raise FormatError(f"{path} was written by a torch or a machine that is not supported.", SAFETENSORS)
    value, at = read_pickle(path, view, at)
    state = _state_dict(path, value)
    keys, at = read_pickle(path, view, at)
    kinds = {note.storage.key: note.storage.kind for note in state.values()}
    storages: dict[str, _Storage] = {}
    for key in keys if isinstance(keys, list) else ():
        if not isinstance(key, str) or key not in kinds or key in storages:
            raise FormatError(f"{path} is damaged: its list of storages does not fit its tensors.", AGAIN)
        count = int.from_bytes(view[at : at + 8], "little")
        end = at + 8 + count * _number_type(path, kinds[key])[1]
        if end > len(view):
            raise FormatError(f"{path} is cut short: {end - len(view):,} bytes of storage {key} are missing.", AGAIN)
        storages[key] = _Storage(view[at + 8 : end], None)
        at = end
    if at != len(view):
        raise FormatError(f"{path} is damaged: {len(view) - at:,} bytes belong to no storage.", AGAIN)
    return state, storages


def _number_type(path: Path, storage: str) -> tuple[str, int]:
    if storage not in _TYPES:
        raise FormatError(f"{path} keeps numbers as {storage}, which is not supported.", USUAL_TYPES)
    return _TYPES[storage]


def _tensor(path: Path, name: str, note: TensorNote, storages: Mapping[str, _Storage]) -> StoredTensor:
    dtype, width = _number_type(path, note.storage.kind)
    storage = storages.get(note.storage.key)
    if storage is None or len(storage.data) != note.storage.count * width:
        raise FormatError(f"{path} is damaged: the numbers of “{name}” are missing or cut short.", AGAIN)
    data = _numbers(note, storage.data, width)
    if data is None:
        raise FormatError(f"{path} is damaged: the numbers of “{name}” are not where it says.", AGAIN)
    checksum = None if storage.crc32 is None else Checksum("crc32", storage.crc32, storage.data)
    return StoredTensor(name, dtype, note.size, data, checksum)


def _numbers(note: TensorNote, data: memoryview, width: int) -> memoryview | None:
    """The tensor's bytes, in place where they lie one after the other; None where the note does not fit them."""
    first = note.storage.offset + note.offset
    count = math.prod(note.size)
    if count == 0:
        return data[:0]
    axes = [(stride, size) for stride, size in zip(note.stride, note.size, strict=True) if size > 1]
    reach = 1  # numbers from the first to the last, along the axes so far
    for stride, size in sorted(axes):
        if stride < reach:
            return None  # two places would be one number: no weight is kept so
        reach += stride * (size - 1)
    if first + reach > len(data) // width:
        return None
    if reach == count and axes == sorted(axes, reverse=True):
        return data[first * width : (first + count) * width]
    import numpy as np

    # An axis of one place is left out: its stride, which means nothing, may be any number.
    sizes, strides = [size for _, size in axes], [stride * width for stride, _ in axes]
    start = np.frombuffer(data, dtype=f"V{width}")[first:]
    return memoryview(np.lib.stride_tricks.as_strided(start, sizes, strides, writeable=False).tobytes())
