import errno
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

import pytest
import torch
from transformers import AutoTokenizer, GPT2Config, GPT2LMHeadModel, GPT2Model

from gpt2studio.errors import FormatError, NotFoundError, StudioError
from gpt2studio.formats.checkpoint import Checkpoint, open_checkpoint, recognise
from gpt2studio.formats.huggingface import write_model
from gpt2studio.formats.tensor import StoredTensor
from tests.formats.tiny import (
    SHAPE,
    numbers_of,
    replaced,
    tensors,
    write_config,
    write_tiny,
    write_vocabulary,
)


@pytest.fixture(scope="module")
def network() -> GPT2LMHeadModel:
    torch.manual_seed(0)
    return GPT2LMHeadModel(GPT2Config(**SHAPE.to_config()))


def assert_same(checkpoint: Checkpoint, network: GPT2LMHeadModel) -> None:
    state = network.transformer.state_dict()
    assert list(checkpoint.tensors) == list(state)
    for name, tensor in state.items():
        stored = checkpoint.tensors[name]
        assert (stored.name, stored.shape) == (name, tuple(tensor.shape))
        assert f"torch.{stored.dtype}" == str(tensor.dtype)
        assert bytes(stored.data) == tensor.view(torch.uint8).numpy().tobytes()


def save_torch(folder: Path, state: dict[str, torch.Tensor], *, is_zip: bool = True) -> Path:
    write_config(folder)
    torch.save(state, folder / "pytorch_model.bin", _use_new_zipfile_serialization=is_zip)
    return folder


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16, torch.float64])
def test_what_transformers_saves_opens_with_equal_bytes(
    tmp_path: Path, network: GPT2LMHeadModel, dtype: torch.dtype
) -> None:
    kept = GPT2LMHeadModel(network.config).to(dtype)
    kept.save_pretrained(tmp_path / "model")
    checkpoint = open_checkpoint(tmp_path / "model")
    assert (checkpoint.path, checkpoint.format, checkpoint.shape) == (tmp_path / "model", "huggingface", SHAPE)
    assert_same(checkpoint, kept)


def test_a_model_in_several_files_opens_with_equal_bytes(tmp_path: Path, network: GPT2LMHeadModel) -> None:
    network.save_pretrained(tmp_path / "model", max_shard_size="2kB")
    assert len(list((tmp_path / "model").glob("*.safetensors"))) > 2
    assert recognise(tmp_path / "model") == "huggingface"
    assert_same(open_checkpoint(tmp_path / "model"), network)
    assert_same(open_checkpoint(tmp_path / "model" / "model.safetensors.index.json"), network)


@pytest.mark.parametrize("is_zip", [True, False], ids=["zip", "legacy"])
def test_what_torch_saves_opens_with_equal_bytes(tmp_path: Path, network: GPT2LMHeadModel, is_zip: bool) -> None:
    save_torch(tmp_path, network.state_dict(), is_zip=is_zip)
    assert recognise(tmp_path) == recognise(tmp_path / "pytorch_model.bin") == "pytorch"
    checkpoint = open_checkpoint(tmp_path)
    assert checkpoint.format == "pytorch"
    assert_same(checkpoint, network)
    checkpoint.verify()
    assert_same(open_checkpoint(tmp_path / "pytorch_model.bin"), network)


def test_torchs_files_in_several_parts_open_with_equal_bytes(tmp_path: Path, network: GPT2LMHeadModel) -> None:
    write_config(tmp_path)
    state = network.state_dict()
    places = {name: f"pytorch_model-{number % 2 + 1:05d}-of-00002.bin" for number, name in enumerate(state)}
    for file in set(places.values()):
        torch.save({name: tensor for name, tensor in state.items() if places[name] == file}, tmp_path / file)
    (tmp_path / "pytorch_model.bin.index.json").write_text(json.dumps({"weight_map": places}))
    assert recognise(tmp_path) == "pytorch"
    assert_same(open_checkpoint(tmp_path), network)


def test_names_without_transformer_open_too(tmp_path: Path, network: GPT2LMHeadModel) -> None:
    # As the files of the published models, and as pytorch-pretrained-BERT made them.
    inner: GPT2Model = network.transformer
    inner.save_pretrained(tmp_path / "safetensors")
    assert_same(open_checkpoint(tmp_path / "safetensors"), network)
    assert_same(open_checkpoint(save_torch(tmp_path / "torch", inner.state_dict())), network)


