"""How likely every token of a text was, in float32."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor

from gpt2studio.engine.attention import CachedAttention, Piece
from gpt2studio.engine.cache import Cache
from gpt2studio.engine.model import GPT2

_ROWS = 64
"""For how many tokens the logits of the whole vocabulary lie in memory at once."""


@dataclass(slots=True)
class Scores:
    """What the model thought of each token. The first has nothing before it: its place is empty."""

    logprobs: list[float | None] = field(default_factory=lambda: [None])
    ranks: list[int | None] = field(default_factory=lambda: [None])
    alternatives: list[list[tuple[int, float]]] = field(default_factory=lambda: [[]])
    """The likeliest tokens at each place and their log-probabilities."""


@dataclass(frozen=True, slots=True)
class Scorer:
    """The network and a cache of one slot, both in float32."""

    network: GPT2
    cache: Cache
    n_positions: int
    tokens_a_step: int

    def score(self, tokens: list[int], alternatives: int = 0) -> Iterator[Scores]:
        """The scores of the tokens so far, again and again as they grow; the last are complete.

        Where the text is longer than the window, windows overlap: each token is scored with at least half a window
        before it.
        """
        scores = Scores() if tokens else Scores([], [], [])
        yield scores
        for start, first, end in windows(len(tokens), self.n_positions):
            slot = self.cache.slots[0]
            slot.tokens = []
            for begin in range(start, end - 1, self.tokens_a_step):
                part = tokens[begin : min(begin + self.tokens_a_step, end - 1)]
                self._compute(
                    Piece(slot, part),
                    tokens[begin + 1 : begin + 1 + len(part)],
                    first - 1 - begin,
                    scores,
                    alternatives,
                )
                yield scores

    @torch.inference_mode()
    def _compute(self, piece: Piece, targets: list[int], skip: int, scores: Scores, alternatives: int) -> None:
        """Score the targets, each by the features of the token before it, the first *skip* left out."""
        device = self.network.wte.device
        positions = torch.arange(piece.start, piece.end, device=device)
        x = self.network(torch.tensor(piece.tokens, device=device), positions, CachedAttention(self.cache, [piece]))
        piece.slot.tokens.extend(piece.tokens)
        for begin in range(max(skip, 0), len(targets), _ROWS):
            rows = self.network.logits(x[begin : begin + _ROWS])
            self._add(rows, torch.tensor(targets[begin : begin + _ROWS], device=device), scores, alternatives)

    def _add(self, logits: Tensor, targets: Tensor, scores: Scores, alternatives: int) -> None:
        norms = logits.logsumexp(-1, keepdim=True)
        own = logits.gather(-1, targets[:, None])
        scores.logprobs += (own - norms)[:, 0].tolist()
        scores.ranks += ((logits > own).sum(-1) + 1).tolist()
        if alternatives:
            top, ids = logits.topk(min(alternatives, logits.shape[-1]))
            pairs = zip(ids.tolist(), (top - norms).tolist(), strict=True)
            scores.alternatives += [list(zip(*pair, strict=True)) for pair in pairs]


def windows(tokens: int, n_positions: int) -> Iterator[tuple[int, int, int]]:
    """For so many tokens: where each window starts, the first token that is scored in it, and where it ends."""
    half = max(n_positions // 2, 1)
    start, first = 0, 1
    while first < tokens:
        end = min(start + n_positions, tokens)
        yield start, first, end
        start, first = start + half, end
