"""What a model needs: bytes of memory for writing and for training, bytes on disk; all of it estimated."""

from collections.abc import Mapping
from dataclasses import dataclass

from gpt2studio.formats.shape import Shape
from gpt2studio.formats.tensor import NUMBER_TYPES

WIDTHS: Mapping[str, int] = {**NUMBER_TYPES, "int8": 1}
"""Bytes of a number of each type that the engine multiplies in."""

_PROGRAM = 260_000_000
"""Python and PyTorch themselves, on a CPU, as they write; learning takes a little more."""
_LEARNING = 50_000_000
_KEPT = 18
"""Numbers a layer keeps for the way back, for each number that it is given: the products' inputs, two norms, the
activation function, attention without its scores. Fitted, with the share of the logits, to what the trainer takes."""


@dataclass(frozen=True, slots=True)
class Needs:
    """Bytes that a model needs on a CPU. Within 5 % of what was measured with 7 and 124 million parameters."""

    disk: int
    """Of its weights."""
    writing: int
    """To write with it: the weights in the number type of the products, two full windows of keys and values in
    float32 (one to write, one to score), in 16 bits the token embedding once more, the program."""
    training: int
    """To train all of it with AdamW, one full window at a time: weights, gradients and two moments in float32, what
    the layers keep for the way back, the logits by halves, the program."""

    @classmethod
    def of(cls, shape: Shape, dtype: str = "float32", stored: str = "float32") -> "Needs":
        """What a GPT-2 of this shape needs, computing in *dtype*, its weights kept on disk as *stored*."""
        numbers, width = shape.parameters, WIDTHS[dtype]
        layers = shape.n_layer * shape.n_positions * shape.n_embd * NUMBER_TYPES["float32"]
        embedding = 0 if dtype in ("float32", "int8") else shape.vocab_size * shape.n_embd * width
        logits = shape.n_positions * shape.vocab_size * NUMBER_TYPES["float32"] // 2
        return cls(
            disk=numbers * NUMBER_TYPES[stored],
            writing=numbers * width + embedding + 2 * 2 * layers + _PROGRAM,
            training=4 * numbers * NUMBER_TYPES["float32"] + _KEPT * layers + logits + _PROGRAM + _LEARNING,
        )
