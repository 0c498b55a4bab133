"""The matrix products of the network, one class a number type: where nearly all of the time goes."""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor


class Product(Protocol):
    """A matrix of weights that features are multiplied by, and a bias that is added."""

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the weights take."""
        ...

    def __call__(self, x: Tensor) -> Tensor:
        """(rows, in) to (rows, out), in the number type of *x*."""
        ...


@dataclass(frozen=True, slots=True)
class Float32:
    """Weights and sums in float32."""

    weight: Tensor
    """(in, out), in whichever of the two orders it lies in memory."""
    bias: Tensor

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the weights take."""
        return self.weight.nbytes

    def __call__(self, x: Tensor) -> Tensor:
        """(rows, in) to (rows, out)."""
        return torch.addmm(self.bias, x, self.weight)
