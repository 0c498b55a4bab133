"""The optimizer: which weights change, by what rule, and what it remembers from step to step."""

from collections.abc import Mapping

import torch
from torch import Tensor

from gpt2studio.errors import FormatError
from gpt2studio.runs.recipe import Optimization
from gpt2studio.training.network import Network

BY_HAND = ("wte.weight", "wpe.weight")
"""Weights whose gradients are summed up in place, and so must be there before."""


def trained_weights(network: Network, how: Optimization) -> dict[str, Tensor]:
    """The weights that change, by name; from now on they, and no others, take gradients."""
    if how.trained == "lora":
        chosen = {
            f"{name}.{part}": tensor
            for name, adapter in network.adapters.items()
            for part, tensor in (("down", adapter.down), ("up", adapter.up))
        }
    else:
        layers = how.trained == "layers"
        chosen = {name: tensor for name, tensor in network.tensors.items() if not layers or name.startswith("h.")}
    for tensor in chosen.values():
        tensor.requires_grad_()
    return chosen


class Optimizer:
    """AdamW or SGD over the trained weights, its memory allocated at once."""

    def __init__(self, weights: Mapping[str, Tensor], how: Optimization) -> None:
        self.weights = dict(weights)
        self._how = how
        groups = [
            {"params": [each for each in weights.values() if each.dim() >= 2], "weight_decay": how.weight_decay},
            {"params": [each for each in weights.values() if each.dim() < 2], "weight_decay": 0.0},
        ]
        groups = [group for group in groups if group["params"]]
        fused = next(iter(weights.values())).device.type in ("cpu", "cuda", "mps")
        self._rule: torch.optim.Optimizer
        if how.optimizer == "adamw":
            self._rule = torch.optim.AdamW(groups, lr=0.0, betas=how.betas, eps=how.epsilon, fused=fused)
        else:
            self._rule = torch.optim.SGD(groups, lr=0.0, momentum=how.momentum, fused=fused)
        for weight in self.weights.values():
            self._rule.state[weight] = self._blank(weight)
        self.forget()

    def gradients(self) -> list[Tensor]:
        """The weights' gradients."""
        return [weight.grad for weight in self.weights.values() if weight.grad is not None]

    def step(self, rate: float) -> None:
        """Change the weights by their gradients."""
        for group in self._rule.param_groups:
            group["lr"] = rate
        self._rule.step()

    def forget(self) -> None:
        """Let go of the gradients."""
        for name, weight in self.weights.items():
            if name not in BY_HAND:
                weight.grad = None
            elif weight.grad is None:
                weight.grad = torch.zeros_like(weight)
            else:
                weight.grad.zero_()

    def memory(self) -> dict[str, Tensor]:
        """What it remembers, by kind and weight: ``exp_avg.wte.weight``."""
        return {
            f"{kind}.{name}": tensor
            for name, weight in self.weights.items()
            for kind, tensor in self._rule.state[weight].items()
        }

    def recall(self, memory: Mapping[str, Tensor]) -> None:
        """Take up what another one remembered. Raises FormatError where that was of another kind."""
        own = self.memory()
        if own.keys() != memory.keys() or any(own[name].shape != memory[name].shape for name in own):
            raise FormatError("The optimizer's memory in the checkpoint does not fit the recipe.", "Start a new run.")
        for name, tensor in own.items():
            tensor.copy_(memory[name])

    def _blank(self, weight: Tensor) -> dict[str, Tensor]:
        if self._how.optimizer == "adamw":
            step = torch.zeros((), dtype=torch.float32, device=weight.device)
            return {"step": step, "exp_avg": torch.zeros_like(weight), "exp_avg_sq": torch.zeros_like(weight)}
        return {"momentum_buffer": torch.zeros_like(weight)} if self._how.momentum else {}
