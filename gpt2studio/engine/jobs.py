"""Requests under way: what each still needs of the batch, and what it has to tell."""

import math
import time
from abc import ABC, abstractmethod
from collections import deque

from gpt2studio.engine.batch import Batch, Row
from gpt2studio.engine.continuation import Continuation
from gpt2studio.engine.expectation import Expectation, likeliest
from gpt2studio.engine.language import Prompt
from gpt2studio.engine.load import Model
from gpt2studio.engine.sampling import NOTHING_SEEN, Seen, Values, looks_back, shaped
from gpt2studio.engine.score import Scores
from gpt2studio.errors import EngineError
from gpt2studio.wire.messages import (
    Alternative,
    Answer,
    Continue,
    Distribution,
    Failed,
    Finished,
    Next,
    Score,
    Scored,
    Started,
)


class Job(ABC):
    """A request under way."""

    def __init__(self, id: str) -> None:
        self.id = id
        self.closed = False
        """Whether its closing line has been given out."""

    @property
    def rows(self) -> int:
        """How many rows of the batch it has."""
        return 0

    @property
    def waits(self) -> bool:
        """Whether it could use one more row now."""
        return False

    def seat(self) -> list[Answer]:
        """Join the batch with one more row."""
        raise NotImplementedError

    def owns(self, row: Row) -> bool:
        """Whether the row is this request's."""
        return False

    def take(self, row: Row, values: Values) -> list[Answer]:
        """Use the logits of what comes next in its row, (vocab_size,)."""
        raise NotImplementedError

    def work(self) -> list[Answer]:
        """Do a piece of what it does beside the batch."""
        return []

    @abstractmethod
    def stop(self) -> list[Answer]:
        """End now, as asked, with what there is."""

    def release(self) -> None:
        """Leave the batch and say no more."""
        self.closed = True


class Continuing(Job):
    """A continuation: its candidates, some with a row, some waiting for one."""

    def __init__(self, request: Continue, model: Model, batch: Batch) -> None:
        super().__init__(request.id)
        _check(request)
        self._began = time.perf_counter()
        self._drew = 0.0
        self._text = request.text
        self._model = model
        self._batch = batch
        self._prompt = model.language.prompt(request.text, special=request.special, heal=request.heal)
        numbers = range(request.first_candidate, request.first_candidate + request.candidates)
        self._all = [Continuation(request, number, self._prompt, model.language) for number in numbers]
        self._waiting = deque(self._all)
        self._rows: dict[Row, Continuation] = {}

    @property
    def rows(self) -> int:
        """How many rows of the batch it has."""
        return len(self._rows)

    @property
    def waits(self) -> bool:
        """Whether it could use one more row now: the first candidate computes the prompt for all."""
        return bool(self._waiting) and (self._drew > 0 or not self._rows)

    def seat(self) -> list[Answer]:
        """Join the batch with one more candidate."""
        first = len(self._waiting) == len(self._all)
        candidate = self._waiting.popleft()
        row = self._batch.join(self._model.window.of(candidate.tokens))
        self._rows[row] = candidate
        return [_started(self.id, self._text, self._model, self._prompt, row)] if first else []

    def owns(self, row: Row) -> bool:
        """Whether the row is this request's."""
        return row in self._rows

    def take(self, row: Row, values: Values) -> list[Answer]:
        """Let the row's candidate draw its next token."""
        self._drew = self._drew or time.perf_counter()
        candidate = self._rows[row]
        lines = candidate.take(values)
        if candidate.ended:
            del self._rows[row]
            self._batch.leave(row)
            return lines if self._rows or self._waiting else [*lines, self._finished()]
        self._batch.see(row, self._model.window, candidate.tokens)
        return lines

    def stop(self) -> list[Answer]:
        """End every candidate where it is."""
        lines = [line for each in self._all if not each.ended for line in each.end("stopped")]
        self.release()
        return [*lines, self._finished()]

    def release(self) -> None:
        """Leave the batch and say no more."""
        super().release()
        self._waiting.clear()
        for row in self._rows:
            self._batch.leave(row)
        self._rows.clear()

    def _finished(self) -> Finished:
        self.closed = True
        now = time.perf_counter()
        tokens = sum(each.told for each in self._all)
        seconds = now - self._began
        drawing = now - self._drew if self._drew else 0.0
        # The first token comes with the prompt; it says nothing of the pace.
        rate = (tokens - 1) / drawing if tokens > 1 and drawing > 0 else tokens / seconds
        return Finished(id=self.id, tokens=tokens, seconds=seconds, tokens_per_second=rate)


