"""Stages against what is not to be said: banned tokens and texts, n-grams a second time, repetitions that go on."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from gpt2studio.engine.logits import Logits, Seen, changed
from gpt2studio.wire.sampling import Sampling

LONGEST = 50
"""Tokens of a repetition beyond which DRY takes off no more."""


def bans(logits: Logits, seen: Seen, sampling: Sampling) -> Logits:
    """Cut banned tokens, and those that would complete a banned text; where none else is left, nothing is cut."""
    return _without(logits, {*sampling.banned_tokens, *seen.banned})


def no_repeat(logits: Logits, seen: Seen, sampling: Sampling) -> Logits:
    """Cut tokens that would complete n tokens that stand in the text already (Paulus et al. 2017)."""
    size, history = sampling.no_repeat_ngram, seen.history
    if size == 0 or len(history) < size:
        return logits
    if size == 1:
        return _without(logits, set(history))
    end = history[len(history) - size + 1 :]
    places = (place for place in _earlier(history) if place > size - 3)
    return _without(logits, {history[at + 1] for at in places if history[at - size + 2 : at + 1] == end})


def dry(logits: Logits, seen: Seen, sampling: Sampling) -> Logits:
    """Take off the more, the longer a repetition a token would go on with: multiplier · base^(length − allowed).

    "Don't repeat yourself" (p-e-w 2024). Repetitions shorter than is allowed cost nothing, and none reaches over a
    breaker: a new line, a quote, a speaker's colon.
    """
    if sampling.dry_multiplier == 0:
        return logits
    lengths = {token: length for token, length in repeated(seen).items() if length >= sampling.dry_length}
    if not lengths:
        return logits
    places, there = logits.places(np.array(list(lengths), dtype=np.intp))
    beyond = np.array(list(lengths.values()), dtype=np.float64)[there] - sampling.dry_length
    taken = sampling.dry_multiplier * sampling.dry_base**beyond
    return changed(logits, places, (logits.values[places] - np.minimum(taken, 1e9)).astype(np.float32))


def repeated(seen: Seen) -> Mapping[int, int]:
    """For each token that has followed the text's end before: of how many tokens the longest such end was."""
    history, breakers = seen.history, seen.breakers
    last = len(history) - 1
    lengths: dict[int, int] = {}
    if last < 1 or history[last] in breakers:
        return lengths
    for place in _earlier(history):
        if history[place + 1] in breakers:
            continue
        length = 1
        while length < min(LONGEST, place + 1):
            before = history[last - length]
            if history[place - length] != before or before in breakers:
                break
            length += 1
        follower = history[place + 1]
        lengths[follower] = max(length, lengths.get(follower, 0))
    return lengths


def _earlier(history: Sequence[int]) -> Iterator[int]:
    """The places before the last where the last token stands too; a long text is gone through without Python's loop."""
    last, place = len(history) - 1, -1
    with contextlib.suppress(ValueError):  # no more of them
        while True:
            yield (place := history.index(history[last], place + 1, last))


def _without(logits: Logits, tokens: set[int]) -> Logits:
    if not tokens:
        return logits
    which = np.ones(len(logits.values), dtype=bool)
    which[logits.places(np.array(sorted(tokens), dtype=np.intp))[0]] = False
    return logits.keep(which) if which.any() else logits
