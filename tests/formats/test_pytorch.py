import mmap
import os
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gpt2studio.errors import FormatError, StudioError
from gpt2studio.formats.pickles import read_pickle
from gpt2studio.formats.pytorch import read_pytorch

both_forms = pytest.mark.parametrize("is_zip", [True, False], ids=["zip", "legacy"])


def saved(path: Path, state: object, *, is_zip: bool = True, protocol: int = 2) -> Path:
    path.unlink(missing_ok=True)
    torch.save(state, path, _use_new_zipfile_serialization=is_zip, pickle_protocol=protocol)
    return path


@both_forms
@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_every_number_type_comes_as_torch_wrote_it(tmp_path: Path, is_zip: bool, protocol: int) -> None:
    types = ["float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool"]
    state = {kind: (torch.randn(3, 5) * 9).to(getattr(torch, kind)) for kind in types}
    state["scalar"] = torch.tensor(2.5)
    state["empty"] = torch.zeros(0, 4)
    read = read_pytorch(saved(tmp_path / "some.bin", state, is_zip=is_zip, protocol=protocol))
    assert list(read) == list(state)
    for name, tensor in state.items():
        stored = read[name]
        assert (stored.name, stored.shape) == (name, tuple(tensor.shape))
        assert stored.dtype == (name if name in types else "float32")
        assert bytes(stored.data) == tensor.reshape(-1).view(torch.uint8).numpy().tobytes()
        assert stored.is_intact()
    assert read["scalar"].array() == 2.5


@both_forms
def test_contiguous_tensors_stay_in_the_mapped_file(tmp_path: Path, is_zip: bool) -> None:
    whole = torch.arange(24.0).reshape(4, 6)
    state = {"whole": whole, "row": whole[2:3], "rows": whole[1:3]}
    read = read_pytorch(saved(tmp_path / "some.bin", state, is_zip=is_zip))
    for name, tensor in state.items():
        assert isinstance(read[name].data.obj, mmap.mmap)
        np.testing.assert_array_equal(read[name].array(), tensor.numpy())


@both_forms
def test_rows_that_are_not_in_order_are_put_in_order(tmp_path: Path, is_zip: bool) -> None:
    whole = torch.arange(24.0).reshape(4, 6)
    state = {"t": whole.t(), "column": whole[:, 2], "part": whole[1:3, 2:5], "permuted": torch.rand(2, 3, 4).mT}
    read = read_pytorch(saved(tmp_path / "some.bin", state, is_zip=is_zip))
    for name, tensor in state.items():
        np.testing.assert_array_equal(read[name].array(), tensor.numpy())


@both_forms
def test_the_stride_of_an_axis_of_one_place_may_be_any_number(tmp_path: Path, is_zip: bool) -> None:
    tensor = torch.arange(6.0).as_strided((2, 3, 1), (1, 2, 1 << 62))
    read = read_pytorch(saved(tmp_path / "some.bin", {"a": tensor}, is_zip=is_zip))
    assert read["a"].array().tolist() == tensor.tolist() == [[[0], [2], [4]], [[1], [3], [5]]]


@both_forms
def test_one_number_in_many_places_is_refused(tmp_path: Path, is_zip: bool) -> None:
    path = saved(tmp_path / "some.bin", {"wide": torch.zeros(1).expand(1 << 40)}, is_zip=is_zip)
    with pytest.raises(FormatError, match="numbers of “wide” are not where"):
        read_pytorch(path)


@both_forms
def test_parameters_and_the_version_numbers_of_modules_are_read(tmp_path: Path, is_zip: bool) -> None:
    module = torch.nn.LayerNorm(4)
    state = OrderedDict(module.state_dict(keep_vars=True))
    assert isinstance(state["weight"], torch.nn.Parameter)
    read = read_pytorch(saved(tmp_path / "some.bin", state, is_zip=is_zip))
    assert read["weight"].array().tolist() == [1, 1, 1, 1]
    read = read_pytorch(saved(tmp_path / "some.bin", module.state_dict(), is_zip=is_zip))
    assert set(read) == {"weight", "bias"}


def test_a_file_saved_without_checksums_is_taken_as_it_is(tmp_path: Path) -> None:
    torch.serialization.set_crc32_options(False)
    try:
        path = saved(tmp_path / "some.bin", {"a": torch.ones(3)})
    finally:
        torch.serialization.set_crc32_options(True)
    (read,) = read_pytorch(path).values()
    assert read.checksum is None
    assert read.array().tolist() == [1, 1, 1]


class Runs:
    """An object whose pickle calls a function when it is opened."""

    def __init__(self, function: Callable[..., Any], *arguments: object) -> None:
        self._call = function, arguments

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[object, ...]]:
        return self._call


