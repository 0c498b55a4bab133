"""What the model expects next: its own distribution, before any sampling stage."""

from collections.abc import Callable
from functools import cached_property

import numpy as np

from gpt2studio.engine.sampling import Logits, Tokens, Values, kth_largest
from gpt2studio.wire.messages import Alternative


class Expectation:
    """The distribution that the logits of the whole vocabulary make."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self._top = values.max()

    @cached_property
    def _norm(self) -> float:
        """The logarithm of what the probabilities are divided by."""
        return float(self._top) + float(np.log(np.exp(self._values - self._top).sum(dtype=np.float64)))

    def logprob(self, token: int) -> float:
        """The natural logarithm of the token's probability."""
        return float(self._values[token]) - self._norm

    def rank(self, token: int) -> int:
        """1 for the likeliest."""
        return 1 + int(np.count_nonzero(self._values > self._values[token]))

    def alternatives(self, tokens: Tokens, shaped: Logits, text: Callable[[int], str]) -> tuple[Alternative, ...]:
        """These tokens, each with its probability after the sampling stages, which left *shaped*."""
        places, there = shaped.places(tokens)
        chances = np.zeros(len(tokens))
        chances[there] = shaped.probabilities()[places]
        return tuple(
            Alternative(token=token, text=text(token), logprob=self.logprob(token), probability=chance)
            for token, chance in zip(tokens.tolist(), chances.tolist(), strict=True)
        )


def likeliest(logits: Logits, count: int) -> Tokens:
    """The ids of the *count* largest logits, the largest first, of equals the lowest id."""
    count = min(count, len(logits.values))
    if count <= 0:
        return np.empty(0, dtype=np.intp)
    top = logits.keep(logits.values >= kth_largest(logits.values, count))
    return top.ids()[np.argsort(-top.values, kind="stable")[:count]]