def test_masks_and_other_tasks_heads_are_left_out(tmp_path: Path, network: GPT2LMHeadModel) -> None:
    extras = {
        "transformer.h.0.attn.bias": torch.ones(1, 1, 12, 12, dtype=torch.uint8),
        "transformer.h.1.attn.bias": torch.ones(1, 1, 12, 12, dtype=torch.bool),
        "transformer.h.1.attn.masked_bias": torch.tensor(-1e4),
        "multiple_choice_head.summary.weight": torch.ones(1, 8),
    }
    assert_same(open_checkpoint(save_torch(tmp_path, network.state_dict() | extras)), network)


def test_the_only_file_beside_a_config_is_taken_whatever_its_name(tmp_path: Path) -> None:
    write_tiny(tmp_path / "model")
    (tmp_path / "model" / "model.safetensors").rename(tmp_path / "model" / "my-novel.bin")
    checkpoint = open_checkpoint(tmp_path / "model")
    assert checkpoint.format == recognise(tmp_path / "model") == "huggingface"


def test_an_output_layer_of_its_own_is_refused(tmp_path: Path, network: GPT2LMHeadModel) -> None:
    state = dict(network.state_dict())
    state["lm_head.weight"] = state["lm_head.weight"].clone()
    assert_same(open_checkpoint(save_torch(tmp_path / "equal", state)), network)
    state["lm_head.weight"] += 1
    with pytest.raises(FormatError, match=r"output layer .* is not its token embedding"):
        open_checkpoint(save_torch(tmp_path / "own", state))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"h.0.mlp.c_fc.weight": None}, "lacks the tensor “h.0.mlp.c_fc.weight”"),
        ({"h.0.mlp.c_fc.weight": torch.ones(32, 8)}, "“h.0.mlp.c_fc.weight” .* is 32 × 8, .* asks for 8 × 32"),
        ({"ln_f.bias": torch.tensor(1.0)}, "“ln_f.bias” .* is a single number"),
        ({"ln_f.bias": torch.ones(8, dtype=torch.int64)}, "“ln_f.bias” .* is kept as int64"),
        ({"transformer.ln_f.bias": torch.ones(8)}, "“ln_f.bias” twice"),
        ({"h.2.ln_1.weight": torch.ones(8)}, "“h.2.ln_1.weight”, which no GPT-2 of its description has"),
        ({"h.0.crossattention.c_attn.bias": torch.ones(8)}, "“h.0.crossattention.c_attn.bias”, which no GPT-2"),
    ],
)
def test_tensors_that_make_no_such_gpt2_are_named(
    tmp_path: Path, network: GPT2LMHeadModel, change: dict[str, torch.Tensor | None], said: str
) -> None:
    state = dict(network.transformer.state_dict()) | change
    save_torch(tmp_path, {name: tensor for name, tensor in state.items() if tensor is not None})
    with pytest.raises(FormatError, match=said):
        open_checkpoint(tmp_path)


# --- several files ---------------------------------------------------------------------------------------------------


@pytest.fixture
def sharded(tmp_path: Path, network: GPT2LMHeadModel) -> Path:
    network.save_pretrained(tmp_path / "model", max_shard_size="6kB")
    return tmp_path / "model"


def rewrite_map(folder: Path, change: dict[str, str | None]) -> None:
    index = folder / "model.safetensors.index.json"
    places = json.loads(index.read_text())["weight_map"] | change
    index.write_text(json.dumps({"weight_map": {name: file for name, file in places.items() if file is not None}}))


@pytest.mark.parametrize("file", ["../secret", "/etc/passwd", "a/b.safetensors", "..", "", ".", "a\\b", "C:b", "a\0"])
def test_an_index_may_not_point_outside_its_folder(sharded: Path, file: str) -> None:
    (sharded.parent / "secret").write_bytes(b"secret")
    rewrite_map(sharded, {"transformer.wte.weight": file})
    with pytest.raises(FormatError, match="outside its folder"):
        open_checkpoint(sharded)


def test_a_missing_part_is_named(sharded: Path) -> None:
    missing = sorted(sharded.glob("*.safetensors"))[1]
    missing.unlink()
    with pytest.raises(NotFoundError, match=missing.name):
        open_checkpoint(sharded)


