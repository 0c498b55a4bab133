"""A model's tokens: from a text to what the model is given, and which tokens may come next."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gpt2studio.engine.sampling import Logits, Tokens, Values
from gpt2studio.errors import EngineError
from gpt2studio.text.healing import split_for_healing
from gpt2studio.text.prefixes import PrefixIndex
from gpt2studio.text.tokenizer import Tokenizer
from gpt2studio.wire.held import Held

_WELL_MEANT = 0.1
"""The chance, among all that begins as it does, from which on what was typed stands as it is."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A text as tokens, and bytes at its end that the next tokens must spell first."""

    tokens: list[int]
    """What the model is given. Never empty."""
    begun: int
    """How many of these stand before the text: 1 where the end token begins the document, else 0."""
    typed: bytes
    """The end of the text, taken back so that its border can heal."""
    total: int
    """How many tokens the whole text has."""
    unhealed: list[int]
    """What the model is given where the border stays as it is: `tokens`, and those of `typed`."""
    pinned: int = 0
    """How many of the first tokens are memory."""
    note: tuple[int, int] = (0, 0)
    """Where among the tokens the note begins and ends."""


class Language:
    """The vocabulary of one model, as the choice of the next token needs it."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        self.token_bytes = tokenizer.vocabulary.token_bytes
        self.end_token = tokenizer.vocabulary.end_token
        self._prefixes = PrefixIndex(tokenizer.vocabulary)
        sayable = [token for token, data in enumerate(self.token_bytes) if data]
        self._with: dict[tuple[str, ...], frozenset[int]] = {}
        self._sayable = None if len(sayable) == len(self.token_bytes) else np.array(sayable, dtype=np.intp)

    def held_prompt(self, text: str, held: Held, *, special: bool, heal: bool) -> Prompt:
        """The text as a prompt, with what is held beside it; the end of the text heals as it does alone."""
        if not held:
            return self.prompt(text, special=special, heal=heal)
        at, inset = held.inset(text)
        memory, note = (self.tokenizer.encode(each) for each in (held.opening, inset))
        before = self.tokenizer.encode(text[:at], special=special)
        after, kept, typed = self._split(text[at:], special=special, heal=heal)
        first = [*memory, *before, *note]
        if not first and not kept:
            return self.prompt(text, special=special, heal=heal)
        return Prompt(
            tokens=[*first, *kept],
            begun=len(memory),
            typed=typed,
            total=len(before) + len(after),
            unhealed=[*first, *after],
            pinned=len(memory),
            note=(len(memory) + len(before), len(first)),
        )

    def prompt(self, text: str, *, special: bool, heal: bool) -> Prompt:
        """The text as a prompt; an empty one begins at the end token, as the model begins a document.

        Raises EngineError where the text is empty and the vocabulary has no end token to begin from.
        """
        tokens, kept, typed = self._split(text, special=special, heal=heal)
        if kept:
            return Prompt(kept, 0, typed, len(tokens), tokens)
        if self.end_token is not None:
            return Prompt([self.end_token], 1, typed, len(tokens), [self.end_token, *tokens])
        if tokens:
            return Prompt(tokens, 0, b"", len(tokens), tokens)
        raise EngineError("This model has no token to begin a document with.", "Write the first word yourself.")

    def _split(self, text: str, *, special: bool, heal: bool) -> tuple[list[int], list[int], bytes]:
        """The tokens of a text, those of them that are kept, and the bytes after these."""
        at = self.tokenizer.last_border(text)  # only the end is gone through again: stories are long
        before = self.tokenizer.encode(text[:at], special=special)
        after = self.tokenizer.encode(text[at:], special=special)
        if not heal or not after:
            return [*before, *after], [*before, *after], b""
        kept, typed = split_for_healing(self.tokenizer, text[at:], special=special)
        return [*before, *after], [*before, *kept], typed

    def allowed(self, values: Values, typed: bytes, *, may_end: bool) -> Logits:
        """The tokens that may come next where *typed* must be spelled first."""
        values = values[: len(self.token_bytes)]  # some checkpoints pad their vocabulary
        logits = Logits(values)
        if typed:
            return self._as_typed(logits.among(self._spelling(typed)), typed)
        if self._sayable is not None:
            logits = logits.among(self._sayable)
        return logits if self.end_token is None or may_end else logits.without(self.end_token)

    def _spelling(self, typed: bytes) -> Tokens:
        """The tokens, ascending, that spell what was typed, or begin to.

        Those that begin with it; and, where it is no token itself, the first of its own tokens, which leaves a rest
        for those after it. Other short ones are left out though they would fit: how likely such a piece is says little
        of how likely the whole is (“ se” is likely for the sake of all words that begin so, and “The sea” would go on
        as “The seast”), and after pieces that never made the word the model does not know it again (“rooftop” would
        become “rooftopped”).
        """
        return np.union1d(self._prefixes.beginning_with(typed), self.tokenizer.encode_word(typed)[:1]).astype(np.intp)

    def _as_typed(self, logits: Logits, typed: bytes) -> Logits:
        """What was typed alone, where it can well be meant as it stands: “who” is not to become “whose” now and then.

        A finished word and a piece of one look alike; the model tells them apart. Of “Once upon a ti” it expects
        nearly nothing but longer words, and all of them stay.
        """
        exact = [token for token in logits.ids().tolist() if self.token_bytes[token] == typed]
        if typed.isspace() or not exact:
            return logits
        stands = np.isin(logits.ids(), exact)
        return logits.keep(stands) if logits.probabilities()[stands].sum() >= _WELL_MEANT else logits

    def completing(self, text: str, before: bytes) -> set[int]:
        """The tokens with which *text* would come to stand where *before* stands already."""
        wanted = text.encode("utf-8", "replace")
        tokens = set(self.with_one_of((text,)))
        for done in range(min(len(wanted) - 1, len(before)), 0, -1):
            if before.endswith(wanted[:done]):
                tokens.update(self._prefixes.beginning_with(wanted[done:]))
        return tokens

    def with_one_of(self, texts: tuple[str, ...]) -> frozenset[int]:
        """The tokens that have one of these texts in them."""
        if texts not in self._with:
            wanted = [text.encode("utf-8", "replace") for text in texts]
            found = (token for token, data in enumerate(self.token_bytes) if any(each in data for each in wanted))
            self._with[texts] = frozenset(found)
        return self._with[texts]

    def within(self, tokens: Tokens, typed: bytes) -> "NDArray[np.bool_]":
        """Which of the tokens add nothing to what is typed."""
        return np.array([len(self.token_bytes[token]) <= len(typed) for token in tokens.tolist()], dtype=bool)

    def beyond(self, logits: Logits, typed: bytes) -> Logits:
        """Those of the tokens that add something to what is typed."""
        return logits.keep(~self.within(logits.ids(), typed)) if typed else logits

    def spell(self, token: int, typed: bytes) -> tuple[bytes, bytes]:
        """What the token adds to the text, and what is left of *typed* after it."""
        data = self.token_bytes[token]
        return data[len(typed) :], typed[len(data) :]

    def shown(self, typed: bytes) -> Callable[[int], str]:
        """How a token would be shown where *typed* stands already; bytes that are no character alone are U+FFFD."""
        return lambda token: self.token_bytes[token].removeprefix(typed).decode("utf-8", "replace")
