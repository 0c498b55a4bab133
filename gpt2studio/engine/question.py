"""A question what could come next."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gpt2studio.engine.batch import Batch, Row
from gpt2studio.engine.jobs import Job, stopped
from gpt2studio.engine.load import Model
from gpt2studio.engine.sampling import NOTHING_SEEN, Seen, Tokens, Values, looks_back, shaped
from gpt2studio.retrieval.blend import Blend
from gpt2studio.wire.messages import Alternative, Answer, Distribution, Next

Chances = NDArray[np.float64]


class Question(Job):
    """What could come next after a text, its last border healed.

    Where the text may end inside a word, two things can follow: a token that goes on with the word, and, where the
    word is complete, any token after it. Both are asked for, and weighed by how likely each case is.
    """

    def __init__(self, request: Next, model: Model, batch: Batch, blend: Blend | None = None) -> None:
        super().__init__(request.id)
        self._request = request
        self._language = model.language
        self._batch = batch
        self._blend = blend
        prompt = self._prompt = model.language.prompt(request.text, special=request.special, heal=request.heal)
        texts = [prompt.tokens, prompt.unhealed] if prompt.typed else [prompt.tokens]
        self._waiting = [model.window.of(text) for text in texts]
        self._rows: list[Row] = []
        self._values: dict[Row, Values] = {}

    @property
    def rows(self) -> int:
        """How many rows of the batch it has."""
        return len(self._rows) - len(self._values)

    @property
    def waits(self) -> bool:
        """Whether it could use one more row now."""
        return bool(self._waiting)

    def seat(self) -> list[Answer]:
        """Join the batch."""
        self._rows.append(self._batch.join(self._waiting.pop(0)))
        return []

    def owns(self, row: Row) -> bool:
        """Whether the row is this request's."""
        return row in self._rows

    def take(self, row: Row, values: Values) -> list[Answer]:
        """Tell what could come next, when all is known."""
        self._values[row] = values
        self._batch.leave(row)
        if self._waiting or len(self._values) < len(self._rows):
            return []
        self.closed = True
        return [self._distribution([self._values[row] for row in self._rows])]

    def stop(self) -> list[Answer]:
        """End without an answer."""
        self.release()
        return [stopped(self.id)]

    def release(self) -> None:
        """Leave the batch and say no more."""
        super().release()
        self._waiting.clear()
        for row in self._rows:
            if row not in self._values:
                self._batch.leave(row)

    def _distribution(self, values: list[Values]) -> Distribution:
        prompt = self._prompt
        cases = [self._case(values[-1], prompt.unhealed, b"")]
        if prompt.typed:
            inside = self._case(values[0], prompt.tokens, prompt.typed)
            complete = self._language.within(inside.tokens, prompt.typed)
            cases = [inside.among(~complete), cases[0].after(inside.among(complete))]
        count = self._request.alternatives
        best = sorted((each for case in cases for each in case.likeliest(count)), key=lambda each: -each.probability)
        return Distribution(
            id=self.id,
            alternatives=tuple(best[:count]),
            entropy=sum(case.entropy() for case in cases),
            kept=sum(int(np.count_nonzero(case.chances)) for case in cases),
        )

    def _case(self, values: Values, tokens: list[int], typed: bytes) -> "_Case":
        sampling, language = self._request.sampling, self._language
        if self._blend is not None:
            values = self._blend.mixed(values, tokens)
        allowed = language.allowed(values, typed, may_end=True)
        reach = sampling.penalty_range if looks_back(sampling) else 0
        seen = Seen.of(tokens[max(self._prompt.begun, len(tokens) - reach) :]) if reach else NOTHING_SEEN
        left = shaped(allowed, seen, sampling)
        chances = np.zeros(len(allowed.values))
        chances[np.searchsorted(allowed.ids(), left.ids())] = left.probabilities()
        return _Case(allowed.ids(), allowed.probabilities(), chances, language.shown(typed))


@dataclass(frozen=True, slots=True)
class _Case:
    """Tokens that could come next."""

    tokens: Tokens
    expected: Chances
    """The probabilities that the model, or the mix, has for them."""
    chances: Chances
    """The probabilities of being drawn, after the sampling stages."""
    shown: Callable[[int], str]

    def among(self, which: "NDArray[np.bool_]") -> "_Case":
        """Some of them."""
        return _Case(self.tokens[which], self.expected[which], self.chances[which], self.shown)

    def after(self, before: "_Case") -> "_Case":
        """The same where one of those must have come before."""
        expected, chances = self.expected * before.expected.sum(), self.chances * before.chances.sum()
        return _Case(self.tokens, expected, chances, self.shown)

    def entropy(self) -> float:
        """What these add to the entropy of the whole, in nats."""
        some = self.expected[self.expected > 0]
        return float(-(some * np.log(some)).sum())

    def likeliest(self, count: int) -> list[Alternative]:
        """The likeliest to be drawn; of those that cannot be, the likeliest that the model expects."""
        order = np.lexsort((-self.expected, -self.chances))[:count]
        return [
            Alternative(
                token=int(self.tokens[n]),
                text=self.shown(int(self.tokens[n])),
                logprob=float(np.log(max(self.expected[n], 1e-300))),
                probability=float(self.chances[n]),
            )
            for n in order
        ]
