"""The zip archive that ``torch.save`` writes of a state dict, without torch.

Its list of tensors is a pickle of protocol 2, put together here instruction by instruction: Python's own pickler
would import torch to name what is torch's. Format: PyTorch's ``torch/serialization.py``; Python's `pickletools`.
"""

import struct
import zipfile
from collections.abc import Callable, Sequence
from typing import IO

from gpt2studio.formats.tensor import StoredTensor

_STORAGES = {
    "float64": "DoubleStorage",
    "float32": "FloatStorage",
    "float16": "HalfStorage",
    "bfloat16": "BFloat16Storage",
}
_ROOT = "archive"
_ALIGNMENT = 64
_NO_DATE = (1980, 1, 1, 0, 0, 0)


def write_pytorch(
    file: IO[bytes], tensors: Sequence[StoredTensor], wrote: Callable[[int], None] = lambda octets: None
) -> None:
    """Write the tensors, in this order, under their own names; *wrote* is told the bytes of each."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        _add(archive, file, "data.pkl", memoryview(_state_dict(tensors)))
        _add(archive, file, "byteorder", memoryview(b"little"))
        for number, tensor in enumerate(tensors):
            _add(archive, file, f"data/{number}", tensor.data)
            wrote(tensor.data.nbytes)
        _add(archive, file, "version", memoryview(b"3\n"))


def _add(archive: zipfile.ZipFile, file: IO[bytes], name: str, data: memoryview) -> None:
    """A member whose bytes begin at a multiple of 64, as torch has them, so that they can be mapped."""
    entry = zipfile.ZipInfo(f"{_ROOT}/{name}", _NO_DATE)
    entry.file_size = data.nbytes
    large = data.nbytes > zipfile.ZIP64_LIMIT // 2
    begin = file.tell() + 30 + len(entry.filename) + (20 if large else 0) + 4
    entry.extra = b"FB" + struct.pack("<H", -begin % _ALIGNMENT) + b"Z" * (-begin % _ALIGNMENT)
    with archive.open(entry, "w", force_zip64=large) as member:
        for at in range(0, data.nbytes, 1 << 24):
            member.write(data[at : at + (1 << 24)])


def _state_dict(tensors: Sequence[StoredTensor]) -> bytes:
    """The pickle of an ordered dictionary of names to tensors."""
    parts = [b"\x80\x02", _call("collections OrderedDict"), b"("]
    for number, tensor in enumerate(tensors):
        parts += [_text(tensor.name), _tensor(tensor, str(number))]
    return b"".join([*parts, b"u."])


def _tensor(tensor: StoredTensor, key: str) -> bytes:
    """A call of ``_rebuild_tensor_v2``: storage, offset, size, stride, no gradient, no hooks."""
    storage = [_text("storage"), _name(f"torch {_STORAGES[tensor.dtype]}"), _text(key), _text("cpu")]
    strides = [1]
    for size in reversed(tensor.shape[1:]):
        strides.insert(0, strides[0] * size)
    return b"".join(
        [
            _name("torch._utils _rebuild_tensor_v2"),
            b"((",
            *storage,
            _number(tensor.count),
            b"tQ",
            _number(0),
            _numbers(tensor.shape),
            _numbers(strides[: len(tensor.shape)]),
            b"\x89",
            _call("collections OrderedDict"),
            b"tR",
        ]
    )


def _name(name: str) -> bytes:
    return b"c" + name.replace(" ", "\n").encode() + b"\n"


def _call(name: str) -> bytes:
    return _name(name) + b")R"


def _text(text: str) -> bytes:
    data = text.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def _number(value: int) -> bytes:
    if value < 1 << 31:
        return b"J" + struct.pack("<i", value)
    return b"\x8a\x08" + struct.pack("<q", value)


def _numbers(values: Sequence[int]) -> bytes:
    return b"(" + b"".join(map(_number, values)) + b"t"
