"""A request to score a text, a piece between any two steps."""

import math

from gpt2studio.engine.jobs import Job, stopped
from gpt2studio.engine.load import Model
from gpt2studio.engine.score import Scores
from gpt2studio.errors import EngineError
from gpt2studio.retrieval.blend import Blend
from gpt2studio.wire.messages import Alternative, Answer, PartScored, Score, Scored


class Scoring(Job):
    """A text being scored, a piece between any two steps."""

    def __init__(self, request: Score, model: Model, blend: Blend | None = None) -> None:
        super().__init__(request.id)
        self._request = request
        self._language = model.language
        self._tokens = list(request.tokens) or model.language.tokenizer.encode(request.text, special=request.special)
        _check(self._tokens, request.first, len(model.language.token_bytes))
        self._pieces = model.scorer.score(self._tokens, request.alternatives, request.first, blend)

    @property
    def yields(self) -> bool:
        """Whether it waits while texts are gone on with."""
        return self._request.background

    def work(self) -> list[Answer]:
        """Score a piece."""
        scores = next(self._pieces)
        done, total = len(scores.logprobs), len(self._tokens) - self._request.first
        if done < total:
            return [PartScored(id=self.id, done=done, total=total)]
        self.release()
        return [self._scored(scores)]

    def stop(self) -> list[Answer]:
        """End without an answer."""
        self.release()
        return [stopped(self.id)]

    def release(self) -> None:
        """Leave the cache to others, and say no more."""
        super().release()
        self._pieces.close()

    def _scored(self, scores: Scores) -> Scored:
        known = [logprob for logprob in scores.logprobs if logprob is not None]
        shown = self._language.shown(b"")
        alternatives = tuple(
            tuple(
                Alternative(token=token, text=shown(token), logprob=logprob, probability=math.exp(logprob))
                for token, logprob in place
            )
            for place in scores.alternatives
        )
        return Scored(
            id=self.id,
            tokens=tuple(self._tokens[self._request.first :]),
            texts=tuple(self._language.tokenizer.texts(self._tokens[self._request.first :])),
            logprobs=tuple(scores.logprobs),
            ranks=tuple(scores.ranks),
            perplexity=math.exp(-math.fsum(known) / len(known)) if known else None,
            alternatives=alternatives if self._request.alternatives else (),
            entropies=tuple(scores.entropies),
            computed=scores.computed,
        )


def _check(tokens: list[int], first: int, vocabulary: int) -> None:
    """Refuse tokens that there are none of, and a first one beyond the last."""
    if not all(0 <= token < vocabulary for token in tokens):
        raise EngineError("This model has no such token.", "Send the tokens of its own vocabulary.")
    if not 0 <= first <= max(len(tokens) - 1, 0):
        raise EngineError("There is no such token to score from.", "Name one of the text's tokens.")
