"""The sampling order: what the model expects, turned stage by stage into what may be drawn.

A stage is a pure function from logits to logits. It may change the logits of tokens and may cut tokens; it never
brings one back. Stages know nothing of each other, so any order of them means something.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpt2studio.engine import cutting, repeating
from gpt2studio.engine.logits import NOTHING_SEEN, Logits, Seen, Tokens, Values, changed, kth_largest
from gpt2studio.wire.sampling import STAGES, Sampling

__all__ = [
    "FUNCTIONS",
    "NOTHING_SEEN",
    "Logits",
    "Seen",
    "Stage",
    "Tokens",
    "Values",
    "entering",
    "kth_largest",
    "looks_back",
    "passed",
    "shaped",
]

Stage = Callable[[Logits, Seen, Sampling], Logits]


def bias(logits: Logits, seen: Seen, sampling: Sampling) -> Logits:
    """Add a person's own number to the logits of single tokens."""
    if not sampling.bias:
        return logits
    places, there = logits.places(np.array([int(token) for token in sampling.bias], dtype=np.intp))
    added = np.array(list(sampling.bias.values()), dtype=np.float32)[there]
    return changed(logits, places, logits.values[places] + added)


def repetition(logits: Logits, seen: Seen, sampling: Sampling) -> Logits:
    """Make tokens already seen less likely: positive logits are divided, negative ones multiplied.

    From CTRL (Keskar et al. 2019), which only divided; multiplying negative logits is what is meant by it since.
    """
    penalty = np.float32(sampling.repetition_penalty)
    if penalty == 1 or not len(seen.tokens):
        return logits
    places, _ = logits.places(seen.tokens)
    old = logits.values[places]
    return changed(logits, places, np.where(old > 0, old / penalty, old * penalty))


def presence(logits: Logits, seen: Seen, sampling: Sampling) -> Logits:
    """Subtract the same from the logit of every token already seen (OpenAI's interface of 2021)."""
    if sampling.presence_penalty == 0 or not len(seen.tokens):
        return logits
    places, _ = logits.places(seen.tokens)
    return changed(logits, places, logits.values[places] - np.float32(sampling.presence_penalty))


def frequency(logits: Logits, seen: Seen, sampling: Sampling) -> Logits:
    """Subtract from a token's logit for each time it was seen (OpenAI's interface of 2021)."""
    if sampling.frequency_penalty == 0 or not len(seen.tokens):
        return logits
    places, there = logits.places(seen.tokens)
    taken = np.float32(sampling.frequency_penalty) * seen.counts[there]
    return changed(logits, places, logits.values[places] - taken)


def temperature(logits: Logits, seen: Seen, sampling: Sampling) -> Logits:
    """Divide all logits: below 1 the likely become likelier still. 0 leaves the likeliest token, of equals the first.

    Ackley, Hinton & Sejnowski 1985. With a dynamic range it lies between the temperature less that range and more.
    """
    if sampling.temperature == 1 and sampling.dynamic_range == 0:
        return logits
    if sampling.temperature == 0:
        return logits.keep(np.arange(len(logits.values)) == logits.values.argmax())
    divisor = sampling.temperature if sampling.dynamic_range == 0 else _dynamic(logits, sampling)
    # Below the least one that float32 can divide by, the likeliest token has the whole probability anyway.
    return Logits(logits.values / np.float32(max(divisor, 1e-30)), logits.tokens)


def _dynamic(logits: Logits, sampling: Sampling) -> float:
    """Dynamic temperature (kalomaze 2023): the surer the model, the nearer to the low end of the range."""
    low, high = max(0.0, sampling.temperature - sampling.dynamic_range), sampling.temperature + sampling.dynamic_range
    most = math.log(len(logits.values))
    unsure = cutting.entropy(logits.probabilities()) / most if most else 0.0
    return low + (high - low) * math.pow(min(unsure, 1.0), sampling.dynamic_exponent)


