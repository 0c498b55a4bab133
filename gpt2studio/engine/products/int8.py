"""The matrix products in 8-bit whole numbers, for the CPU: the quickest there, for one row and for many.

A matrix is rounded once, with a scale for each of its outputs (Jacob et al. 2018). Features rounded as coarsely would
cost much where a few are far larger than the rest, as GPT-2's are (Dettmers et al. 2022): a row is multiplied in two
parts, its nearest whole numbers and what those leave, which are 13 bits together. The sums are of whole numbers and
exact, so that a row's result does not hang on what it is computed with.
"""

import warnings
from dataclasses import dataclass

import torch
from torch import Tensor

_LARGEST_WEIGHT = 127.0
_LARGEST_FEATURE = 63.0
"""AVX2 adds two products of a weight and a feature in 16 bits: larger features would not fit."""
_ZERO = 64
"""What stands for a feature of 0: they are numbers without a sign on their way."""
_TINY = 1e-30
_ENGINE = "fbgemm"


def multiplies_int8() -> bool:
    """Whether PyTorch has a quick product of these numbers for this CPU."""
    return _ENGINE in torch.backends.quantized.supported_engines


@dataclass(frozen=True, slots=True)
class Int8:
    """Weights in 8 bits, in FBGEMM's own order."""

    packed: torch.ScriptObject
    bias: Tensor
    least: Tensor
    """A step that there is where all is 0."""
    nbytes: int
    """Bytes of memory that the weights take."""

    @classmethod
    def of(cls, weight: Tensor, bias: Tensor) -> "Int8":
        """Of this weight, (in, out), in any number type."""
        outputs = weight.t().float().contiguous()
        scales = outputs.abs().amax(1).div_(_LARGEST_WEIGHT).clamp_min_(_TINY)
        torch.backends.quantized.engine = _ENGINE
        with warnings.catch_warnings():
            # PyTorch means to give up its quantized tensors one day; FBGEMM takes weights in no other form so far.
            warnings.filterwarnings("ignore", message=".*quantized tensor", category=UserWarning)
            zeros = torch.zeros(len(outputs), dtype=torch.int64)
            rounded = torch.quantize_per_channel(outputs, scales, zeros, 0, torch.qint8)
            packed = torch.ops.quantized.linear_prepack(rounded, None)
        return cls(packed, bias, torch.tensor(_TINY), outputs.numel())

    def __call__(self, x: Tensor) -> Tensor:
        """(rows, in) to (rows, out)."""
        rows = len(x)
        step = torch.add(self.least, x.abs().amax(1, keepdim=True), alpha=1 / _LARGEST_FEATURE)
        parts = x.new_empty(2 * rows, x.shape[1])
        nearest, left = parts[:rows], parts[rows:]
        torch.round(torch.div(x, step, out=left), out=nearest)
        left.sub_(nearest).mul_(2 * _LARGEST_FEATURE)
        product: Tensor = torch.ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32.default(
            parts, 1.0, _ZERO, self.packed
        )
        whole = product[:rows].add_(product[rows:], alpha=0.5 / _LARGEST_FEATURE)
        return torch.addcmul(self.bias, whole, step)
