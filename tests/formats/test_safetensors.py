import io
import json
import mmap
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from gpt2studio.errors import FormatError
from gpt2studio.formats.checkpoint import open_checkpoint
from gpt2studio.formats.safetensors import read_safetensors, write_safetensors
from gpt2studio.formats.tensor import NUMBER_TYPES, StoredTensor
from tests.formats.tiny import replaced, tensors, write_tiny


def file_of(header: object, data: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def entry(**changes: Any) -> dict[str, Any]:
    return {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]} | changes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_tiny(tmp_path / "model")


@pytest.mark.parametrize("dtype", [kind for kind in NUMBER_TYPES if kind != "bfloat16"])
def test_what_the_reference_library_writes_is_read(tmp_path: Path, dtype: str) -> None:
    random = np.random.default_rng(0)
    written = {name: random.standard_normal(size).astype(dtype) for name, size in (("b", (2, 3)), ("a", (0, 4)))}
    written["ä.scalar"] = np.array(1.5, dtype)
    safetensors.numpy.save_file(written, tmp_path / "some.safetensors", metadata={"format": "np"})
    read = read_safetensors(tmp_path / "some.safetensors")
    assert set(read) == set(written)
    for name, array in written.items():
        assert (read[name].name, read[name].dtype, read[name].shape) == (name, dtype, array.shape)
        np.testing.assert_array_equal(read[name].array(), array)


def test_what_is_written_the_reference_library_reads(tmp_path: Path) -> None:
    stored = tensors(dtype="float16")
    with (tmp_path / "some.safetensors").open("wb") as file:
        write_safetensors(file, stored, metadata={"format": "pt"})
    read = safetensors.numpy.load_file(tmp_path / "some.safetensors")
    assert set(read) == {tensor.name for tensor in stored}
    for tensor in stored:
        np.testing.assert_array_equal(read[tensor.name].view(np.uint16), tensor.array().view(np.uint16))


def test_bfloat16_is_kept_as_its_bits(tmp_path: Path) -> None:
    stored = StoredTensor("one", "bfloat16", (2,), memoryview(b"\x80\x3f\x00\xc0"))  # 1 and -2
    with (tmp_path / "some.safetensors").open("wb") as file:
        write_safetensors(file, [stored], metadata={})
    (read,) = read_safetensors(tmp_path / "some.safetensors").values()
    assert read == stored
    assert read.array().tolist() == [0x3F80, 0xC000]


def test_weights_stay_in_the_mapped_file(folder: Path) -> None:
    for tensor in open_checkpoint(folder).tensors.values():
        assert isinstance(tensor.data.obj, mmap.mmap)
        assert tensor.data.readonly
        assert not tensor.array().flags.writeable


def test_data_begin_at_a_multiple_of_64_bytes() -> None:
    file = io.BytesIO()
    write_safetensors(file, tensors(), metadata={})
    assert (8 + int.from_bytes(file.getvalue()[:8], "little")) % 64 == 0


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"\x01\x02", "not a safetensors file"),
        (b"<!DOCTYPE html><html>", "web page"),
        (file_of({"a": entry()}), "cut short: “a” ends 24 bytes beyond"),
        (file_of({"a": entry()}, bytes(23)), "cut short"),
        (file_of({"a": entry()}, bytes(25)), "1 bytes belong to no tensor"),
        (file_of({"a": entry()}, bytes(24))[:-40], "cut short"),
        ((1 << 62).to_bytes(8, "little") + b'{"a":1}', "not a safetensors file"),
        ((90_000_000).to_bytes(8, "little") + b'{"a":1}', "header alone is longer"),
        (file_of(b'{"a": ', b""), "not JSON"),
        (file_of(b"{" * 100_000, b""), "not JSON"),
        (file_of(b'{"a": 1, "a": 2}', b""), "twice"),
        (file_of({"a": entry(), "b": entry()}, bytes(24)), "overlaps or leaves a hole"),
        (file_of({"a": entry(), "b": entry(data_offsets=[30, 54])}, bytes(54)), "overlaps or leaves a hole"),
        (file_of({"a": entry(data_offsets=[24, 0])}, bytes(24)), "do not fit its shape"),
        (file_of({"a": entry(shape=[2, 4])}, bytes(24)), "do not fit its shape"),
        (file_of({"a": entry(shape=[1 << 62, 1 << 62])}, bytes(24)), "do not fit its shape"),
        (file_of({"a": entry(shape=[-2, -3])}, bytes(24)), "does not describe “a” properly"),
        (file_of({"a": entry(shape=[1] * 99)}, bytes(24)), "does not describe “a” properly"),
        (file_of({"a": entry(shape="23")}, bytes(24)), "does not describe “a” properly"),
        (file_of({"a": entry(data_offsets=[0.0, 24])}, bytes(24)), "does not describe “a” properly"),
        (file_of({"a": entry(data_offsets=[0])}, bytes(24)), "does not describe “a” properly"),
        (file_of({"a": entry(dtype="F4")}, bytes(24)), "as F4, a number type"),
        (file_of({"a": 5}, bytes(24)), "does not describe “a” properly"),
    ],
)
def test_a_header_that_lies_is_refused(tmp_path: Path, data: bytes, said: str) -> None:
    with pytest.raises(FormatError, match=said):
        read_safetensors(replaced(tmp_path / "some.safetensors", data))
