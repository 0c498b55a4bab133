"""The matrix products in float16 and bfloat16, for the CPU."""

import torch
from torch import Tensor

from gpt2studio.engine.products.exact import Product, Weights, Widened, widened

_FEW = 5
"""Rows up to which a matrix in 16 bits is quicker gone through once a row than made float32."""


def rounds_quickly() -> bool:
    """Whether this CPU has the instructions that oneDNN's products in bfloat16 are made of; without them it refuses."""
    return bool(torch._C._has_mkldnn and torch.ops.mkldnn._is_mkldnn_bf16_supported())


class Halves(Weights):
    """Weights, (out, in), in 16 bits: the least to read for one row; there is no good product for more.

    Features are rounded to the same type for the product.
    """

    def __call__(self, x: Tensor) -> Tensor:
        """(rows, in) to (rows, out)."""
        if len(x) > _FEW:
            return widened(x, self.weight, self.bias)
        narrow = x.to(self.weight.dtype)
        rows = [torch.mv(self.weight, row) for row in narrow]
        return self.bias + (rows[0][None] if len(rows) == 1 else torch.stack(rows))

    def exact(self) -> Product:
        """In float32."""
        return Widened(self.weight, self.bias)


class Rounded(Weights):
    """Weights in bfloat16, in oneDNN's own order; features are rounded to bfloat16 for the product.

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