@both_forms
@pytest.mark.parametrize("protocol", [2, 4])
@pytest.mark.parametrize(
    ("function", "named"), [(os.system, r"posix\.system|nt\.system"), (eval, r"builtins\.eval|__builtin__\.eval")]
)
def test_a_file_that_wants_to_run_code_runs_nothing(
    tmp_path: Path, is_zip: bool, protocol: int, function: Callable[..., Any], named: str
) -> None:
    witness = tmp_path / "ran"
    order = f"touch {witness}" if function is os.system else f"__import__('pathlib').Path({str(witness)!r}).touch()"
    state = {"wte.weight": torch.ones(2), "evil": Runs(function, order)}
    path = saved(tmp_path / "some.bin", state, is_zip=is_zip, protocol=protocol)
    with pytest.raises(FormatError, match=named):
        read_pytorch(path)
    assert not witness.exists()
    torch.load(path, weights_only=False)  # the order was real
    assert witness.exists()


@pytest.mark.parametrize("protocol", range(6))
def test_a_bare_pickle_runs_nothing(tmp_path: Path, protocol: int) -> None:
    witness = tmp_path / "ran"
    path = tmp_path / "some.bin"
    path.write_bytes(pickle.dumps(Runs(os.system, f"touch {witness}"), protocol))
    with pytest.raises(FormatError):
        read_pytorch(path)
    assert not witness.exists()


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (torch.ones(2), "holds no state dict"),
        ({}, "holds no state dict"),
        ([torch.ones(2)], "holds no state dict"),
        ({"a": 5}, "“a”, which is no tensor"),
        ({"a": {"b": torch.ones(2)}}, "“a”, which is no tensor"),
        ({1: torch.ones(2)}, "“1”, which is no tensor"),
        ({"a": torch.ones(2, dtype=torch.complex64)}, "ComplexFloatStorage"),
        ({"a": np.float64(3)}, r"numpy\.\S+\.scalar"),
        (torch.nn.Linear(2, 2), r"torch\.nn\.modules\.linear\.Linear"),
        ({"a": torch.ones(2).to_sparse()}, "_rebuild_sparse_tensor"),
        ({"a": {1, 2}}, "instruction|set"),
    ],
)
@both_forms
@pytest.mark.filterwarnings("ignore:.*[Ss]parse")
def test_what_is_no_state_dict_is_refused_by_name(tmp_path: Path, is_zip: bool, state: object, said: str) -> None:
    path = saved(tmp_path / "some.bin", state, is_zip=is_zip)
    with pytest.raises(FormatError, match=said):
        read_pytorch(path)


def rewritten(path: Path, members: dict[str, bytes | None], compression: int = zipfile.ZIP_STORED) -> Path:
    """The archive with some members changed, and those that are None left out."""
    with zipfile.ZipFile(path) as archive:
        old = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    path.unlink()
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in old.items():
            changed = members.get(name.partition("/")[2], data)
            if changed is not None:
                archive.writestr(name, changed)
    return path


@pytest.mark.parametrize(
    ("members", "compression", "said"),
    [
        ({}, zipfile.ZIP_DEFLATED, "compressed or encrypted"),
        ({"byteorder": b"big"}, zipfile.ZIP_STORED, "big-endian"),
        ({"data.pkl": None}, zipfile.ZIP_STORED, "zip archive, but not a model"),
        ({"data/0": None}, zipfile.ZIP_STORED, "“a” are missing or cut short"),
        ({"data/0": bytes(8)}, zipfile.ZIP_STORED, "“a” are missing or cut short"),
        ({"data.pkl": b"\x80\x02"}, zipfile.ZIP_STORED, "cannot be read"),
    ],
)
def test_an_archive_that_torch_does_not_write_is_refused(
    tmp_path: Path, members: dict[str, bytes | None], compression: int, said: str
) -> None:
    path = rewritten(saved(tmp_path / "some.bin", {"a": torch.ones(3)}), members, compression)
    with pytest.raises(FormatError, match=said):
        read_pytorch(path)


def test_a_changed_number_is_found_by_its_checksum(tmp_path: Path) -> None:
    state = {"good": torch.ones(50), "bad": torch.full((50,), 7.0)}
    path = saved(tmp_path / "some.bin", state)
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data.replace(np.float32(7).tobytes() * 50, np.float32(7).tobytes() * 49 + np.float32(8).tobytes()))
    read = read_pytorch(path)
    assert read["good"].is_intact()
    assert not read["bad"].is_intact()


def test_deeply_nested_values_are_refused_without_a_crash(tmp_path: Path) -> None:
    nested = b")" + b"\x85" * 200_000
    for data in (b"\x80\x02}" + nested + b"Ns.", b"\x80\x02" + nested + b"."):
        path = tmp_path / "some.bin"
        path.unlink(missing_ok=True)
        path.write_bytes(data)
        with pytest.raises(FormatError):
            read_pytorch(path)


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**80), 2**80) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=20,
)


@given(plain, st.integers(2, 5))
def test_plain_values_come_as_pythons_own_pickle_reads_them(value: object, protocol: int) -> None:
    data = pickle.dumps(value, protocol)
    assert read_pickle(Path("some"), memoryview(data)) == (value, len(data))


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        _, end = read_pickle(Path("some"), memoryview(data))
    except StudioError:
        return
    assert end <= len(data)
