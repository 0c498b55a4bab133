"""What a model needs: bytes of memory for writing and for training, bytes on disk; all of it estimated."""

from dataclasses import dataclass

from gpt2studio.formats.shape import Shape
from gpt2studio.formats.tensor import NUMBER_TYPES

_PROGRAM = 260_000_000
"""Python and PyTorch themselves, on a CPU."""
_KEPT = 24
"""Numbers a layer keeps for the way back, for each number that it is given: the products' inputs, two norms, the
activation function, attention without its scores."""


@dataclass(frozen=True, slots=True)
class Needs:
    """Bytes that a model needs on a CPU."""

    disk: int
    """Of its weights."""
    writing: int
    """To write with it: the weights in the number type of the products, two full windows of keys and values in
    float32 (one to write, one to score), the program."""
    training: int
    """To train all of it with AdamW, one full window at a time: weights, gradients and two moments in float32, what
    the layers keep for the way back, the logits, the program."""

    @classmethod
    def of(cls, shape: Shape, dtype: str = "float32", stored: str = "float32") -> "Needs":
        """What a GPT-2 of this shape needs, computing in *dtype*, its weights kept on disk as *stored*."""
        numbers = shape.parameters
        window = 2 * shape.n_layer * shape.n_positions * shape.n_embd * NUMBER_TYPES["float32"]
        kept = shape.n_layer * shape.n_positions * shape.n_embd * _KEPT * NUMBER_TYPES["float32"]
        logits = 3 * shape.n_positions * shape.vocab_size * NUMBER_TYPES["float32"]
        return cls(
            disk=numbers * NUMBER_TYPES[stored],
            writing=numbers * NUMBER_TYPES[dtype] + 2 * window + _PROGRAM,
            training=4 * numbers * NUMBER_TYPES["float32"] + kept + logits + _PROGRAM,
        )