class Asking(Job):
    """A question what could come next."""

    def __init__(self, request: Next, model: Model, batch: Batch) -> None:
        super().__init__(request.id)
        self._request = request
        self._model = model
        self._batch = batch
        self._prompt = model.language.prompt(request.text, special=request.special, heal=request.heal)
        self._row: Row | None = None

    @property
    def rows(self) -> int:
        """How many rows of the batch it has."""
        return 0 if self._row is None else 1

    @property
    def waits(self) -> bool:
        """Whether it could use one more row now."""
        return self._row is None

    def seat(self) -> list[Answer]:
        """Join the batch."""
        self._row = self._batch.join(self._model.window.of(self._prompt.tokens))
        return []

    def owns(self, row: Row) -> bool:
        """Whether the row is this request's."""
        return row is self._row

    def take(self, row: Row, values: Values) -> list[Answer]:
        """Tell what could come next."""
        self.release()
        request, language, prompt = self._request, self._model.language, self._prompt
        allowed = language.allowed(values, prompt.typed, may_end=True)
        history = prompt.tokens[max(prompt.begun, len(prompt.tokens) - request.sampling.penalty_range) :]
        seen = Seen.of(history) if looks_back(request.sampling) and request.sampling.penalty_range else NOTHING_SEEN
        left = shaped(allowed, seen, request.sampling)
        expected = Expectation(values)
        return [
            Distribution(
                id=self.id,
                alternatives=expected.alternatives(
                    likeliest(left, request.alternatives), left, language.shown(prompt.typed)
                ),
                entropy=expected.entropy(),
                kept=len(left.values),
            )
        ]

    def stop(self) -> list[Answer]:
        """End without an answer."""
        self.release()
        return [_stopped(self.id)]

    def release(self) -> None:
        """Leave the batch and say no more."""
        super().release()
        if self._row is not None:
            self._batch.leave(self._row)


class Scoring(Job):
    """A text being scored, a piece between any two steps."""

    def __init__(self, request: Score, model: Model) -> None:
        super().__init__(request.id)
        self._request = request
        self._language = model.language
        self._tokens = model.language.tokenizer.encode(request.text, special=request.special)
        self._pieces = model.scorer.score(self._tokens, request.alternatives)

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
        return [_stopped(self.id)]

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


def _check(request: Continue) -> None:
    if request.candidates < 1:
        raise EngineError("There is nothing to continue with no candidates.", "Ask for one candidate or more.")
    if request.length < 0:
        raise EngineError("A length below 0 means nothing.", "Give a number of tokens, or 0 for no limit.")
    if "" in request.stop:
        raise EngineError("An empty stop text would stop at once.", "Leave it out.")


def _stopped(id: str) -> Failed:
    return Failed(id=id, message="Stopped, as asked.")


def _started(id: str, text: str, model: Model, prompt: Prompt, row: Row) -> Started:
    """What the model sees of the text."""
    tokenizer = model.language.tokenizer
    hidden = max(model.window.start(len(prompt.tokens)) - prompt.begun, 0)
    before = tokenizer.decode_bytes(prompt.tokens[prompt.begun : prompt.begun + hidden])
    start = sum((byte & 0xC0) != 0x80 for byte in before)
    return Started(
        id=id,
        tokens=prompt.total,
        window_start=start,
        window_tokens=prompt.total - hidden,
        reused=row.reused,
        single_bytes=tokenizer.single_byte_share(text[start:]),
    )