def top_k(logits: Logits, seen: Seen, sampling: Sampling) -> Logits:
    """Keep the k likeliest tokens and those as likely as the last of them (Fan et al. 2018)."""
    off = sampling.top_k == 0 or (sampling.top_p_replaces_top_k and sampling.top_p < 1)
    if off or sampling.top_k >= len(logits.values):
        return logits
    return logits.keep(logits.values >= kth_largest(logits.values, sampling.top_k))


def top_p(logits: Logits, seen: Seen, sampling: Sampling) -> Logits:
    """Keep the smallest set of likeliest tokens whose probability reaches p: the nucleus (Holtzman et al. 2019).

    A token stays where the likelier ones have less than p between them; one as likely as the last stays too.
    """
    if sampling.top_p == 1:
        return logits
    last = _last_kept(-logits.values, logits.probabilities(), sampling.top_p)
    return logits.keep(-logits.values <= last)


def min_p(logits: Logits, seen: Seen, sampling: Sampling) -> Logits:
    """Keep tokens at least this share as likely as the likeliest (Nguyen et al. 2024)."""
    if sampling.min_p == 0:
        return logits
    floor = logits.values.max() + np.float32(np.log(sampling.min_p))
    return logits.keep(logits.values >= floor)


def typical(logits: Logits, seen: Seen, sampling: Sampling) -> Logits:
    """Keep the tokens whose surprise is nearest the expected one until they reach p (Meister et al. 2022)."""
    if sampling.typical_p == 1:
        return logits
    chances = logits.probabilities()
    surprise = -np.log(np.maximum(chances, np.finfo(np.float64).tiny))
    away = np.abs(surprise - (chances * surprise).sum())
    return logits.keep(away <= _last_kept(away, chances, sampling.typical_p))


FUNCTIONS: Mapping[str, Stage] = {
    stage.__name__: stage
    for stage in (
        *(repeating.bans, bias, repeating.no_repeat, repetition, presence, frequency, repeating.dry, temperature),
        *(top_k, top_p, min_p, typical, cutting.top_a, cutting.tail_free, cutting.epsilon, cutting.eta),
        *(cutting.xtc, cutting.mirostat),
    )
}
assert tuple(FUNCTIONS) == STAGES


def shaped(logits: Logits, seen: Seen, sampling: Sampling) -> Logits:
    """The logits after every stage, in the sampling order."""
    for _, left in passed(logits, seen, sampling):
        logits = left
    return logits


def passed(logits: Logits, seen: Seen, sampling: Sampling) -> Iterator[tuple[str, Logits]]:
    """The stages in the sampling order, each with the logits after it; one that changed nothing gives the same."""
    for name in sampling.order:
        logits = FUNCTIONS[name](logits, seen, sampling)
        yield name, logits


def entering(stage: str, logits: Logits, seen: Seen, sampling: Sampling) -> Logits:
    """What this stage is given; where it does not act, what is left in the end."""
    order = sampling.order[: sampling.order.index(stage)] if stage in sampling.order else sampling.order
    return shaped(logits, seen, replace(sampling, order=order))


def looks_back(sampling: Sampling) -> bool:
    """Whether a stage looks at the tokens already there."""
    return sampling.repetition_penalty != 1 or sampling.presence_penalty != 0 or sampling.frequency_penalty != 0


def _last_kept(keys: NDArray[Any], chances: NDArray[np.float64], p: float) -> Any:
    """The key of the last token kept, where tokens are taken by ascending key while those before have less than p.

    Only as many are sorted as can be needed: a few of a large vocabulary, as a rule.
    """
    least = keys.min()
    for width in (4, 16, np.inf):
        near = np.flatnonzero(keys <= least + width)
        order = near[np.argsort(keys[near], kind="stable")]
        sums = np.cumsum(chances[order])
        if sums[-1] >= p or len(near) == len(keys):
            break
    return keys[order[min(int(np.searchsorted(sums, p)), len(order) - 1)]]
