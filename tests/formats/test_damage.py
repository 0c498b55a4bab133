"""Whatever happens to a file: it is refused in a sentence, or what is read is what was written."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gpt2studio.errors import StudioError
from gpt2studio.formats.checkpoint import Checkpoint, open_checkpoint
from tests.formats.tiny import SHAPE, numbers_of, replaced, tensors, write_config, write_tiny

TENSORFLOW = Path(__file__).parent / "data" / "tensorflow" / "plain"


@dataclass(frozen=True)
class Case:
    """A model of which one file is to be damaged."""

    folder: Path
    file: str
    whole: bytes
    numbers: dict[str, bytes]
    has_checksums: bool


def torch_folder(folder: Path, *, is_zip: bool) -> Path:
    write_config(folder)
    state = {f"transformer.{t.name}": torch.from_numpy(t.array().copy()) for t in tensors(SHAPE)}
    torch.save(state, folder / "pytorch_model.bin", _use_new_zipfile_serialization=is_zip)
    return folder


@pytest.fixture(scope="module", params=["safetensors", "zip", "legacy", "index", "data"])
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder, kind = tmp_path_factory.mktemp("damage") / "model", request.param
    if kind == "safetensors":
        file = "model.safetensors"
        write_tiny(folder)
    elif kind in ("zip", "legacy"):
        file = "pytorch_model.bin"
        torch_folder(folder, is_zip=kind == "zip")
    else:
        file = {"index": "model.ckpt.index", "data": "model.ckpt.data-00000-of-00001"}[kind]
        shutil.copytree(TENSORFLOW, folder)
    whole = (folder / file).read_bytes()
    checkpoint = open_checkpoint(folder)
    return Case(folder, file, whole, numbers_of(checkpoint), kind not in ("safetensors", "legacy"))


def opened(case: Case, data: bytes) -> Checkpoint | None:
    """The model with that file instead; None where it is refused."""
    replaced(case.folder / case.file, data)
    try:
        checkpoint = open_checkpoint(case.folder)
        checkpoint.verify()
    except StudioError:
        return None
    return checkpoint


def differing(case: Case, checkpoint: Checkpoint) -> int:
    """How many bytes of weights are not as they were written."""
    numbers = numbers_of(checkpoint)
    assert numbers.keys() == case.numbers.keys()
    return sum(
        one != other for name, data in case.numbers.items() for one, other in zip(data, numbers[name], strict=True)
    )


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_a_file_cut_anywhere_is_refused(data: st.DataObject, case: Case) -> None:
    length = data.draw(st.integers(0, len(case.whole) - 1))
    assert opened(case, case.whole[:length]) is None


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_a_changed_byte_is_refused_or_harmless(data: st.DataObject, case: Case) -> None:
    # Without checksums a changed number cannot be told, but it must be the only one.
    damaged = bytearray(case.whole)
    place = data.draw(st.integers(0, len(damaged) - 1) | st.integers(0, min(2000, len(damaged) - 1)))
    damaged[place] ^= data.draw(st.integers(1, 255))
    checkpoint = opened(case, bytes(damaged))
    if checkpoint is not None:
        assert differing(case, checkpoint) <= (0 if case.has_checksums else 1)


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_bytes_of_any_kind_put_in_are_refused_or_harmless(data: st.DataObject, case: Case) -> None:
    start = data.draw(st.integers(0, len(case.whole)))
    stop = min(len(case.whole), start + data.draw(st.integers(0, 40)))
    inserted = data.draw(st.binary(max_size=40))
    checkpoint = opened(case, case.whole[:start] + inserted + case.whole[stop:])
    if checkpoint is not None:
        assert differing(case, checkpoint) <= (0 if case.has_checksums else max(len(inserted), stop - start))
