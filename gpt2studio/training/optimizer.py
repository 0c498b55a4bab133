"""The optimizer: which weights change, by what rule, and what it remembers from step to step."""

from collections.abc import Mapping
from typing import Protocol

import torch
from torch import Tensor

from gpt2studio.errors import FormatError
from gpt2studio.runs.recipe import Optimization
from gpt2studio.training.network import Network

BY_HAND = ("wte.weight", "wpe.weight")
"""Weights whose gradients are summed up in place, and so must be there before."""

SCALES = ("cpu", "cuda")
"""Devices on which torch's fused kernel heeds a scale of the gradients; on Apple's it passes that over without a word.

See pytorch/pytorch#186360.
"""


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


class Rule(Protocol):
    """How weights are changed by their gradients."""

    @property
    def memory(self) -> Mapping[str, Tensor]:
        """What is remembered from step to step, by kind and weight: ``exp_avg.wte.weight``."""
        ...

    def change(self, weights: Mapping[str, Tensor], rate: float, decay: float, factor: float) -> None:
        """Change these weights by their gradients, each times *factor*; the gradients may be lost."""
        ...

    def count(self) -> None:
        """Another step is about to be taken."""
        ...


class AdamW:
    """Adam with weight decay apart from the gradient (Loshchilov & Hutter 2019).

    It is torch's own fused kernel, called without ``torch.optim``, which would load torch's compiler for nothing:
    a second of starting time and 70 MB of memory.
    """

    def __init__(self, weights: Mapping[str, Tensor], how: Optimization) -> None:
        self._how = how
        first = next(iter(weights.values()))
        self._steps = torch.zeros((), dtype=torch.float32, device=first.device)
        self._means = {name: torch.zeros_like(weight) for name, weight in weights.items()}
        self._squares = {name: torch.zeros_like(weight) for name, weight in weights.items()}

    @property
    def memory(self) -> Mapping[str, Tensor]:
        """How many steps there were, and the means of gradients and of their squares."""
        return {
            "steps": self._steps,
            **{f"exp_avg.{name}": tensor for name, tensor in self._means.items()},
            **{f"exp_avg_sq.{name}": tensor for name, tensor in self._squares.items()},
        }

    def count(self) -> None:
        """Another step is about to be taken."""
        self._steps += 1

    def change(self, weights: Mapping[str, Tensor], rate: float, decay: float, factor: float) -> None:
        """Change these weights by their gradients, each times *factor*."""
        gradients = [_gradient(weight) for weight in weights.values()]
        if factor != 1.0 and self._steps.device.type not in SCALES:
            torch._foreach_mul_(gradients, factor)
            factor = 1.0
        torch._fused_adamw_(
            list(weights.values()),
            gradients,
            [self._means[name] for name in weights],
            [self._squares[name] for name in weights],
            [],
            [self._steps] * len(weights),
            lr=rate,
            beta1=self._how.betas[0],
            beta2=self._how.betas[1],
            weight_decay=decay,
            eps=self._how.epsilon,
            amsgrad=False,
            maximize=False,
            grad_scale=None if factor == 1.0 else self._steps.new_tensor(1 / factor),
        )


class SGD:
    """Gradient descent, with momentum where that is asked for."""

    def __init__(self, weights: Mapping[str, Tensor], how: Optimization) -> None:
        self._momentum = how.momentum
        self._means = {name: torch.zeros_like(weight) for name, weight in weights.items()} if how.momentum else {}

    @property
    def memory(self) -> Mapping[str, Tensor]:
        """The momentum."""
        return {f"momentum.{name}": tensor for name, tensor in self._means.items()}

    def count(self) -> None:
        """Another step is about to be taken."""

    def change(self, weights: Mapping[str, Tensor], rate: float, decay: float, factor: float) -> None:
        """Change these weights by their gradients, each times *factor*."""
        for name, weight in weights.items():
            slope = _gradient(weight).mul_(factor)  # in place: memory that ran out here would leave half a step
            if self._momentum:
                slope = self._means[name].mul_(self._momentum).add_(slope)
            weight.mul_(1 - rate * decay).add_(slope, alpha=-rate)


class Optimizer:
    """A rule over the trained weights, its memory allocated at once."""

    def __init__(self, weights: Mapping[str, Tensor], how: Optimization) -> None:
        self.weights = dict(weights)
        # Norms and biases are not drawn to zero: they are few, and have their own scale.
        self._groups = (
            ({name: weight for name, weight in weights.items() if weight.dim() >= 2}, how.weight_decay),
            ({name: weight for name, weight in weights.items() if weight.dim() < 2}, 0.0),
        )
        self._rule: Rule = AdamW(weights, how) if how.optimizer == "adamw" else SGD(weights, how)
        self.forget()

    @property
    def memory(self) -> Mapping[str, Tensor]:
        """What it remembers."""
        return self._rule.memory

    def gradients(self) -> list[Tensor]:
        """The weights' gradients: zeros where no window was learned from, others having had them all."""
        for weight in self.weights.values():
            if weight.grad is None:
                weight.grad = torch.zeros_like(weight)
        return [_gradient(weight) for weight in self.weights.values()]

    @torch.no_grad()
    def step(self, rate: float, factor: float = 1.0) -> None:
        """Change the weights by their gradients, each times *factor*."""
        self._rule.count()
        for weights, decay in self._groups:
            if weights:
                self._rule.change(weights, rate, decay, factor)

    def forget(self) -> None:
        """Let go of the gradients."""
        for name, weight in self.weights.items():
            if name not in BY_HAND:
                weight.grad = None
            elif weight.grad is None:
                weight.grad = torch.zeros_like(weight)
            else:
                weight.grad.zero_()

    def recall(self, memory: Mapping[str, Tensor]) -> None:
        """Take up what another one remembered. Raises FormatError where that was of another kind."""
        own = self.memory
        if own.keys() != memory.keys() or any(own[name].shape != memory[name].shape for name in own):
            raise FormatError("The optimizer's memory in the checkpoint does not fit the recipe.", "Start a new run.")
        for name, tensor in own.items():
            tensor.copy_(memory[name])


def _gradient(weight: Tensor) -> Tensor:
    assert weight.grad is not None
    return weight.grad
