"""Attention in one step: every token over what stands before it in its own text."""

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor
from torch.nn import functional

from gpt2studio.engine.cache import Cache, Slot

PLAIN = ("mps",)
"""Devices where attention is made of plain products.

On Apple's, torch's own kernels have computed something else without a word in one release after another: of tensors
that are no block of memory, of several texts at once, or seeing tokens to come (pytorch/pytorch#163597, #170837,
#174861, #181133, #195910).
"""


def attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None = None,
    *,
    causal: bool = False,
    scale: float | None = None,
    dropout: float = 0.0,
) -> Tensor:
    """The values, (…, tokens, width), as each query weighs them by their keys; the mask says which it may see.

    *causal*: those up to its own place. *dropout*: the share of the weights that are left out by chance.
    """
    if query.device.type not in PLAIN:
        return functional.scaled_dot_product_attention(query, key, value, mask, dropout, causal, scale=scale)
    if causal:
        rows, places = (torch.arange(x.shape[-2], device=x.device) for x in (query, key))
        mask = places <= rows[:, None]
    scores = torch.matmul(query * (query.shape[-1] ** -0.5 if scale is None else scale), key.mT)
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf)
    weights = scores.softmax(-1, dtype=torch.float32).to(value.dtype)
    return torch.matmul(functional.dropout(weights, dropout) if dropout else weights, value)


@dataclass(frozen=True, slots=True)
class Piece:
    """Tokens of one text that are computed in a step."""

    slot: Slot
    tokens: list[int]

    @property
    def start(self) -> int:
        """Their first position."""
        return len(self.slot.tokens)

    @property
    def end(self) -> int:
        """The position after their last."""
        return len(self.slot.tokens) + len(self.tokens)


class CachedAttention:
    """Attention of one step over the cache; the tokens' own keys and values are put there first."""

    def __init__(self, cache: Cache, pieces: list[Piece]) -> None:
        """Of these pieces: single tokens first, in the order of their slots."""
        singles = [piece for piece in pieces if len(piece.tokens) == 1]
        parts: list[_Singles | _Longer] = [_Singles(cache, group) for group in _neighbours(singles)]
        self._parts = parts + [_Longer(cache, piece) for piece in pieces[len(singles) :]]
        self._counts = [part.count for part in self._parts]

    def __call__(self, layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """What each token gathers: (tokens, n_embd) each, and so the result."""
        if len(self._parts) == 1:
            return self._parts[0](layer, query, key, value)
        rows = zip(*(torch.split(x, self._counts) for x in (query, key, value)), strict=True)
        return torch.cat([part(layer, *each) for part, each in zip(self._parts, rows, strict=True)])


class _Singles:
    """One token each of texts in neighbouring slots."""

    def __init__(self, cache: Cache, pieces: list[Piece]) -> None:
        device = cache.keys.device
        first, places = pieces[0].slot.number, [piece.start for piece in pieces]
        self.count = len(pieces)
        self._scale = cache.scale
        here = slice(first, first + self.count)
        end = max(places) + 1
        self._keys, self._values = cache.keys[:, here, :, :end], cache.values[:, here, :, :end]
        self._own: tuple[Tensor, Tensor] | None = None
        if self.count == 1:
            self._own = self._keys[:, 0, :, -1], self._values[:, 0, :, -1]
        self._rows = torch.arange(self.count, device=device)
        self._places = torch.tensor(places, device=device)
        self._mask = None
        if min(places) < max(places):
            self._mask = (torch.arange(end, device=device) <= self._places[:, None])[:, None, None]

    def __call__(self, layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        keys, values = self._keys[layer], self._values[layer]
        _, heads, _, width = keys.shape
        if self._own is not None:
            self._own[0][layer].copy_(key.view(heads, width))
            self._own[1][layer].copy_(value.view(heads, width))
        else:
            keys[self._rows, :, self._places] = key.view(-1, heads, width).to(keys.dtype)
            values[self._rows, :, self._places] = value.view(-1, heads, width).to(keys.dtype)
        query = query.view(-1, heads, 1, width).to(keys.dtype)
        return attention(query, keys, values, self._mask, scale=self._scale).flatten(1).to(key.dtype)


class _Longer:
    """Several tokens of one text."""

    def __init__(self, cache: Cache, piece: Piece) -> None:
        self.count = len(piece.tokens)
        self._scale = cache.scale
        self._keys = cache.keys[:, piece.slot.number, :, : piece.end]
        self._values = cache.values[:, piece.slot.number, :, : piece.end]
        self._mask = None
        if piece.start:
            mask = torch.ones(self.count, piece.end, dtype=torch.bool, device=cache.keys.device)
            self._mask = mask.tril(piece.start)

    def __call__(self, layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        keys, values = self._keys[layer], self._values[layer]
        shape = (self.count, keys.shape[0], keys.shape[2])
        keys[:, -self.count :] = key.view(shape).transpose(0, 1)
        values[:, -self.count :] = value.view(shape).transpose(0, 1)
        query = query.view(shape).transpose(0, 1).to(keys.dtype)
        attended = attention(
            query[None], keys[None], values[None], self._mask, causal=self._mask is None, scale=self._scale
        )
        return attended[0].transpose(0, 1).flatten(1).to(key.dtype)


def _neighbours(pieces: list[Piece]) -> list[list[Piece]]:
    """The pieces in groups whose slots lie side by side."""
    cuts = [n for n, (a, b) in enumerate(pairwise(pieces), 1) if b.slot.number != a.slot.number + 1]
    return [pieces[a:b] for a, b in pairwise([0, *cuts, len(pieces)]) if a < b]
