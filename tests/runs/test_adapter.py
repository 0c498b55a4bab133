"""A run's LoRA matrices apart from the model: as PEFT lays them out."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gpt2studio.errors import StudioError
from gpt2studio.formats.safetensors import read_safetensors, write_safetensors
from gpt2studio.formats.tensor import StoredTensor
from gpt2studio.runs.adapter import export_adapter, has_adapter
from gpt2studio.runs.checkpoints import OPTIMIZER, Checkpoint, Origin
from gpt2studio.runs.recipe import Optimization, Recipe, Texts

LORA = Recipe(
    model="/models/124M",
    parent="124M",
    texts=Texts(paths=("/play.txt",)),
    optimization=Optimization(trained="lora", lora_rank=2, lora_alpha=4.0),
)


def stored(name: str, numbers: "np.ndarray[tuple[int, ...], np.dtype[np.float32]]") -> StoredTensor:
    return StoredTensor(name, "float32", numbers.shape, memoryview(numbers.tobytes()))


@pytest.fixture
def checkpoint(tmp_path: Path) -> Checkpoint:
    folder = tmp_path / "step-000004"
    folder.mkdir()
    down, up = np.arange(12, dtype=np.float32).reshape(6, 2), np.arange(36, dtype=np.float32).reshape(2, 18)
    tensors = [
        stored("h.0.attn.c_attn.weight.down", down),
        stored("h.0.attn.c_attn.weight.up", up),
        stored("moments.h.0.attn.c_attn.weight.up", up),
    ]
    with (folder / OPTIMIZER).open("wb") as file:
        write_safetensors(file, tensors, {})
    return Checkpoint(folder, 4, Origin())


def test_the_matrices_are_turned_and_named_as_peft_has_them(checkpoint: Checkpoint, tmp_path: Path) -> None:
    assert has_adapter(checkpoint, LORA)
    folder = export_adapter(checkpoint, LORA, tmp_path / "adapter")
    tensors = read_safetensors(folder / "adapter_model.safetensors")
    place = "base_model.model.transformer.h.0.attn.c_attn"
    assert {name: tensor.shape for name, tensor in tensors.items()} == {
        f"{place}.lora_A.weight": (2, 6),
        f"{place}.lora_B.weight": (18, 2),
    }
    assert tensors[f"{place}.lora_A.weight"].array()[1].tolist() == [1, 3, 5, 7, 9, 11]
    config = json.loads((folder / "adapter_config.json").read_text())
    assert (config["r"], config["lora_alpha"], config["fan_in_fan_out"]) == (2, 4.0, True)
    assert (config["target_modules"], config["base_model_name_or_path"]) == (["attn.c_attn"], "124M")


def test_what_is_there_is_not_replaced(checkpoint: Checkpoint, tmp_path: Path) -> None:
    (tmp_path / "adapter").mkdir()
    with pytest.raises(StudioError, match="already there"):
        export_adapter(checkpoint, LORA, tmp_path / "adapter")


def test_where_there_are_no_matrices_it_says_so(checkpoint: Checkpoint, tmp_path: Path) -> None:
    whole = replace(LORA, optimization=Optimization())
    with pytest.raises(StudioError, match="not trained with LoRA"):
        export_adapter(checkpoint, whole, tmp_path / "adapter")
    (checkpoint.path / OPTIMIZER).unlink()
    with pytest.raises(StudioError, match="the model alone was kept"):
        export_adapter(checkpoint, LORA, tmp_path / "adapter")
    assert not has_adapter(checkpoint, LORA)
