"""Requests under way: each does a piece at a time, so that several go on at once."""

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np

from gpt2studio.errors import EngineError
from gpt2studio.retrieval.stitcher.candidate import Candidate
from gpt2studio.retrieval.stitcher.model import StitchModel
from gpt2studio.retrieval.stitcher.outlook import Outlook
from gpt2studio.retrieval.stitcher.redraw import asked_about
from gpt2studio.retrieval.texts import straight
from gpt2studio.wire.lead import Lead
from gpt2studio.wire.messages import (
    Alternative,
    Answer,
    Continue,
    Distribution,
    Failed,
    Finished,
    Next,
    PartScored,
    Score,
    Scored,
    Started,
)
from gpt2studio.wire.telling import check

SEEN = 512
"""Tokens of a text that the stitcher looks at."""

_PIECE = 16
"""Tokens to score at a time."""
_CONTEXT = 32


class Job(ABC):
    """A request under way."""

    def __init__(self, id: str) -> None:
        self.id = id
        self.closed = False
        """Whether its closing line has been given out."""
        self.pieces = 0
        """How many have been done."""

    @property
    def guest(self) -> bool:
        """Whether it gives way to those that are not."""
        return False

    @property
    def due(self) -> float:
        """The time, by `time.perf_counter`, before which nothing more of it is wanted."""
        return 0.0

    @abstractmethod
    def work(self) -> list[Answer]:
        """Do the next piece; what there is to tell."""

    def stop(self) -> list[Answer]:
        """End now, as asked, with what there is."""
        self.closed = True
        return [Failed(id=self.id, message="Stopped, as asked.")]


class Continuation(Job):
    """Candidates, each a token a piece."""

    def __init__(self, request: Continue, model: StitchModel) -> None:
        super().__init__(request.id)
        check(request)
        self._request = request
        self._model = model
        self._began = time.perf_counter()
        self._drew = 0.0
        self._all: list[Candidate] = []
        self._lead = Lead(request.pace)

    @property
    def due(self) -> float:
        """As the one who reads it needs."""
        return self._lead.due

    @property
    def guest(self) -> bool:
        """Whether it gives way to those that are not."""
        return self._request.guest

    def work(self) -> list[Answer]:
        """Draw a token for every candidate."""
        if not self._all:
            return self._start()
        self._drew = self._drew or time.perf_counter()
        lines = [line for each in self._all if not each.ended for line in each.take()]
        self._lead.took(max(each.told for each in self._all))
        return lines if any(not each.ended for each in self._all) else [*lines, self._finished()]

    def stop(self) -> list[Answer]:
        """End every candidate where it is."""
        return [*(line for each in self._all if not each.ended for line in each.end("stopped")), self._finished()]

    def _start(self) -> list[Answer]:
        request = self._request
        searched = self._model.for_text(request.text)
        numbers = range(request.first_candidate, request.first_candidate + request.candidates)
        self._all = [Candidate(request, number, searched) for number in numbers]
        return [_started(request, self._model)]

    def _finished(self) -> Finished:
        self.closed = True
        now = time.perf_counter()
        tokens = sum(each.told for each in self._all)
        drawing = now - self._drew - self._lead.rested if self._drew else 0.0
        rate = tokens / drawing if drawing else 0.0
        return Finished(id=self.id, tokens=tokens, seconds=now - self._began, tokens_per_second=rate)


class Question(Job):
    """What could come next."""

    def __init__(self, request: Next, model: StitchModel) -> None:
        super().__init__(request.id)
        self._request = request
        self._model = model

    def work(self) -> list[Answer]:
        """Look."""
        request = self._request
        searched = self._model.for_text(request.text)
        stitch = asked_about(request, searched)
        outlook = Outlook(searched, stitch, stitch.options())
        self.closed = True
        return [
            Distribution(
                id=self.id,
                alternatives=outlook.alternatives(request.alternatives),
                entropy=outlook.entropy,
                kept=len(outlook.chances),
                chosen=None if request.token is None else outlook.one(request.token),
            )
        ]


