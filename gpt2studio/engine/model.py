"""GPT-2's network: from token ids to the logits of what comes next.

Tensors have two axes, tokens and features: the tokens of many texts, of any lengths, lie one after another, and only
attention knows which belong together. The names are those of the published checkpoints.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

import torch
from torch import Tensor
from torch.nn.functional import embedding, gelu, layer_norm, silu

from gpt2studio.engine.products import Product


class Attend(Protocol):
    """How tokens look back: knows the texts they belong to and remembers the keys and values."""

    def __call__(self, layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """What each token gathers from those before it in its own text: (tokens, n_embd) each, and so the result."""
        ...


@dataclass(frozen=True, slots=True)
class LayerNorm:
    """Each token's features brought to mean 0 and variance 1, then scaled and shifted (Ba et al. 2016)."""

    weight: Tensor
    bias: Tensor
    epsilon: float

    def exact(self) -> "LayerNorm":
        """In float32."""
        return LayerNorm(self.weight.float(), self.bias.float(), self.epsilon)

    def __call__(self, x: Tensor) -> Tensor:
        """Normalized, of the same shape."""
        return layer_norm(x, self.weight.shape, self.weight, self.bias, self.epsilon)


@dataclass(frozen=True, slots=True)
class Attention:
    """Tokens gather from the tokens before them."""

    c_attn: Product
    c_proj: Product

    def __call__(self, x: Tensor, layer: int, attend: Attend) -> Tensor:
        """What the tokens gathered."""
        query, key, value = self.c_attn(x).chunk(3, dim=-1)
        return self.c_proj(attend(layer, query, key, value))


@dataclass(frozen=True, slots=True)
class MLP:
    """Each token is worked on by itself."""

    c_fc: Product
    act: Callable[[Tensor], Tensor]
    c_proj: Product

    def __call__(self, x: Tensor) -> Tensor:
        """What was found, of the same shape."""
        return self.c_proj(self.act(self.c_fc(x)))


@dataclass(frozen=True, slots=True)
class Block:
    """One layer: attention, then the MLP, each added to what came in (normalized before, as in GPT-2)."""

    ln_1: LayerNorm
    attn: Attention
    ln_2: LayerNorm
    mlp: MLP

    def exact(self) -> "Block":
        """In float32."""
        attn = Attention(self.attn.c_attn.exact(), self.attn.c_proj.exact())
        mlp = MLP(self.mlp.c_fc.exact(), self.mlp.act, self.mlp.c_proj.exact())
        return Block(self.ln_1.exact(), attn, self.ln_2.exact(), mlp)

    def __call__(self, x: Tensor, layer: int, attend: Attend) -> Tensor:
        """The stream after this layer."""
        x = x + self.attn(self.ln_1(x), layer, attend)
        return x + self.mlp(self.ln_2(x))


@dataclass(frozen=True, slots=True)
class GPT2:
    """The whole network (Radford et al. 2019)."""

    wte: Tensor
    """What each token means: (vocab_size, n_embd)."""
    wpe: Tensor
    """What each position means: (n_positions, n_embd)."""
    h: tuple[Block, ...]
    ln_f: LayerNorm
    head: Product
    """``wte`` again, from features back to tokens."""

    def __call__(self, tokens: Tensor, positions: Tensor, attend: Attend) -> Tensor:
        """The features of each token after the last layer, (tokens, n_embd), in the number type of `ln_f`."""
        x = embedding(tokens, self.wte) + embedding(positions, self.wpe)
        x = x.to(self.ln_f.weight.dtype)
        for layer, block in enumerate(self.h):
            x = block(x, layer, attend)
        return self.ln_f(x)

    @property
    def multiplications(self) -> int:
        """For one token, but for attention."""
        return 12 * len(self.h) * self.wte.shape[1] ** 2 + self.wte.numel()

    def products(self) -> Iterator[Product]:
        """Every matrix of weights, in the order of their use."""
        for block in self.h:
            yield from (block.attn.c_attn, block.attn.c_proj, block.mlp.c_fc, block.mlp.c_proj)
        yield self.head

    def exact(self) -> "GPT2":
        """The same weights, everything computed in float32."""
        return replace(self, h=tuple(block.exact() for block in self.h), ln_f=self.ln_f.exact(), head=self.head.exact())

    def logits(self, x: Tensor) -> Tensor:
        """How strongly each token of the vocabulary is expected next: (tokens, vocab_size), float32."""
        return self.head(x).float()


ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "gelu_new": partial(gelu, approximate="tanh"),
    "gelu_pytorch_tanh": partial(gelu, approximate="tanh"),
    "gelu": gelu,
    "relu": torch.relu,
    "silu": silu,
}
"""By their names in ``config.json``; GPT-2's own is ``gelu_new``, the tanh form (Hendrycks & Gimpel 2016)."""
