"""Models written for other programs, and read there."""

import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import GPT2LMHeadModel

from gpt2studio.errors import StudioError
from gpt2studio.formats.checkpoint import open_checkpoint
from gpt2studio.formats.huggingface import write_model
from gpt2studio.formats.names import tensor_shapes
from gpt2studio.formats.shape import Shape
from gpt2studio.formats.tensor import StoredTensor
from gpt2studio.library.adopt import adopt
from gpt2studio.library.convert import TYPES, converted, widened
from gpt2studio.library.export import Export, export
from gpt2studio.library.progress import Progress
from gpt2studio.library.provenance import read_provenance, write_provenance
from gpt2studio.paths import places
from tests.formats.tiny import SHAPE, numbers_of, write_vocabulary

TORCH = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


def numbers(shape: Shape = SHAPE) -> list[StoredTensor]:
    """Tensors of small random numbers."""
    draw = np.random.default_rng(3)
    return [
        StoredTensor(name, "float32", size, memoryview((draw.normal(size=size) / 5).astype("<f4").tobytes()))
        for name, size in tensor_shapes(shape)
    ]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    encoder, merges = write_vocabulary(tmp_path / "vocabulary")
    write_model(tmp_path / "model", SHAPE, numbers(), encoder, merges)
    return tmp_path / "model"


def logits(folder: Path) -> torch.Tensor:
    """What transformers makes of the folder."""
    network = GPT2LMHeadModel.from_pretrained(folder, local_files_only=True, dtype=torch.float32).eval()
    with torch.no_grad():
        result: torch.Tensor = network(torch.arange(8)[None]).logits
    return result


@pytest.mark.parametrize("form", ["huggingface", "pytorch"])
def test_transformers_opens_what_is_written_and_computes_the_same(form: str, model: Path, tmp_path: Path) -> None:
    path = export(model, Export(tmp_path / "out", form))
    assert torch.equal(logits(path), logits(model))
    assert numbers_of(open_checkpoint(path)) == numbers_of(open_checkpoint(model))


@pytest.mark.parametrize("dtype", TYPES)
def test_torch_reads_the_bare_file_with_weights_only(dtype: str, model: Path, tmp_path: Path) -> None:
    path = export(model, Export(tmp_path / "gpt2-pytorch_model.bin", "pytorch", dtype))
    for mapped in (False, True):
        state = torch.load(path, weights_only=True, mmap=mapped)
        assert list(state) == [name for name, _ in tensor_shapes(SHAPE)]
        for tensor in numbers():
            assert state[tensor.name].dtype == TORCH[dtype]
            assert torch.equal(state[tensor.name], torch.from_numpy(tensor.array().copy()).to(TORCH[dtype]))


@pytest.mark.parametrize("form", ["huggingface", "openai", "pytorch"])
def test_a_model_comes_back_from_every_format_as_it_was(form: str, model: Path, tmp_path: Path) -> None:
    for name in ("out", "out.tar"):
        path = export(model, Export(tmp_path / name, form))
        again = adopt(path, f"{form}-{name.replace('.', '-')}", places())
        assert numbers_of(open_checkpoint(again)) == numbers_of(open_checkpoint(model))
        assert open_checkpoint(again).shape == (
            SHAPE if form != "openai" else open_checkpoint(path.with_name("out")).shape
        )


def test_a_tar_for_the_tools_of_2019_unpacks_where_they_look(model: Path, tmp_path: Path) -> None:
    path = export(model, Export(tmp_path / "checkpoint_run1.tar", "openai"))
    with tarfile.open(path) as archive:
        members = archive.getmembers()
    assert {Path(each.name).parent.as_posix() for each in members} == {"checkpoint/run1"}
    assert {(each.uid, each.uname) for each in members} == {(0, "")}


def test_openais_format_is_always_float32(model: Path, tmp_path: Path) -> None:
    half = export(model, Export(tmp_path / "half", dtype="float16"))
    whole = open_checkpoint(export(half, Export(tmp_path / "openai", "openai")))
    assert {tensor.dtype for tensor in whole.tensors.values()} == {"float32"}
    for name, tensor in open_checkpoint(half).tensors.items():
        assert np.array_equal(whole.tensors[name].array(), tensor.array().astype(np.float32))
    with pytest.raises(StudioError, match="float32 alone"):
        export(model, Export(tmp_path / "no", "openai", "float16"))


def test_what_is_there_is_never_replaced_and_a_failure_leaves_nothing(model: Path, tmp_path: Path) -> None:
    def stop(progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(StudioError, match="already there"):
        export(model, Export(model))
    before = set(tmp_path.iterdir())
    for wanted in (
        Export(tmp_path / "out"),
        Export(tmp_path / "out.tar", dtype="float16"),
        Export(tmp_path / "out.bin", "pytorch"),
    ):
        with pytest.raises(KeyboardInterrupt):
            export(model, wanted, watch=stop)
    assert set(tmp_path.iterdir()) == before


def test_where_a_model_came_from_goes_with_it_but_no_path_and_no_private_word(model: Path, tmp_path: Path) -> None:
    first = adopt(model, "tales", places())
    known = read_provenance(first)
    assert known is not None
    write_provenance(first, replace(known, parent=str(model), run="sitcom", note="not for everybody"))
    facts = read_provenance(export(first, Export(tmp_path / "out", dtype="float16")))
    assert facts is not None
    assert (facts.origin, facts.parent, facts.run, facts.note) == (f"import:{model.name}", model.name, "sitcom", "")
    assert facts.sha256 != known.sha256
    assert str(tmp_path) not in (tmp_path / "out" / "studio.json").read_text()


def test_a_number_that_is_too_large_for_float16_is_refused(tmp_path: Path) -> None:
    large = StoredTensor("wte.weight", "float32", (2,), memoryview(np.array([1.0, 70000.0], "<f4").tobytes()))
    with pytest.raises(StudioError, match="too large"), converted([large], "float16", tmp_path):
        pass
    with converted([large], "bfloat16", tmp_path) as [tensor]:
        assert widened(tensor).tolist() == [1.0, 70144.0]
    assert list(tmp_path.iterdir()) == []


@given(st.lists(st.floats(width=32, min_value=-60000, max_value=60000) | st.just(float("inf")), min_size=1))
def test_numbers_are_rounded_as_torch_rounds_them(values: list[float]) -> None:
    given = torch.tensor(values, dtype=torch.float32)
    source = StoredTensor("x", "float32", (len(values),), memoryview(given.numpy().tobytes()))
    for dtype in ("float16", "bfloat16"):
        with converted([source], dtype, Path("/tmp")) as [tensor]:
            assert bytes(tensor.data) == given.to(TORCH[dtype]).view(torch.uint8).numpy().tobytes()
            assert np.array_equal(widened(tensor), given.to(TORCH[dtype]).float().numpy())
