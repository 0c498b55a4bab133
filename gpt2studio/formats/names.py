"""What GPT-2's tensors are called: in a Hugging Face file, and here."""

import re
from collections.abc import Iterator

from gpt2studio.formats.shape import Shape

PREFIX = "transformer."
"""What GPT2LMHeadModel puts before the names of GPT2Model."""

HEAD = "lm_head.weight"
"""The output layer: the token embedding again, in every GPT-2."""

_BUFFER = re.compile(r"h\.\d+\.attn\.(bias|masked_bias)")
_OTHER_HEADS = ("multiple_choice_head.", "score.", "classifier.", "v_head.")


def plain_name(name: str) -> str | None:
    """The name as it is here, without ``transformer.``; None for what is no weight of the language model.

    That is the causal mask, which older files carry as ``attn.bias``, and the heads of other tasks.
    """
    name = name.removeprefix(PREFIX)
    if _BUFFER.fullmatch(name) or name.startswith(_OTHER_HEADS):
        return None
    return name


def tensor_shapes(shape: Shape) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Every tensor of such a GPT-2 and its shape, in the order in which the network uses them."""
    wide, inner = shape.n_embd, shape.inner
    yield "wte.weight", (shape.vocab_size, wide)
    yield "wpe.weight", (shape.n_positions, wide)
    for layer in range(shape.n_layer):
        block = f"h.{layer}"
        yield f"{block}.ln_1.weight", (wide,)
        yield f"{block}.ln_1.bias", (wide,)
        yield f"{block}.attn.c_attn.weight", (wide, 3 * wide)
        yield f"{block}.attn.c_attn.bias", (3 * wide,)
        yield f"{block}.attn.c_proj.weight", (wide, wide)
        yield f"{block}.attn.c_proj.bias", (wide,)
        yield f"{block}.ln_2.weight", (wide,)
        yield f"{block}.ln_2.bias", (wide,)
        yield f"{block}.mlp.c_fc.weight", (wide, inner)
        yield f"{block}.mlp.c_fc.bias", (inner,)
        yield f"{block}.mlp.c_proj.weight", (inner, wide)
        yield f"{block}.mlp.c_proj.bias", (wide,)
    yield "ln_f.weight", (wide,)
    yield "ln_f.bias", (wide,)
