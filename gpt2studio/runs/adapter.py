"""A run's LoRA matrices apart from the model they stand beside, in the layout of Hugging Face's PEFT."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from gpt2studio.errors import NotFoundError, StudioError
from gpt2studio.files import write_whole, written_whole
from gpt2studio.formats.folder import written_folder
from gpt2studio.formats.safetensors import read_safetensors, write_safetensors
from gpt2studio.formats.tensor import StoredTensor
from gpt2studio.runs.checkpoints import OPTIMIZER, Checkpoint
from gpt2studio.runs.recipe import Recipe

_DOWN, _UP = ".weight.down", ".weight.up"


def has_adapter(checkpoint: Checkpoint, recipe: Recipe) -> bool:
    """Whether the matrices of a checkpoint are kept apart: those of a LoRA run's last two are."""
    return recipe.optimization.trained == "lora" and (checkpoint.path / OPTIMIZER).is_file()


def export_adapter(checkpoint: Checkpoint, recipe: Recipe, to: Path) -> Path:
    """Write ``adapter_config.json`` and ``adapter_model.safetensors`` into a new folder; the folder.

    Raises StudioError where the checkpoint has no matrices of its own, or the folder is there already.
    """
    if recipe.optimization.trained != "lora":
        raise StudioError("This run was not trained with LoRA: it has no adapter.", "Export the whole model.")
    if not has_adapter(checkpoint, recipe):
        raise NotFoundError(
            f"Of step {checkpoint.step:,} the model alone was kept, the adapter multiplied into it.",
            "Export the whole model, or the adapter of the run's last checkpoint: RUN@last",
        )
    tensors = list(_renamed(checkpoint.path / OPTIMIZER))
    with written_folder(to) as part:
        write_whole(part / "adapter_config.json", json.dumps(_config(recipe, tensors), indent=1).encode() + b"\n")
        with written_whole(part / "adapter_model.safetensors") as file:
            write_safetensors(file, tensors, {"format": "pt"})
    return to


def _renamed(memory: Path) -> Iterator[StoredTensor]:
    """The matrices as PEFT names and turns them: A is (rank, in), B is (out, rank)."""
    for name, tensor in read_safetensors(memory).items():
        for end, letter in ((_DOWN, "A"), (_UP, "B")):
            if name.startswith("h.") and name.endswith(end):
                turned = np.ascontiguousarray(tensor.array().T)
                called = f"base_model.model.transformer.{name.removesuffix(end)}.lora_{letter}.weight"
                data = turned.reshape(-1).view(np.uint8).data
                yield replace(tensor, name=called, shape=turned.shape, data=data, checksum=None)


def _config(recipe: Recipe, tensors: list[StoredTensor]) -> dict[str, object]:
    places = {tensor.name.split(".lora_")[0].rpartition(".h.")[2].partition(".")[2] for tensor in tensors}
    return {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": recipe.parent,
        "r": recipe.optimization.lora_rank,
        "lora_alpha": recipe.optimization.lora_alpha,
        "lora_dropout": 0.0,
        "target_modules": sorted(places),
        # GPT-2's own weights lie as (in, out), which PEFT must be told.
        "fan_in_fan_out": True,
        "bias": "none",
        "inference_mode": True,
    }
