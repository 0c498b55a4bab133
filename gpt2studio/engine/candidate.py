"""One candidate's life: from the logits of its next token to the lines that tell of it."""

import numpy as np

from gpt2studio.engine.cutting import next_bound
from gpt2studio.engine.expectation import Expectation, likeliest
from gpt2studio.engine.language import Language, Prompt
from gpt2studio.engine.sampling import Logits, Seen, Values, entering, shaped
from gpt2studio.engine.situation import drawing, seen_of
from gpt2studio.errors import EngineError
from gpt2studio.retrieval.blend import Blend
from gpt2studio.text.utf8 import StreamDecoder
from gpt2studio.wire.draw import pick, uniform
from gpt2studio.wire.messages import Answer, Continue, Token
from gpt2studio.wire.telling import Telling


class Candidate(Telling):
    """A continuation as it comes, from its prompt to its end."""

    def __init__(
        self, request: Continue, number: int, prompt: Prompt, language: Language, blend: Blend | None = None
    ) -> None:
        self._decoder = StreamDecoder()
        super().__init__(request, number, self._decoder.finish)
        self._language = language
        self._blend = blend
        self._begun = prompt.begun
        self._typed = prompt.typed
        self._prompt_end = len(prompt.tokens)
        self._draws = 0
        self._bound: float | None = None
        self.tokens = list(prompt.tokens)
        """The prompt's tokens and those drawn so far."""

    def take(self, values: Values) -> list[Answer]:
        """Draw the next token by its logits, (vocab_size,); what there is to tell now."""
        typed = self._typed
        if self._blend is not None:
            values = self._blend.mixed(values, self.tokens)
        allowed = self._language.allowed(values, typed, may_end=self._request.stop_at_end)
        seen = self._seen()
        left = shaped(allowed, seen, self._request.sampling)
        token = self._draw(left)
        self._steer(token, allowed, seen)
        if token == self._language.end_token:
            return self.end("end")
        self.tokens.append(token)
        data, self._typed = self._language.spell(token, typed)
        if not data:
            self._prompt_end += 1  # it lies wholly within what was typed: not part of the continuation
            return []
        expected = Expectation(values)
        line = Token(
            id=self._request.id,
            candidate=self._number,
            token=token,
            text=self._decoder.push(data),
            logprob=expected.logprob(token),
            rank=expected.rank(token),
            alternatives=expected.alternatives(
                likeliest(self._language.beyond(allowed, typed), self._request.alternatives),
                left,
                self._language.shown(typed),
            ),
        )
        return self.tell(line)

    def _draw(self, logits: Logits) -> int:
        number = uniform(self._request.seed, self._number, self._draws)
        self._draws += 1
        chances = logits.probabilities()
        if np.isnan(chances[0]):  # then all are
            raise EngineError("These sampling parameters leave nothing to draw from.", "Choose more moderate ones.")
        place = pick(chances, number)
        return place if logits.tokens is None else int(logits.tokens[place])

    def _seen(self) -> Seen:
        request = self._request
        seen = seen_of(self.tokens, self._begun, self._prompt_end, request.sampling, self._language)
        return drawing(seen, request.seed, self._number, self._draws, self._bound)

    def _steer(self, token: int, allowed: Logits, seen: Seen) -> None:
        """Mirostat's bound follows from what was drawn so far, and from nothing else."""
        sampling = self._request.sampling
        if sampling.mirostat_tau:
            self._bound = next_bound(entering("mirostat", allowed, seen, sampling), token, seen, sampling)
