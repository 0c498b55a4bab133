"""A question what could come next."""

from abc import abstractmethod

from gpt2studio.engine.batch import Batch, Row
from gpt2studio.engine.jobs import Seated, stopped
from gpt2studio.engine.load import Model
from gpt2studio.engine.outlook import Outlook, Whole, drawn
from gpt2studio.engine.sampling import Values
from gpt2studio.engine.situation import drawing, seen_of
from gpt2studio.errors import EngineError
from gpt2studio.retrieval.blend import Blend
from gpt2studio.wire.messages import Answer, Distribution, Draw, Next


class Asking(Seated):
    """A request that needs the logits of what comes after some texts."""

    def __init__(self, request: Next, model: Model, batch: Batch, blend: Blend | None) -> None:
        super().__init__(request.id)
        self._request = request
        self._language = model.language
        self._window = model.window
        self._batch = batch
        self._blend = blend
        self._waiting: list[list[int]] = []
        self._rows: list[Row] = []
        self._got: list[tuple[list[int], Values]] = []

    @property
    def rows(self) -> int:
        """How many rows of the batch it has."""
        return len(self._rows)

    @property
    def waits(self) -> bool:
        """Whether it could use one more row now."""
        return bool(self._waiting)

    def seat(self) -> list[Answer]:
        """Join the batch with a text, unless what comes after it is known."""
        tokens = self._waiting.pop(0)
        values = self._batch.known.get(tokens)
        if values is not None:
            self._got.append((tokens, values))
            return self._next()
        self._rows.append(self._batch.join(tokens))
        return []

    def owns(self, row: Row) -> bool:
        """Whether the row is this request's."""
        return row in self._rows

    def take(self, row: Row, values: Values) -> list[Answer]:
        """Tell what could come next, when all is known."""
        self._rows.remove(row)
        self._batch.leave(row)
        self._batch.known.put(row.tokens, values)
        self._got.append((row.tokens, values))
        return self._next()

    def stop(self) -> list[Answer]:
        """End without an answer."""
        self.release()
        return [stopped(self.id)]

    def release(self) -> None:
        """Leave the batch and say no more."""
        super().release()
        self._waiting.clear()
        for row in self._rows:
            self._batch.leave(row)
        self._rows.clear()

    def _next(self) -> list[Answer]:
        if self._waiting or self._rows:
            return []
        answer = self._answer()
        if answer is None:
            return []
        self.closed = True
        return [answer]

    @abstractmethod
    def _answer(self) -> Distribution | None:
        """What there is to say; None: other texts wait now."""

    def _values_after(self, tokens: list[int]) -> Values:
        """What the model, or the mix, has for what comes after this text."""
        seen = self._window.of(tokens)
        values = next(values for text, values in self._got if text == seen)
        return values if self._blend is None else self._blend.mixed(values, tokens)

    def _distribution(self, whole: Whole) -> Distribution:
        request = self._request
        return Distribution(
            id=self.id,
            alternatives=whole.likeliest(request.alternatives, trace=request.stages),
            entropy=whole.entropy(),
            kept=whole.kept(),
            stages=whole.stages() if request.stages else (),
            chosen=whole.one(request.token) if request.token is not None else None,
        )


class Question(Asking):
    """What could come next after a text, its last border healed.

    Where the text may end inside a word, two things can follow: a token that goes on with the word, and, where the
    word is complete, any token after it. Both are asked for, and weighed by how likely each case is.
    """

    def __init__(self, request: Next, model: Model, batch: Batch, blend: Blend | None = None) -> None:
        super().__init__(request, model, batch, blend)
        if request.tokens:
            _check(request.tokens, len(model.language.token_bytes))
            self._begun, self._typed, self._texts = 0, b"", [list(request.tokens)]
        else:
            prompt = model.language.held_prompt(request.text, request.held, special=request.special, heal=request.heal)
            self._window = model.window.pinning(prompt.pinned)
            self._begun, self._typed = prompt.begun, prompt.typed
            self._texts = [prompt.tokens, prompt.unhealed] if prompt.typed else [prompt.tokens]
        self._waiting = [self._window.of(text) for text in self._texts]

    def _answer(self) -> Distribution:
        whole = self._case(self._texts[-1], b"")
        if not self._typed:
            return self._distribution(Whole((whole,)))
        inside = self._case(self._texts[0], self._typed)
        complete = self._language.within(inside.tokens, self._typed)
        return self._distribution(Whole((inside.among(~complete), whole.after(inside.among(complete)))))

    def _case(self, tokens: list[int], typed: bytes) -> Outlook:
        sampling, language = self._request.sampling, self._language
        allowed = language.allowed(self._values_after(tokens), typed, may_end=True)
        seen = seen_of(tokens, self._begun, len(tokens), sampling, language)
        return Outlook.of(allowed, seen, sampling, language.shown(typed))


class Redraw(Asking):
    """The distribution that a token of a continuation was drawn from, and the draw.

    What healed the border before the first token was drawn too, without a word of it: that is drawn again.
    """

    def __init__(self, request: Next, model: Model, batch: Batch, blend: Blend | None = None) -> None:
        super().__init__(request, model, batch, blend)
        assert request.draw is not None
        _check(request.draw.written, len(model.language.token_bytes))
        self._draw: Draw = request.draw
        if request.sampling.mirostat_tau and request.draw.written:
            raise EngineError(
                "With mirostat on, what could be drawn here followed from all draws before.", "Look at the first token."
            )
        prompt = model.language.held_prompt(request.text, request.held, special=request.special, heal=request.heal)
        self._window = model.window.pinning(prompt.pinned)
        self._begun, self._typed, self._prompt_end = prompt.begun, prompt.typed, len(prompt.tokens)
        self._tokens = list(prompt.tokens)
        self._draws = self._told = 0
        self._read_on()

    def _read_on(self) -> None:
        """Read what was written as far as it is known what was drawn, and ask what could come then."""
        if not self._typed:
            rest = self._draw.written[self._told :]
            self._tokens += rest
            self._draws += len(rest)
            self._told += len(rest)
        self._waiting = [self._window.of(self._tokens)]

    def _answer(self) -> Distribution | None:
        request, language = self._request, self._language
        allowed = language.allowed(self._values_after(self._tokens), self._typed, may_end=self._draw.stop_at_end)
        seen = seen_of(self._tokens, self._begun, self._prompt_end, request.sampling, language)
        seen = drawing(seen, self._draw.seed, self._draw.candidate, self._draws)
        outlook = Outlook.of(allowed, seen, request.sampling, language.shown(self._typed))
        chosen = drawn(outlook, self._draw.seed, self._draw.candidate, self._draws)
        wanted = self._told == len(self._draw.written)
        if self._typed and not (language.spell(chosen.token, self._typed)[0] and wanted):
            self._heal(chosen.token)
            return None
        answer = self._distribution(Whole((outlook,)))
        return Distribution(
            **{name: getattr(answer, name) for name in ("id", "alternatives", "entropy", "kept", "stages", "chosen")},
            drawn=chosen,
        )

    def _heal(self, token: int) -> None:
        """Go on over a token that was drawn for the border: of those that were told of, the one that was written."""
        data, typed = self._language.spell(token, self._typed)
        if data:
            token, typed = self._draw.written[0], b""
            self._told += 1
        else:
            self._prompt_end += 1
        self._tokens.append(token)
        self._typed = typed
        self._draws += 1
        self._read_on()


def _check(tokens: tuple[int, ...], vocabulary: int) -> None:
    if not all(0 <= token < vocabulary for token in tokens):
        raise EngineError("This model has no such token.", "Send the tokens of its own vocabulary.")
