"""Weights between files and memory: copied, never mapped, so that a resumed run computes like an undisturbed one."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from gpt2studio.formats.tensor import StoredTensor


def loaded(stored: StoredTensor, device: torch.device) -> Tensor:
    """The stored numbers as float32 in memory of their own, aligned as torch aligns it."""
    array = np.array(stored.array())
    source = torch.from_numpy(array)
    if stored.dtype == "bfloat16":
        source = source.view(torch.bfloat16)
    return torch.empty(stored.shape, dtype=torch.float32, device=device).copy_(source)


def all_loaded(stored: Mapping[str, StoredTensor], device: torch.device) -> dict[str, Tensor]:
    """Every tensor in memory of its own."""
    return {name: loaded(tensor, device) for name, tensor in stored.items()}


def to_store(name: str, tensor: Tensor) -> StoredTensor:
    """The tensor's float32 numbers as they are to be written; a tensor on the CPU is not copied."""
    array = tensor.detach().float().cpu().contiguous().numpy()
    return StoredTensor(name, "float32", tuple(tensor.shape), array.reshape(-1).view(np.uint8).data)
