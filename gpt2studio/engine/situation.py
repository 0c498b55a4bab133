"""What the sampling stages know beside the logits, from the text that a token is drawn for."""

from collections.abc import Sequence
from dataclasses import replace

from gpt2studio.engine.language import Language
from gpt2studio.engine.logits import NOTHING_SEEN, Seen
from gpt2studio.engine.sampling import looks_back
from gpt2studio.wire.draw import uniform
from gpt2studio.wire.sampling import Sampling

_HISTORY = 1024
"""Tokens back to which repetitions are sought: as many as GPT-2 sees. Further back they repeat nothing to a reader."""


def seen_of(tokens: Sequence[int], begun: int, prompt_end: int, sampling: Sampling, language: Language) -> Seen:
    """Of a text whose own tokens begin at *begun*, and whose continuation begins at *prompt_end*."""
    seen = NOTHING_SEEN
    if looks_back(sampling):
        reach = sampling.penalty_range or len(tokens) - prompt_end
        seen = Seen.of(tokens[begun:], reach)
    if sampling.no_repeat_ngram or sampling.dry_multiplier:
        seen = replace(seen, history=tokens[max(begun, len(tokens) - _HISTORY) :])
    if sampling.dry_multiplier and sampling.dry_breakers:
        seen = replace(seen, breakers=language.with_one_of(sampling.dry_breakers))
    if sampling.banned_texts:
        seen = replace(seen, banned=_completing(tokens[begun:], sampling.banned_texts, language))
    return seen


def drawing(seen: Seen, seed: int, candidate: int, index: int, bound: float | None = None) -> Seen:
    """The same for one draw: with XTC's coin, which depends on what the draw does, and mirostat's bound."""
    return replace(seen, coin=uniform(seed, candidate, index, " xtc"), bound=bound)


def _completing(tokens: Sequence[int], texts: Sequence[str], language: Language) -> set[int]:
    """The tokens that would have one of the texts stand there."""
    longest = max(len(text.encode("utf-8", "replace")) for text in texts)
    before, at = b"", len(tokens)
    while at > 0 and len(before) < longest:
        at -= 1
        before = language.token_bytes[tokens[at]] + before
    return set().union(*(language.completing(text, before) for text in texts))
