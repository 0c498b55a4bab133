"""The memorisation meter: how much of a sample stands in the training text, found in a thread beside the training."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TakesLonger
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gpt2studio.retrieval.scanning import scanned
from gpt2studio.runs.events import Sampled
from gpt2studio.text.tokenizer import Tokenizer

PATIENCE = 0.3
"""Seconds that the training waits for the figures: ten million tokens are read in them. For more it does not wait."""


class CopyMeter:
    """Takes samples in, and gives them back with their figures, in order."""

    def __init__(self, tokens: NDArray[np.integer], tokenizer: Tokenizer) -> None:
        """*tokens* is the training text, which may be memory-mapped."""
        self._tokens = tokens
        self._tokenizer = tokenizer
        self._under_way: deque[Future[Sampled]] = deque()
        self._thread: ThreadPoolExecutor | None = None

    def take(self, samples: Sequence[Sampled]) -> None:
        """Have them measured."""
        self._thread = self._thread or ThreadPoolExecutor(1, "copying")
        self._under_way.extend(self._thread.submit(self._measured, sample) for sample in samples)

    def ready(self, patience: float | None) -> Iterator[Sampled]:
        """Those that are measured by now, or will be within *patience* seconds each; None: all."""
        while self._under_way:
            try:
                sample = self._under_way[0].result(patience)
            except TakesLonger:
                return
            self._under_way.popleft()
            yield sample

    def _measured(self, sample: Sampled) -> Sampled:
        # Drawn tokens may spell a text in another way than a text is encoded; it is the words that count.
        tokens = self._tokenizer.encode(sample.text)
        try:
            found = scanned(self._tokens, tokens)
        except MemoryError:
            return sample  # a figure less is no reason to end a run
        stretch = tokens[found.begin : found.begin + found.longest]
        return replace(
            sample,
            copied_tokens=found.longest,
            copied_share=found.share,
            copied_text=self._tokenizer.decode(stretch),
        )
