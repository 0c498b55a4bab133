"""TensorFlow's checkpoint (a "tensor bundle"), read without TensorFlow: an index, and files of bytes.

Format: tensorflow/core/protobuf/tensor_bundle.proto and core/util/tensor_bundle. The index is a sorted table of
names; each name's value says number type, shape, which file, where in it, and the checksum of the bytes.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from gpt2studio.errors import FormatError, NotFoundError
from gpt2studio.formats.mapped import AGAIN, SAFETENSORS, USUAL_TYPES, map_file
from gpt2studio.formats.protobuf import Value, fields
from gpt2studio.formats.sstable import FOOTER, looks_like_table, read_table, unmasked
from gpt2studio.formats.tensor import NUMBER_TYPES, Checksum, StoredTensor

INDEX = ".index"
NUMBER_CODES = {"float32": 1, "float64": 2, "bfloat16": 14, "float16": 19}
"""TensorFlow's numbers for the types that weights are kept in."""

_TYPES = {code: name for name, code in NUMBER_CODES.items()}


@dataclass(frozen=True, slots=True)
class Entry:
    """What the index says of one tensor."""

    name: str
    code: int
    shape: tuple[int, ...]
    shard: int
    offset: int
    size: int
    crc32c: int
    sliced: bool


def is_bundle_index(path: Path) -> bool:
    """Whether the file is the index of a checkpoint, by its last bytes."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - FOOTER))
            return looks_like_table(file.read())
    except OSError:
        return False


class Bundle:
    """A checkpoint whose index is read and checked, and whose data are mapped when they are asked for."""

    def __init__(self, index: Path) -> None:
        self.index = index
        entries = read_table(index)
        header = entries.pop(b"", None)
        if header is None:
            raise FormatError(f"{index} is damaged: it lacks its header.", AGAIN)
        try:
            self._shards = _shards(index, header)
            self.entries = {name.decode(): _entry(name.decode(), value) for name, value in entries.items()}
        except ValueError:
            raise FormatError(f"{index} is damaged: its entries cannot be read.", AGAIN) from None
        _check_apart(index, self.entries.values())
        self._maps: dict[int, memoryview] = {}

    def tensor(self, name: str) -> StoredTensor:
        """The tensor of that name, its place checked against the data file."""
        entry = self.entries[name]
        if entry.sliced:
            raise FormatError(f"{self.index} keeps “{name}” in slices, which is not supported.", SAFETENSORS)
        dtype = _TYPES.get(entry.code)
        if dtype is None:
            raise FormatError(
                f"{self.index} keeps “{name}” as a number type that no weight has ({entry.code}).", USUAL_TYPES
            )
        if entry.size != math.prod(entry.shape) * NUMBER_TYPES[dtype]:
            raise FormatError(f"{self.index} is damaged: the bytes of “{name}” do not fit its shape.", AGAIN)
        view = self._data(entry.shard)
        end = entry.offset + entry.size
        if end > len(view):
            raise FormatError(
                f"{self._file(entry.shard)} is cut short: “{name}” ends {end - len(view):,} bytes beyond its end.",
                AGAIN,
            )
        data = view[entry.offset : end]
        return StoredTensor(name, dtype, entry.shape, data, Checksum("crc32c", entry.crc32c, data))

    def _file(self, shard: int) -> Path:
        name = self.index.name.removesuffix(INDEX)
        return self.index.with_name(f"{name}.data-{shard:05d}-of-{self._shards:05d}")

    def _data(self, shard: int) -> memoryview:
        if shard >= self._shards:
            raise FormatError(f"{self.index} is damaged: it names a data file that there cannot be.", AGAIN)
        if shard not in self._maps:
            file = self._file(shard)
            if not file.is_file():
                raise NotFoundError(f"{file} is missing: it holds the weights.", "Copy it beside the .index file.")
            self._maps[shard] = map_file(file)
        return self._maps[shard]


def _shards(index: Path, header: bytes) -> int:
    """How many data files there are."""
    values = dict(fields(header))
    if values.get(2, 0) != 0:
        raise FormatError(f"{index} was written on a big-endian machine, which is not supported.", SAFETENSORS)
    return _number(values.get(1, 0))


def _check_apart(index: Path, entries: Iterable[Entry]) -> None:
    """No two tensors may share bytes: TensorFlow gives each its own."""
    shard, end = -1, 0
    for entry in sorted(entries, key=lambda entry: (entry.shard, entry.offset)):
        if entry.shard == shard and entry.offset < end:
            raise FormatError(f"{index} is damaged: the place of “{entry.name}” overlaps another's.", AGAIN)
        shard, end = entry.shard, entry.offset + entry.size


def _entry(name: str, value: bytes) -> Entry:
    values: dict[int, Value] = {}
    sliced = False
    for number, field in fields(value):
        sliced = sliced or number == 7
        values[number] = field
    shape = values.get(2, b"")
    if not isinstance(shape, bytes):
        raise ValueError
    return Entry(
        name=name,
        code=_number(values.get(1, 0)),
        shape=tuple(_sizes(shape)),
        shard=_number(values.get(3, 0)),
        offset=_number(values.get(4, 0)),
        size=_number(values.get(5, 0)),
        crc32c=unmasked(_number(values.get(6, 0)) & 0xFFFFFFFF),
        sliced=sliced,
    )


def _sizes(shape: bytes) -> list[int]:
    """The sizes of the axes: a TensorShapeProto's dims, each a message whose first field is the size."""
    dims = [dim for number, dim in fields(shape) if number == 2]
    return [_number(dict(fields(_message(dim))).get(1, 0)) for dim in dims]


def _number(value: Value) -> int:
    if not isinstance(value, int):
        raise ValueError
    return value


def _message(value: Value) -> bytes:
    if not isinstance(value, bytes):
        raise ValueError
    return value
