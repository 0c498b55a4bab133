"""What a product is, and those that compute in the number type of their weights, or in a wider one."""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

PART = 1 << 20
"""How many weights are brought into another number type at a time: few enough for the processor's cache."""


class Quick(Protocol):
    """A matrix of weights and a bias, in some number type."""

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the weights take."""
        ...

    def __call__(self, x: Tensor) -> Tensor:
        """(rows, in) to (rows, out), in the number type of *x*."""
        ...


class Product(Quick, Protocol):
    """One that can also be had exactly."""

    def exact(self) -> "Product":
        """The same weights, multiplied and summed in float32; *x* must be float32."""
        ...


def exact_product(weight: Tensor, bias: Tensor) -> Product:
    """The product in float32 by these weights as they are, (in, out), in any number type."""
    return Plain(weight, bias) if weight.dtype == torch.float32 else Widened(weight.t(), bias)


@dataclass(frozen=True, slots=True)
class Weights:
    """A matrix and a bias in memory."""

    weight: Tensor
    bias: Tensor

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the weights take."""
        return self.weight.numel() * self.weight.itemsize


class Plain(Weights):
    """Weights, (in, out), and features of one number type."""

    def __call__(self, x: Tensor) -> Tensor:
        """(rows, in) to (rows, out)."""
        return torch.addmm(self.bias, x, self.weight)

    def exact(self) -> Product:
        """In float32."""
        return exact_product(self.weight, self.bias.float())


class Widened(Weights):
    """Weights, (out, in), in 16 bits, made float32 for the time of a product: exact, and slow for few rows."""

    def __call__(self, x: Tensor) -> Tensor:
        """(rows, in) to (rows, out)."""
        return widened(x, self.weight, self.bias)

    def exact(self) -> Product:
        """Itself."""
        return self


def widened(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """The product in float32, the weight, (out, in), made so part by part."""
    result = x.new_empty(len(x), len(weight))
    rows = max(PART // weight.shape[1], 1)
    for begin in range(0, len(weight), rows):
        # Not with out=, which macOS 14 never writes where it is a part of a tensor (pytorch/pytorch#193385).
        result[:, begin : begin + rows] = torch.mm(x, weight[begin : begin + rows].float().t())
    return result.add_(bias)


@dataclass(frozen=True, slots=True)
class Rough:
    """A quick product that rounds too much to be made exact again, and beside it the matrix that it was made of."""

    quick: Quick
    source: Product
    """By weights that lie in the model's file, or in memory for other ends, and so take no room of their own."""

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the weights take."""
        return self.quick.nbytes

    def __call__(self, x: Tensor) -> Tensor:
        """(rows, in) to (rows, out)."""
        return self.quick(x)

    def exact(self) -> Product:
        """By the matrix that it was made of."""
        return self.source
