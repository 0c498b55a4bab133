"""What could come next: the chance of each token to be copied, beside how likely it is by the texts themselves."""

from collections import defaultdict
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gpt2studio.retrieval.stitcher.model import Searched
from gpt2studio.retrieval.stitcher.stitching import Options, Shown, Stitch
from gpt2studio.wire.messages import Alternative

_CONTEXT = 32
"""Tokens that tell how likely the next one is."""


class Outlook:
    """One moment of a stitch, before a token is taken.

    Its own distribution is the smoothed ∞-gram of the texts; where the stitch may go on from is what sampling leaves
    of it.
    """

    def __init__(self, searched: Searched, stitch: Stitch, options: Options) -> None:
        self._searched = searched
        self._options = options
        self._shown = stitch.shown
        said = stitch.said
        typed = searched.corpus.lexicon.tokenizer.encode(said.typed.decode("utf-8", "replace"))
        self._context = said.tokens[-_CONTEXT:]
        self._context_and_typed = [*self._context, *typed]

    @cached_property
    def expected(self) -> NDArray[np.float64]:
        """How likely each token is after the tokens of the text, what is typed left out: (vocabulary,)."""
        return self._searched.infinigram.smoothed(self._context)

    @cached_property
    def expected_after_typed(self) -> NDArray[np.float64]:
        """How likely each token is after all of the text: (vocabulary,)."""
        if len(self._context_and_typed) == len(self._context):
            return self.expected
        return self._searched.infinigram.smoothed(self._context_and_typed)

    @cached_property
    def chances(self) -> dict[Shown, float]:
        """The chance of each token to be the next that is shown, the highest first."""
        chances: dict[Shown, float] = defaultdict(float)
        for place, chance in zip(self._options.places.tolist(), self._options.chances.tolist(), strict=True):
            if chance > 0:
                chances[self._shown(place)] += chance
        return dict(sorted(chances.items(), key=lambda each: -each[1]))

    @property
    def entropy(self) -> float:
        """Of the texts' own distribution, in nats."""
        return float(-(self.expected_after_typed * np.log(self.expected_after_typed)).sum())

    def logprob(self, token: int) -> float:
        """The natural logarithm of how likely the token is by the texts."""
        return float(np.log(self.expected[token]))

    def rank(self, token: int) -> int:
        """1 for the likeliest."""
        return 1 + int(np.count_nonzero(self.expected > self.expected[token]))

    def alternatives(self, count: int) -> tuple[Alternative, ...]:
        """The tokens that may be copied next, then the likeliest ones that may not."""
        if count <= 0:
            return ()
        told = [self._alternative(shown, chance) for shown, chance in self.chances.items()][:count]
        if len(told) < count and not all(shown.within for shown in self.chances):
            known = {shown.token for shown in self.chances}
            likeliest = np.argsort(-self.expected_after_typed, kind="stable")[: count + len(known)].tolist()
            token_bytes = self._searched.corpus.lexicon.token_bytes
            others = [Shown(token, token_bytes[token], within=False) for token in likeliest if token not in known]
            told += [self._alternative(shown, 0.0) for shown in others]
        return tuple(told[:count])

    def one(self, token: int) -> Alternative | None:
        """That token, however unlikely it is; None where the vocabulary has none such."""
        if not 0 <= token < len(self.expected):
            return None
        found = next(((shown, chance) for shown, chance in self.chances.items() if shown.token == token), None)
        data = self._searched.corpus.lexicon.token_bytes[token]
        shown, chance = found or (Shown(token, data, within=False), 0.0)
        return replace(self._alternative(shown, chance), rank=self.rank(token))

    def _alternative(self, shown: Shown, chance: float) -> Alternative:
        expected = self.expected if shown.within else self.expected_after_typed
        text = shown.data.decode("utf-8", "replace")
        return Alternative(
            token=shown.token, text=text, logprob=float(np.log(expected[shown.token])), probability=chance
        )
