"""Copying along a run: at each step that had samples, how much of them stood word for word in the training texts."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from gpt2studio.runs.events import Sampled


@dataclass(frozen=True, slots=True)
class Copying:
    """The samples of one step together."""

    step: int
    longest: int
    """Tokens of the longest stretch that any of them has in common with the training texts."""
    text: str
    """That stretch."""
    share: float
    """The mean over them of the share of eight-token stretches that stand in the training texts."""


def copying_along(samples: Iterable[Sampled]) -> list[Copying]:
    """The figures of each step whose samples were measured, the steps ascending."""
    measured = sorted((each for each in samples if each.copied_tokens is not None), key=lambda each: each.step)
    return [_together(step, list(group)) for step, group in groupby(measured, key=lambda each: each.step)]


def _together(step: int, samples: list[Sampled]) -> Copying:
    longest = max(samples, key=lambda each: each.copied_tokens or 0)
    share = sum(each.copied_share or 0.0 for each in samples) / len(samples)
    return Copying(step, longest.copied_tokens or 0, longest.copied_text, share)
