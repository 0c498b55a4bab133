"""The matrix products of the network, one class a way to compute them: where nearly all of the time goes.

Each multiplies features, (rows, in), by a matrix of weights and adds a bias. A new number type is a new class here
and a line in `product_of`.
"""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor


class Product(Protocol):
    """A matrix of weights and a bias."""

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the weights take."""
        ...

    def __call__(self, x: Tensor) -> Tensor:
        """(rows, in) to (rows, out), in the number type of *x*."""
        ...

    def exact(self) -> "Product":
        """The same weights, multiplied and summed in float32; *x* must be float32."""
        ...


def product_of(weight: Tensor, bias: Tensor, dtype: torch.dtype) -> Product:
    """The product that serves best in this number type on the weight's device.

    *weight* is (in, out) in any number type, and may lie in memory in either order; *bias* is float32.
    """
    if weight.device.type != "cpu":
        return Plain(weight.to(dtype), bias.to(dtype))
    if dtype == torch.float16:
        return Halves(weight.t().to(dtype).contiguous(), bias)
    if dtype == torch.bfloat16:
        return Rounded(weight.t().to(dtype).contiguous(), bias)
    return Plain(weight.to(dtype), bias)


@dataclass(frozen=True, slots=True)
class Weights:
    """A matrix and a bias in memory."""

    weight: Tensor
    bias: Tensor

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the weights take."""
        return self.weight.nbytes


class Plain(Weights):
    """Weights, (in, out), and features of one number type."""

    def __call__(self, x: Tensor) -> Tensor:
        """(rows, in) to (rows, out)."""
        return torch.addmm(self.bias, x, self.weight)

    def exact(self) -> Product:
        """In float32."""
        return self if self.weight.dtype == torch.float32 else Widened(self.weight, self.bias.float())


class Widened(Weights):
    """Weights, (in, out), in 16 bits, made float32 for the time of a product: exact, and slow for few rows."""

    def __call__(self, x: Tensor) -> Tensor:
        """(rows, in) to (rows, out)."""
        return torch.addmm(self.bias, x, self.weight.float())

    def exact(self) -> Product:
        """Itself."""
        return self


class Rounded(Weights):
    """Weights, (out, in), in bfloat16 on a CPU; features are rounded to it for the product."""

    def __call__(self, x: Tensor) -> Tensor:
        """(rows, in) to (rows, out)."""
        return torch.nn.functional.linear(x.to(torch.bfloat16), self.weight).float() + self.bias

    def exact(self) -> Product:
        """In float32."""
        return Widened(self.weight.t(), self.bias)


_FEW = 3
"""Rows up to which a matrix in float16 is quicker gone through once a row than made float32."""


class Halves(Weights):
    """Weights, (out, in), in float16 on a CPU: the least to read for one row; there is no good product for more."""

    def __call__(self, x: Tensor) -> Tensor:
        """(rows, in) to (rows, out)."""
        if len(x) > _FEW:
            return torch.addmm(self.bias, x, self.weight.t().float())
        halves = x.half()
        rows = [torch.mv(self.weight, row) for row in halves]
        return torch.stack(rows).float() + self.bias

    def exact(self) -> Product:
        """In float32."""
        return Widened(self.weight.t(), self.bias)


_CHUNK = 4096
"""How many rows of weights are worked on at once, so that no float32 copy of them all is needed."""


@dataclass(frozen=True, slots=True)
class Centred:
    """A product whose results have a large common part, computed apart in float32, so that 16 bits hold the rest.

    The logits of GPT-2 are such: around -100, of which 16 bits leave steps of a sixteenth or more.
    """

    rest: Product
    common: Tensor
    """(in,): the mean over all that comes out."""

    @classmethod
    def of(cls, weight: Tensor, dtype: torch.dtype) -> "Centred":
        """Of this weight, (out, in), in any number type."""
        common = weight.mean(0, dtype=torch.float32)
        rest = weight.new_empty(weight.shape, dtype=dtype)
        for begin in range(0, len(weight), _CHUNK):
            rest[begin : begin + _CHUNK] = weight[begin : begin + _CHUNK].float() - common
        return cls(product_of(rest.t(), common.new_zeros(len(weight)), dtype), common)

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the weights take."""
        return self.rest.nbytes

    def __call__(self, x: Tensor) -> Tensor:
        """(rows, in) to (rows, out), float32."""
        return self.rest(x).float() + torch.mv(x.float(), self.common)[:, None]

    def exact(self) -> Product:
        """In float32."""
        return Centred(self.rest.exact(), self.common)