def test_an_index_that_does_not_fit_its_parts_is_refused(sharded: Path) -> None:
    parts = sorted(path.name for path in sharded.glob("*.safetensors"))
    (name,) = [name for name, file in _map(sharded).items() if name.endswith("wpe.weight")]
    other = next(part for part in parts if part != _map(sharded)[name])
    rewrite_map(sharded, {name: other})
    with pytest.raises(FormatError, match=r"but it is"):
        open_checkpoint(sharded)


def test_a_tensor_in_two_parts_is_refused(sharded: Path) -> None:
    first, second = sorted(sharded.glob("*.safetensors"))[:2]
    shutil.copy(first, second)
    with pytest.raises(FormatError, match=r"stands in two|but it is"):
        open_checkpoint(sharded)


@pytest.mark.parametrize("weight_map", [None, {}, [], {"wte.weight": 5}, "model.safetensors"])
def test_an_index_without_a_map_is_refused(sharded: Path, weight_map: object) -> None:
    (sharded / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))
    with pytest.raises(FormatError, match="which file holds which tensor"):
        open_checkpoint(sharded)


def _map(folder: Path) -> dict[str, str]:
    places: dict[str, str] = json.loads((folder / "model.safetensors.index.json").read_text())["weight_map"]
    return places


# --- written ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_what_is_written_transformers_opens(tmp_path: Path, network: GPT2LMHeadModel, dtype: str) -> None:
    encoder, merges = write_vocabulary(tmp_path / "vocabulary")
    state = network.to(getattr(torch, dtype)).transformer.state_dict()
    stored = [
        StoredTensor(name, dtype, tuple(tensor.shape), memoryview(tensor.view(torch.uint8).numpy().tobytes()))
        for name, tensor in state.items()
    ]
    network.float()
    write_model(tmp_path / "model", SHAPE, stored, encoder, merges)
    opened, report = GPT2LMHeadModel.from_pretrained(tmp_path / "model", output_loading_info=True)
    assert not any(report.values())
    assert str(opened.dtype) == f"torch.{dtype}"
    for name, tensor in opened.transformer.state_dict().items():
        assert torch.equal(tensor, state[name])
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "model")
    assert tokenizer('!"!').input_ids == [39, 1]
    again = open_checkpoint(tmp_path / "model")
    assert again.shape == SHAPE
    assert numbers_of(again) == {tensor.name: bytes(tensor.data) for tensor in stored}


def test_a_tokenizer_in_one_file_is_written_as_two(tmp_path: Path) -> None:
    write_tiny(tmp_path / "model")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "model")
    tokenizer.save_pretrained(tmp_path / "tokenizer")
    whole = tmp_path / "tokenizer" / "tokenizer.json"
    write_model(tmp_path / "again", SHAPE, tensors(), whole, whole)
    for name in ("vocab.json", "merges.txt"):
        one, other = ((tmp_path / folder / name).read_text() for folder in ("model", "again"))
        assert (json.loads(one) == json.loads(other)) if name == "vocab.json" else one == other


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    encoder, merges = write_vocabulary(tmp_path / "vocabulary")
    (tmp_path / "model").mkdir()
    with pytest.raises(StudioError, match="already there"):
        write_model(tmp_path / "model", SHAPE, tensors(), encoder, merges)
    assert list((tmp_path / "model").iterdir()) == []


def breaking_off() -> Iterator[StoredTensor]:
    yield from tensors()[:3]
    raise KeyboardInterrupt


def no_space(file: IO[bytes], stored: Sequence[StoredTensor], metadata: Mapping[str, str], wrote: object) -> None:
    file.write(b"some")
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("fault", ["tensors", "missing", "vocabulary", "parent", "disk"])
def test_a_model_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder, merges = write_vocabulary(tmp_path / "vocabulary")
    target = tmp_path / "models" / "new"
    if fault == "vocabulary":
        merges.unlink()
    if fault == "disk":
        monkeypatch.setattr("gpt2studio.formats.huggingface.write_safetensors", no_space)
    if fault == "parent":
        replaced(tmp_path / "models", b"a file")
    written = {"tensors": breaking_off(), "missing": tensors()[1:]}.get(fault, tensors())
    with pytest.raises((StudioError, KeyboardInterrupt)):
        write_model(target, SHAPE, written, encoder, merges)
    assert not target.exists()
    assert fault == "parent" or not (tmp_path / "models").exists() or list((tmp_path / "models").iterdir()) == []