class Scoring(Job):
    """How likely a text is by the texts that are searched: the smoothed ∞-gram."""

    def __init__(self, request: Score, model: StitchModel) -> None:
        super().__init__(request.id)
        self._request = request
        self._tokenizer = model.lexicon.tokenizer
        self._infinigram = model.whole.infinigram
        straightened = straight(request.text)
        self._tokens = list(request.tokens) or self._tokenizer.encode(straightened, special=request.special)
        _check_scored(self._tokens, request.first, model.lexicon.border)
        self._logprobs: list[float | None] = []
        self._ranks: list[int | None] = []
        self._entropies: list[float | None] = []
        self._alternatives: list[tuple[Alternative, ...]] = []

    @property
    def guest(self) -> bool:
        """Whether it waits for others."""
        return self._request.background

    def work(self) -> list[Answer]:
        """Score a piece."""
        first, count = self._request.first, len(self._tokens)
        at = first + len(self._logprobs)
        for place in range(at, min(at + _PIECE, count)):
            self._score(place)
        if first + len(self._logprobs) < count:
            return [PartScored(id=self.id, done=len(self._logprobs), total=count - first)]
        self.closed = True
        known = [logprob for logprob in self._logprobs if logprob is not None]
        return [
            Scored(
                id=self.id,
                tokens=tuple(self._tokens[first:]),
                texts=tuple(self._tokenizer.texts(self._tokens[first:])),
                logprobs=tuple(self._logprobs),
                ranks=tuple(self._ranks),
                perplexity=math.exp(-math.fsum(known) / len(known)) if known else None,
                alternatives=tuple(self._alternatives) if self._request.alternatives else (),
                entropies=tuple(self._entropies),
                computed=count - first,
            )
        ]

    def _score(self, place: int) -> None:
        if place == 0:
            self._logprobs.append(None)
            self._ranks.append(None)
            self._entropies.append(None)
            self._alternatives.append(())
            return
        token = self._tokens[place]
        expected = self._infinigram.smoothed(self._tokens[max(place - _CONTEXT, 0) : place])
        self._logprobs.append(math.log(expected[token]))
        self._ranks.append(1 + int(np.count_nonzero(expected > expected[token])))
        self._entropies.append(float(-(expected * np.log(expected)).sum()))
        best: Sequence[int] = []
        if self._request.alternatives:
            best = np.argsort(-expected, kind="stable")[: self._request.alternatives].tolist()
        self._alternatives.append(tuple(self._alternative(each, float(expected[each])) for each in best))

    def _alternative(self, token: int, probability: float) -> Alternative:
        text = self._tokenizer.decode([token])
        return Alternative(token=token, text=text, logprob=math.log(probability), probability=probability)


def _check_scored(tokens: Sequence[int], first: int, vocabulary: int) -> None:
    """Refuse tokens that there are none of, and a first one beyond the last."""
    if not all(0 <= token < vocabulary for token in tokens):
        raise EngineError("This model has no such token.", "Send the tokens of its own vocabulary.")
    if not 0 <= first <= max(len(tokens) - 1, 0):
        raise EngineError("There is no such token to score from.", "Name one of the text's tokens.")


def _started(request: Continue, model: StitchModel) -> Started:
    """What the stitcher looks at."""
    tokenizer = model.lexicon.tokenizer
    tokens = tokenizer.encode(request.text, special=request.special)
    seen = tokenizer.decode_bytes(tokens[-SEEN:])
    start = len(request.text) - sum(byte & 0xC0 != 0x80 for byte in seen)
    return Started(
        id=request.id,
        tokens=len(tokens),
        window_start=max(start, 0),
        window_tokens=min(len(tokens), SEEN),
        reused=0,
        single_bytes=tokenizer.single_byte_share(request.text[max(start, 0) :]),
    )
