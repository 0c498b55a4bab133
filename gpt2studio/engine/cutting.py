"""Stages that cut by the shape of the distribution: its tail, its entropy, its head, or a surprise that is steered."""

import numpy as np
from numpy.typing import NDArray

from gpt2studio.engine.logits import Logits, Seen
from gpt2studio.wire.sampling import Sampling


def top_a(logits: Logits, seen: Seen, sampling: Sampling) -> Logits:
    """Keep tokens at least a times as likely as the likeliest one's probability squared (BlinkDL 2021)."""
    if sampling.top_a == 0:
        return logits
    chances = logits.probabilities()
    return _keep(logits, chances >= sampling.top_a * chances.max() ** 2, chances)


def tail_free(logits: Logits, seen: Seen, sampling: Sampling) -> Logits:
    """Cut the tail where the sorted probabilities no longer bend: the second differences up to it reach z.

    Phénix and Egan 2019. The likeliest token always stays, and so do tokens as likely as the last one kept.
    """
    if sampling.tail_free == 1 or len(logits.values) < 3:
        return logits
    chances = logits.probabilities()
    ordered = np.sort(chances)[::-1]
    bends = np.abs(np.diff(ordered, n=2))
    total = bends.sum()
    if total == 0:
        return logits
    # A token goes when the bends before it have passed z; the last one has no bend of its own.
    kept = min(1 + int(np.searchsorted(np.cumsum(bends / total), sampling.tail_free, side="right")), len(ordered) - 1)
    return _keep(logits, chances >= ordered[kept - 1], chances)


def epsilon(logits: Logits, seen: Seen, sampling: Sampling) -> Logits:
    """Keep tokens at least this likely (Hewitt, Manning & Liang 2022)."""
    if sampling.epsilon_cutoff == 0:
        return logits
    chances = logits.probabilities()
    return _keep(logits, chances >= sampling.epsilon_cutoff, chances)


def eta(logits: Logits, seen: Seen, sampling: Sampling) -> Logits:
    """Keep tokens at least min(ε, √ε · e^−entropy) likely: the more is possible, the rarer a token may be.

    Hewitt, Manning and Liang 2022.
    """
    if sampling.eta_cutoff == 0:
        return logits
    chances = logits.probabilities()
    least = min(sampling.eta_cutoff, float(np.sqrt(sampling.eta_cutoff) * np.exp(-entropy(chances))))
    return _keep(logits, chances >= least, chances)


def xtc(logits: Logits, seen: Seen, sampling: Sampling) -> Logits:
    """Now and then cut all tokens above a threshold but the least likely of them: exclude top choices (p-e-w 2024)."""
    if seen.coin >= sampling.xtc_probability:
        return logits
    chances = logits.probabilities()
    top = chances >= sampling.xtc_threshold
    if np.count_nonzero(top) < 2:
        return logits
    return logits.keep(chances <= chances[top].min())


def mirostat(logits: Logits, seen: Seen, sampling: Sampling) -> Logits:
    """Cut tokens more surprising than a bound, which each draw moves so that the surprise nears τ (Basu et al. 2021).

    The second form of the algorithm. The likeliest token always stays.
    """
    if sampling.mirostat_tau == 0:
        return logits
    bound = 2 * sampling.mirostat_tau if seen.bound is None else seen.bound
    chances = logits.probabilities()
    return _keep(logits, chances >= np.exp2(-bound), chances)


def next_bound(logits: Logits, token: int, seen: Seen, sampling: Sampling) -> float:
    """Mirostat's bound after *token* was drawn, *logits* being what it was given: by the error of its surprise."""
    bound = 2 * sampling.mirostat_tau if seen.bound is None else seen.bound
    place, _ = logits.places(np.array([token], dtype=np.intp))
    surprise = -float(np.log2(max(logits.probabilities()[place[0]], np.finfo(np.float64).tiny)))
    return bound - sampling.mirostat_eta * (surprise - sampling.mirostat_tau)


def entropy(chances: NDArray[np.float64]) -> float:
    """In nats."""
    some = chances[chances > 0]
    return float(-(some * np.log(some)).sum())


def _keep(logits: Logits, which: "NDArray[np.bool_]", chances: NDArray[np.float64]) -> Logits:
    """Those, and the likeliest in any case."""
    return logits.keep(which | (chances == chances.max()))
