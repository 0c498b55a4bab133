"""A request to go on from a text: its candidates, some with a row of the batch, some waiting for one."""

import time
from collections import deque

from gpt2studio.engine.batch import Batch, Row
from gpt2studio.engine.candidate import Candidate
from gpt2studio.engine.jobs import Seated
from gpt2studio.engine.language import Language, Prompt
from gpt2studio.engine.load import Model
from gpt2studio.engine.sampling import Values
from gpt2studio.engine.window import Window
from gpt2studio.retrieval.blend import Blend
from gpt2studio.wire.lead import Lead
from gpt2studio.wire.messages import Answer, Continue, Ended, Finished, Started
from gpt2studio.wire.telling import check


class Continuation(Seated):
    """A continuation: its candidates, some with a row, some waiting for one."""

    def __init__(self, request: Continue, model: Model, batch: Batch, blend: Blend | None = None) -> None:
        super().__init__(request.id)
        check(request)
        self._began = time.perf_counter()
        self._drew = 0.0
        self._request = request
        self._model = model
        self._batch = batch
        self._blend = blend
        self._prompt = model.language.held_prompt(
            request.text, request.held, special=request.special, heal=request.heal
        )
        self._window = model.window.pinning(self._prompt.pinned)
        self._waiting = deque(range(request.first_candidate, request.first_candidate + request.candidates))
        self._rows: dict[Row, Candidate] = {}
        self._lead = Lead(request.pace)
        self._tokens = 0
        self._started = False

    @property
    def guest(self) -> bool:
        """Whether it gives way to those that are not."""
        return self._request.guest

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
        candidate = Candidate(self._request, self._waiting.popleft(), self._prompt, self._model.language, self._blend)
        row = self._batch.join(self._window.of(candidate.tokens), self.guest)
        self._rows[row] = candidate
        if self._started:
            return []
        self._started = True
        return [_started(self._request, self._model.language, self._window, self._prompt, row)]

    def owns(self, row: Row) -> bool:
        """Whether the row is this request's."""
        return row in self._rows

    def take(self, row: Row, values: Values) -> list[Answer]:
        """Let the row's candidate draw its next token."""
        self._drew = self._drew or time.perf_counter()
        candidate = self._rows[row]
        lines = candidate.take(values)
        if not candidate.ended:
            self._batch.see(row, self._window, candidate.tokens)
            self._lead.took(candidate.told)
            row.due = self._lead.due
            return lines
        self._tokens += candidate.told
        del self._rows[row]
        self._batch.leave(row)
        return lines if self._rows or self._waiting else [*lines, self._finished()]

    def stop(self) -> list[Answer]:
        """End every candidate where it is."""
        lines = [line for each in self._rows.values() for line in each.end("stopped")]
        self._tokens += sum(each.told for each in self._rows.values())
        lines += [Ended(id=self.id, candidate=number, finish="stopped") for number in self._waiting]
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
        tokens, seconds = self._tokens, now - self._began
        drawing = now - self._drew - self._lead.rested if self._drew else 0.0
        # The first token comes with the prompt; it says nothing of the pace.
        rate = (tokens - 1) / drawing if tokens > 1 and drawing > 0 else tokens / seconds
        return Finished(id=self.id, tokens=tokens, seconds=seconds, tokens_per_second=rate)


def _started(request: Continue, language: Language, window: Window, prompt: Prompt, row: Row) -> Started:
    """What the model sees of the text."""
    tokenizer = language.tokenizer
    count = max(window.start(len(prompt.tokens)) - (prompt.begun - prompt.pinned), 0)
    places = range(prompt.begun, prompt.begun + count)
    hidden = [prompt.tokens[n] for n in places if not prompt.note[0] <= n < prompt.note[1]]
    start = sum((byte & 0xC0) != 0x80 for byte in tokenizer.decode_bytes(hidden))
    seen = prompt.total - len(hidden)
    noted = prompt.note[1] - max(prompt.note[0], min(places.stop, prompt.note[1]))
    return Started(
        id=request.id,
        tokens=prompt.total,
        window_start=start,
        window_tokens=seen,
        reused=min(row.reused, seen),
        single_bytes=tokenizer.single_byte_share(request.text[start:]),
        held=prompt.pinned + noted,
    )
