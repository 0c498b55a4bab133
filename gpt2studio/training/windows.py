"""Which windows of the text a step learns from: a function of the seed and the step alone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gpt2studio.runs.defaults import windows_in

IGNORED = -100
"""The target of a place that is no part of the text."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows: what is seen, and at each place the token that comes next."""

    inputs: NDArray[np.int64]
    """(windows, tokens)"""
    targets: NDArray[np.int64]
    """Of the same shape; `IGNORED` beyond the end of the text."""

    @property
    def tokens(self) -> int:
        """How many tokens are predicted."""
        return int((self.targets != IGNORED).sum())

    def part(self, start: int, stop: int) -> "Batch":
        """Some of the windows."""
        return Batch(self.inputs[start:stop], self.targets[start:stop])


class Windows:
    """The training text in windows of one length."""

    def __init__(self, tokens: NDArray[np.integer], window: int, seed: int, *, epochs: bool) -> None:
        self._tokens = tokens
        self._window = window
        self._seed = seed
        self._epochs = epochs
        self.count = windows_in(len(tokens), window)
        self._order: tuple[int, NDArray[np.int64]] | None = None

    def of_step(self, step: int, size: int) -> Batch:
        """The *size* windows that this step, counted from 0, learns from.

        In epochs every token is predicted once before any is again; else windows are drawn with replacement, from
        every place with the same chance.
        """
        if self._epochs:
            starts = [self._in_order(number) * self._window for number in range(step * size, (step + 1) * size)]
        else:
            generator = np.random.default_rng((self._seed, step))
            starts = generator.integers(0, len(self._tokens) - self._window, size).tolist()
        return cut(self._tokens, starts, self._window)

    def _in_order(self, number: int) -> int:
        epoch, place = divmod(number, self.count)
        if self._order is None or self._order[0] != epoch:
            self._order = epoch, np.random.default_rng((self._seed, epoch, 1)).permutation(self.count)
        return int(self._order[1][place])


def cut(tokens: NDArray[np.integer], starts: list[int], window: int) -> Batch:
    """The windows that begin at these places; what a window lacks at the end of the text is ignored."""
    inputs = np.zeros((len(starts), window), np.int64)
    targets = np.full((len(starts), window), IGNORED, np.int64)
    for row, start in enumerate(starts):
        text = tokens[start : start + window + 1]
        inputs[row, : min(window, len(text))] = text[:window]
        targets[row, : len(text) - 1] = text[1:]
    return Batch(inputs, targets)


def spread(tokens: NDArray[np.integer], window: int, most: int) -> Batch:
    """At most so many windows, side by side where they are few, else evenly over the whole text."""
    window = min(window, len(tokens) - 1)
    count = windows_in(len(tokens), window)
    chosen = sorted({round(number) for number in np.linspace(0, count - 1, min(most, count))})
    return cut(tokens, [number * window for number in chosen], window)


def with_noise(batch: Batch, share: float, vocabulary_size: int, key: tuple[int, ...]) -> Batch:
    """The same, each input replaced by any token with this chance (as nshepperd's ``--noise``)."""
    generator = np.random.default_rng(key)
    replaced = generator.random(batch.inputs.shape) < share
    strangers = generator.integers(0, vocabulary_size, batch.inputs.shape)
    return Batch(np.where(replaced, strangers, batch.inputs), batch.targets)
