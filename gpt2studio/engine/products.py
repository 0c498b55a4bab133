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
        narrow = weight.t().to(dtype).contiguous()
        return Rounded.of(narrow, bias) if _rounds_quickly() else Halves(narrow, bias)
    return Plain(weight.to(dtype), bias)


def _rounds_quickly() -> bool:
    """Whether this CPU has the instructions that oneDNN's products in bfloat16 are made of; without them it refuses."""
    return bool(torch._C._has_mkldnn and torch.ops.mkldnn._is_mkldnn_bf16_supported())


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


class Rounded(Weights):
    """Weights in bfloat16 on a CPU, in oneDNN's own order; features are rounded to bfloat16 for the product.

    About as quick for eight rows as for one.
    """

    @classmethod
    def of(cls, weight: Tensor, bias: Tensor) -> Product:
        """Of this weight, (out, in), in bfloat16."""
        return cls(torch.ops.mkldnn._reorder_linear_weight(weight, 1), bias)

    def __call__(self, x: Tensor) -> Tensor:
        """(rows, in) to (rows, out)."""
        narrow = x.to(torch.bfloat16)
        product: Tensor = torch.ops.mkldnn._linear_pointwise(narrow, self.weight, None, "none", [], "")
        return self.bias + product

    def exact(self) -> Product:
        """In float32."""
        return Unpacked(self.weight, self.bias)


class Unpacked(Weights):
    """Weights as `Rounded` has them, brought back into float32 for the time of a product."""

    def __call__(self, x: Tensor) -> Tensor:
        """(rows, in) to (rows, out)."""
        return torch.addmm(self.bias, x, self.weight.to_dense().float().t())

    def exact(self) -> Product:
        """Itself."""
        return self


_PART = 1 << 20
"""How many weights are made float32 at a time."""

_FEW = 5
"""Rows up to which a matrix in 16 bits is quicker gone through once a row than made float32."""


class Halves(Weights):
    """Weights, (out, in), in 16 bits on a CPU: the least to read for one row; there is no good product for more.

    Features are rounded to the same type for the product.
    """

    def __call__(self, x: Tensor) -> Tensor:
        """(rows, in) to (rows, out)."""
        if len(x) > _FEW:
            return _widened(x, self.weight, self.bias)
        narrow = x.to(self.weight.dtype)
        rows = [torch.mv(self.weight, row) for row in narrow]
        return self.bias + (rows[0][None] if len(rows) == 1 else torch.stack(rows))

    def exact(self) -> Product:
        """In float32."""
        return Widened(self.weight, self.bias)


class Widened(Weights):
    """Weights, (out, in), in 16 bits, made float32 for the time of a product: exact, and slow for few rows."""

    def __call__(self, x: Tensor) -> Tensor:
        """(rows, in) to (rows, out)."""
        return _widened(x, self.weight, self.bias)

    def exact(self) -> Product:
        """Itself."""
        return self


def _widened(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """The product in float32, the weight, (out, in), made so in parts that stay in the processor's cache."""
    result = x.new_empty(len(x), len(weight))
    rows = max(_PART // weight.shape[1], 1)
    for begin in range(0, len(weight), rows):
        part = weight[begin : begin + rows].float()
        torch.mm(x, part.t(), out=result[:, begin : begin + rows])
    return result.add_(bias)


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
        rows = max(_PART // weight.shape[1], 1)
        for begin in range(0, len(weight), rows):
            rest[begin : begin + rows] = weight[begin : begin + rows].float() - common
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
