"""The dial from faithful to wild: how long to copy, at which seams to leave, and what a new place must have."""

from dataclasses import dataclass

from gpt2studio.retrieval.stitcher.places import Wanted, Weighing
from gpt2studio.retrieval.stitcher.seams import Seam

FAITHFUL, WILD = 90.0, 5.0
"""Words after which a seam is surely taken, at either end of the dial."""

_PHRASES, _WORDS = 0.2, 0.6
"""Where on the dial phrases, and then words, begin to be seams."""


@dataclass(frozen=True, slots=True)
class Dial:
    """Where the dial stands."""

    wildness: float
    """0: faithful. 1: wild."""

    def leaving(self, seam: Seam, words: int) -> float:
        """The chance of going on from another place at this seam, after so many words from the present one."""
        if seam is Seam.NONE or (seam is Seam.PHRASE and self.wildness < _PHRASES):
            return 0.0
        if seam is Seam.WORD and self.wildness < _WORDS:
            return 0.0
        enough: float = FAITHFUL * (WILD / FAITHFUL) ** self.wildness
        return min(1.0, words / enough) ** 2

    def wanted(self, seam: Seam) -> Wanted:
        """What a place to go on from at this seam must have.

        The wilder, the less it matters where it is.
        """
        weighing = Weighing(
            match=5.0 - 2.5 * self.wildness, topic=6.0 - 2.0 * self.wildness, same_text=3.0 * (1 - self.wildness)
        )
        return Wanted(self._least(seam), may_break=seam is Seam.SENTENCE, weighing=weighing)

    def _least(self, seam: Seam) -> int:
        if seam >= Seam.SENTENCE:
            return 2 if self.wildness < _PHRASES else 1
        return 3 if seam is Seam.WORD or self.wildness < _WORDS else 2
