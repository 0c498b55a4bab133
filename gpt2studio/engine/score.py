"""How likely every token of a text was, in float32."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from gpt2studio.engine.attention import CachedAttention, Piece
from gpt2studio.engine.cache import Cache, Slot
from gpt2studio.engine.model import GPT2
from gpt2studio.formats.shape import Shape
from gpt2studio.retrieval.blend import LONGEST, Blend

_TEXTS = 2
"""How many texts are remembered: one may wait half scored while another is."""

_ROWS = 64
"""For how many tokens the logits of the whole vocabulary lie in memory at once."""


@dataclass(slots=True)
class Scores:
    """What the model thought of each token. The first has nothing before it: its place is empty."""

    count: int
    """How many alternatives are told."""
    logprobs: list[float | None] = field(default_factory=lambda: [None])
    ranks: list[int | None] = field(default_factory=lambda: [None])
    alternatives: list[list[tuple[int, float]]] = field(default_factory=lambda: [[]])
    """The likeliest tokens at each place and their log-probabilities."""
    entropies: list[float | None] = field(default_factory=lambda: [None])
    """Of what was expected at each place, in nats."""
    computed: int = 0
    """How many tokens had to be computed; the others were remembered."""

    @classmethod
    def none(cls, count: int) -> "Scores":
        """Nothing yet, not even the first token's empty place."""
        return cls(count, [], [], [], [])

    def add(self, logits: Tensor, targets: Tensor) -> None:
        """Add the scores of these tokens, (tokens,), by the logits before them, (tokens, vocab_size)."""
        norms = logits.logsumexp(-1, keepdim=True)
        own = logits.gather(-1, targets[:, None])
        self.logprobs += (own - norms)[:, 0].tolist()
        expected = logits - norms
        self.entropies += (-(expected.exp() * expected).nan_to_num().sum(-1)).tolist()
        self.ranks += ((logits > own).sum(-1) + 1).tolist()
        top, ids = logits.topk(max(0, min(self.count, logits.shape[-1])))
        places = zip(ids.tolist(), (top - norms).tolist(), strict=True)
        self.alternatives += [list(zip(*place, strict=True)) for place in places]


class Scorer:
    """Scores texts with a cache of its own, beside the texts that are being gone on with."""

    def __init__(self, network: GPT2, shape: Shape, tokens_a_step: int) -> None:
        """*network* computes in float32."""
        self._network = network
        self._shape = shape
        self._tokens_a_step = tokens_a_step

    @cached_property
    def _cache(self) -> Cache:
        return Cache(self._shape, _TEXTS, self._network.wte.device, torch.float32)

    def score(
        self, tokens: list[int], alternatives: int = 0, first: int = 0, blend: Blend | None = None
    ) -> Generator[Scores, None, None]:
        """The scores of the tokens from *first* on, again and again as they grow; the last are complete.

        Where the text is longer than the window, windows overlap: each token is scored with at least half a window
        before it. What an earlier text began with alike is not computed again. With a *blend*, all is of the mix.
        """
        scores = Scores(alternatives) if tokens and first == 0 else Scores.none(alternatives)
        yield scores
        for start, begun, end in windows(len(tokens), self._shape.n_positions):
            scored = max(begun, first)
            if scored >= end:
                continue
            # The features of a token tell what comes after it, and those of the last token nothing that is asked for.
            slot = self._reusing(tokens[start : end - 1], scored - 1 - start)
            try:
                for begin in range(start + len(slot.tokens), end - 1, self._tokens_a_step):
                    stop = min(begin + self._tokens_a_step, end - 1)
                    features = self._features(Piece(slot, tokens[begin:stop]))
                    scores.computed += stop - begin
                    wanted = max(begin, scored - 1)
                    self._tell(features[wanted - begin :], tokens[: stop + 1], scores, blend)
                    yield scores
            finally:
                slot.busy = False

    def _reusing(self, tokens: list[int], wanted: int) -> Slot:
        """A place in the cache that holds what it can of this text, and nothing from the place *wanted* on."""
        slot = self._cache.take(tokens)
        assert slot is not None
        del slot.tokens[wanted:]
        return slot

    @torch.inference_mode()
    def _features(self, piece: Piece) -> Tensor:
        device = self._network.wte.device
        tokens, positions = (
            torch.tensor(piece.tokens, device=device),
            torch.arange(piece.start, piece.end, device=device),
        )
        features = self._network(tokens, positions, CachedAttention(self._cache, [piece]))
        piece.slot.tokens.extend(piece.tokens)
        return features

    @torch.inference_mode()
    def _tell(self, features: Tensor, tokens: list[int], scores: Scores, blend: Blend | None) -> None:
        """Score the last of the tokens, each by the features of the token before it."""
        first = len(tokens) - len(features)
        for begin in range(first, len(tokens), _ROWS):
            end = min(begin + _ROWS, len(tokens))
            logits = self._network.logits(features[begin - first : end - first])
            if blend is not None:
                logits = _mixed(logits, tokens[:end], blend)
            scores.add(logits, torch.tensor(tokens[begin:end], device=logits.device))


def _mixed(logits: Tensor, tokens: list[int], blend: Blend) -> Tensor:
    """The logits of the last of the tokens, (rows, vocab_size), each with what its texts expect mixed in."""
    first = len(tokens) - len(logits)
    rows = [
        blend.mixed(row, tokens[max(first + n - LONGEST, 0) : first + n]) for n, row in enumerate(logits.cpu().numpy())
    ]
    return torch.from_numpy(np.stack(rows))


def windows(tokens: int, n_positions: int) -> Iterator[tuple[int, int, int]]:
    """For so many tokens: where each window starts, the first token that is scored in it, and where it ends."""
    half = max(n_positions // 2, 1)
    start, first = 0, 1
    while first < tokens:
        end = min(start + n_positions, tokens)
        yield start, first, end
        start, first = start + half, end
