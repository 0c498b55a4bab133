"""Which product serves a matrix best in a number type."""

from dataclasses import dataclass

import torch
from torch import Tensor

from gpt2studio.engine.products.exact import PART, Plain, Product, Quick, Rough, exact_product
from gpt2studio.engine.products.int8 import Int8
from gpt2studio.engine.products.sixteen_bits import Halves, Rounded, rounds_quickly


def product_of(weight: Tensor, bias: Tensor, dtype: torch.dtype) -> Product:
    """The product that serves best in this number type on the weight's device.

    *weight* is (in, out) in any number type, and may lie in memory in either order; *bias* is float32.
    """
    if weight.device.type != "cpu":
        return Plain(weight.to(dtype), bias.to(dtype))
    if dtype == torch.int8:
        return Rough(Int8.of(weight, bias), exact_product(weight, bias))
    if dtype == torch.float16:
        return Halves(weight.t().to(dtype).contiguous(), bias)
    if dtype == torch.bfloat16:
        narrow = weight.t().to(dtype).contiguous()
        return Rounded.of(narrow, bias) if rounds_quickly() else Halves(narrow, bias)
    return Plain(weight.to(dtype), bias)


def head_of(wte: Tensor, dtype: torch.dtype) -> Product:
    """The product from features back to tokens, by the embedding of tokens, (vocab_size, n_embd), which stays as it is.

    On a CPU in float16 where bfloat16 is asked for: it has three more bits for the logits.
    """
    source = exact_product(wte.t(), wte.new_zeros(1, dtype=torch.float32))
    if dtype == torch.float32:
        return source
    narrow = torch.float16 if dtype == torch.bfloat16 and wte.device.type == "cpu" else dtype
    return Rough(Centred.of(wte, narrow), source)


@dataclass(frozen=True, slots=True)
class Centred:
    """A product whose results have a large common part, computed apart in float32, so that few bits hold the rest.

    The logits of GPT-2 are such: around -100, of which 16 bits leave steps of a sixteenth or more.
    """

    rest: Quick
    common: Tensor
    """(in,): the mean over all that comes out."""

    @classmethod
    def of(cls, weight: Tensor, dtype: torch.dtype) -> "Centred":
        """Of this weight, (out, in), in any number type."""
        common = weight.mean(0, dtype=torch.float32)
        rest = weight.new_empty(weight.shape, dtype=torch.float32 if dtype == torch.int8 else dtype)
        rows = max(PART // weight.shape[1], 1)
        for begin in range(0, len(weight), rows):
            rest[begin : begin + rows] = weight[begin : begin + rows].float() - common
        bias = common.new_zeros(len(weight))
        return cls(Int8.of(rest.t(), bias) if dtype == torch.int8 else product_of(rest.t(), bias, dtype), common)

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the weights take."""
        return self.rest.nbytes

    def __call__(self, x: Tensor) -> Tensor:
        """(rows, in) to (rows, out), float32."""
        return self.rest(x).float() + torch.mv(x.float(), self.common)[:, None]
