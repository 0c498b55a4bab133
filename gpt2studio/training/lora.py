"""LoRA: small matrices that are trained beside frozen ones (Hu et al. 2021)."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from gpt2studio.formats.shape import Shape
from gpt2studio.runs.recipe import Optimization

PLACES = ("attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj")
"""Which matrices of every block get a pair."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """A pair of small matrices whose product is added to a large one."""

    down: Tensor
    """(in, rank)"""
    up: Tensor
    """(rank, out); zeros at the start, so that the network begins as it was."""
    scale: float

    def __call__(self, x: Tensor) -> Tensor:
        """What the pair adds to the large matrix's product: (rows, in) to (rows, out)."""
        return (x @ self.down.to(x.dtype)) @ self.up.to(x.dtype) * self.scale

    def merged(self, weight: Tensor) -> Tensor:
        """The large matrix with the pair's product in it."""
        return torch.addmm(weight, self.down, self.up, alpha=self.scale)


def new_adapters(shape: Shape, how: Optimization, seed: int, device: torch.device) -> dict[str, Adapter]:
    """Fresh pairs for every block, by the names of the weights that they stand beside."""
    generator = torch.Generator().manual_seed(seed)
    adapters = {}
    for name, rows, columns in _sizes(shape):
        down = torch.randn(rows, how.lora_rank, generator=generator) / rows**0.5
        up = torch.zeros(how.lora_rank, columns)
        adapters[name] = Adapter(down.to(device), up.to(device), how.lora_alpha / how.lora_rank)
    return adapters


def _sizes(shape: Shape) -> Iterator[tuple[str, int, int]]:
    wide, inner = shape.n_embd, shape.inner
    sizes = ((wide, 3 * wide), (wide, wide), (wide, inner), (inner, wide))
    for layer in range(shape.n_layer):
        for place, (rows, columns) in zip(PLACES, sizes, strict=True):
            yield f"h.{layer}.{place}.weight", rows, columns
