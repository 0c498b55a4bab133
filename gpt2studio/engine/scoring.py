"""A request to score a text, a piece between any two steps."""

import math

from gpt2studio.engine.jobs import Job, stopped
from gpt2studio.engine.load import Model
from gpt2studio.engine.score import Scores
from gpt2studio.wire.messages import Alternative, Answer, Score, Scored


class Scoring(Job):
    """A text being scored, a piece between any two steps."""

    def __init__(self, request: Score, model: Model) -> None:
        super().__init__(request.id)
        self._request = request
        self._language = model.language
        self._tokens = model.language.tokenizer.encode(request.text, special=request.special)
        self._pieces = model.scorer.score(self._tokens, request.alternatives)

    @property
    def works(self) -> bool:
        """Whether it has something to do beside the batch."""
        return True

    def work(self) -> list[Answer]:
        """Score a piece."""
        scores = next(self._pieces)
        if len(scores.logprobs) < len(self._tokens):
            return []
        self.release()
        return [self._scored(scores)]

    def stop(self) -> list[Answer]:
        """End without an answer."""
        self.release()
        return [stopped(self.id)]

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
            tokens=tuple(self._tokens),
            texts=tuple(self._language.tokenizer.texts(self._tokens)),
            logprobs=tuple(scores.logprobs),
            ranks=tuple(scores.ranks),
            perplexity=math.exp(-math.fsum(known) / len(known)) if known else None,
            alternatives=alternatives if self._request.alternatives else (),
        )
