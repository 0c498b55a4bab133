"""The topic of a text: the passages of a corpus that share its keywords, and where their tokens lie."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gpt2studio.retrieval.corpus import Corpus
from gpt2studio.retrieval.keywords import keywords
from gpt2studio.retrieval.passages import Passages

PlaceArray = NDArray[np.int64]
Weights = NDArray[np.float64]

_LOOKED_AT = 1200
"""The last so many characters of a text tell its topic."""
_PASSAGES = 200


@dataclass(frozen=True, slots=True)
class Topic:
    """Passages, none overlapping another, by the places of their tokens."""

    begins: PlaceArray
    ends: PlaceArray
    scores: Weights
    """How well each fits, of the best: 0 to 1."""

    def fit(self, places: PlaceArray) -> Weights:
        """How well the passages fit that *places* are in; 0 for other passages."""
        if not len(self.begins):
            return np.zeros(len(places))
        at = np.maximum(np.searchsorted(self.begins, places, side="right") - 1, 0)
        return np.where((places >= self.begins[at]) & (places < self.ends[at]), self.scores[at], 0.0)

    def places(self) -> PlaceArray:
        """Every place in the passages."""
        lengths = self.ends - self.begins
        starts = np.repeat(self.begins - np.cumsum(lengths) + lengths, lengths)
        return starts + np.arange(lengths.sum())


class Topics:
    """The topics of texts as they grow."""

    def __init__(self, corpus: Corpus, passages: Passages) -> None:
        self._corpus = corpus
        self._passages = passages
        self._last: tuple[str, Topic] = ("", self._of([], []))

    def of(self, text: str) -> Topic:
        """The topic of a text: that of its last whole sentences."""
        recent = text[-_LOOKED_AT:]
        end = max(recent.rfind(mark) for mark in (". ", "\n", "。", '" '))
        told = recent[: end + 1] if end > 0 else recent
        if self._last[0] != told:
            self._last = (told, self._find(told))
        return self._last[1]

    def _find(self, text: str) -> Topic:
        hits = self._passages.search(keywords(text, self._passages), _PASSAGES)
        hits = sorted(hits, key=lambda hit: hit.passage)
        return self._of([hit.passage for hit in hits], [hit.score for hit in hits])

    def _of(self, passages: list[int], scores: list[float]) -> Topic:
        ranges = np.array([self.token_range(each) for each in passages], dtype=np.int64).reshape(-1, 2)
        weights = np.array(scores, dtype=np.float64)
        return Topic(ranges[:, 0], ranges[:, 1], weights / max(scores, default=1.0))

    def token_range(self, passage: int) -> tuple[int, int]:
        """Where a passage's tokens begin and end."""
        span = self._passages.span(passage)
        begin = self._corpus.place_of(span.text, span.offset)
        return begin, self._corpus.place_of(span.text, span.offset + span.length)
