"""A text as the tokens of one model, each with how likely it was: kept through edits, scored again from them on."""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from gpt2studio.errors import EngineError
from gpt2studio.text.tokenizer import Tokenizer
from gpt2studio.wire.held import NOTHING, Held
from gpt2studio.wire.messages import Scored

_PIECE = 256
"""Tokens that are asked for at once: an edit, or a continuation, waits for no more."""
_STRETCH = 20_000
"""Characters that are read before the rest of the program gets its turn."""

UNKNOWN = 0
"""The band of what has not been scored."""
BANDS = 4


class Measure(StrEnum):
    """What the map shows of each token."""

    PROBABILITY = "probability"
    RANK = "rank"
    ENTROPY = "entropy"


LIMITS = {
    Measure.PROBABILITY: (-math.log(0.1), -math.log(0.01), -math.log(0.001)),
    Measure.RANK: (10.0, 100.0, 1000.0),
    Measure.ENTROPY: (2 * math.log(2), 4 * math.log(2), 6 * math.log(2)),
}
"""The upper ends of the first bands: in nats of surprise, as GLTR's ranks (Gehrmann et al. 2019), in nats."""

WORDS = {
    Measure.PROBABILITY: ("≥10%", "≥1%", "≥0.1%", "less"),
    Measure.RANK: ("top 10", "100", "1000", "beyond"),
    Measure.ENTROPY: ("<2 bits", "<4", "<6", "more"),
}
"""The bands in words, the least surprising first."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Tokens to score next, and what the model reads before them."""

    start: int
    """The first token of the window."""
    first: int
    """The first token that is to be scored."""
    end: int


@dataclass(frozen=True, slots=True)
class _Note:
    """The note as it stands in a text."""

    at: int = 0
    """Before which token."""
    ids: tuple[int, ...] = ()


class ScoredText:
    """The tokens of a text and what is known of each. Places are offsets in code points.

    What is *held* beside the text is read before its tokens as it is when the model goes on from the text's end: the
    memory at the start of every window, the note before the token that holds its place.
    """

    def __init__(self, tokenizer: Tokenizer, n_positions: int, held: Held = NOTHING) -> None:
        """Raises EngineError where what is held leaves less than half of the positions to the text."""
        self.text = ""
        self._tokenizer = tokenizer
        self._positions = n_positions
        self._held = held
        self._opening = tuple(tokenizer.encode(held.opening))
        self._note = _Note()
        # With a line break before it, which it may need or not: the windows must not depend on that.
        longest_note = tokenizer.count("\n" + held.inset("")[1]) if held.note else 0
        self._room = n_positions - len(self._opening) - longest_note
        if 2 * self._room < n_positions:
            raise EngineError(
                f"Memory and note leave the text {self._room:,} of {n_positions:,} tokens: there is no map.",
                "Shorten them to half of the window at most.",
            )
        self._ids = np.empty(0, dtype=np.int32)
        self._ends = np.empty(0, dtype=np.int64)
        self._known = np.empty(0, dtype=bool)
        self._surprise = np.empty((3, 0), dtype=np.float32)  # nats, rank, entropy

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def ids(self) -> NDArray[np.int32]:
        """The tokens."""
        return self._ids

    @property
    def ends(self) -> NDArray[np.int64]:
        """Where each token ends in the text; it begins where the one before ends."""
        return self._ends

    @property
    def starts(self) -> NDArray[np.int64]:
        """Where each token begins."""
        return np.concatenate((np.zeros(1, dtype=np.int64), self._ends[:-1]))[: len(self._ends)]

    @property
    def known(self) -> int:
        """How many tokens need no scoring."""
        return int(self._known.sum())

    # --- the text ----------------------------------------------------------------------------------------------------

    def become(self, text: str) -> "ScoredText":
        """This text instead: what is known of tokens before the first change stays, the rest is to be scored."""
        old = self.text
        if text == old:
            return self
        head = _common(old, text)
        start = _border_before(text, head)
        tail = _common(old[head:][::-1], text[head:][::-1])
        old_end, end = _border_after(old, text, tail)
        a, b = self._ended_by(start), self._ended_by(old_end)
        ids, ends = self._read(text, start, end)
        alike = a + _alike(self._ids[a:b], ids)
        new = ScoredText(self._tokenizer, self._positions, self._held)
        new.text = text
        new._ids = np.concatenate((self._ids[:a], ids, self._ids[b:]))
        new._ends = np.concatenate((self._ends[:a], ends, self._ends[b:] + (len(text) - len(old))))
        middle = _resized(self._surprise[:, a:b], len(ids))
        new._surprise = np.concatenate((self._surprise[:, :a], middle, self._surprise[:, b:]), axis=1)
        # Everything after the change is to be scored again, since what the model reads before it is another text.
        new._known = np.concatenate((self._known[:alike], np.zeros(len(new._ends) - alike, dtype=bool)))
        new._place_note(self._note)
        if not new.before(0):
            new._known[:1] = True  # nothing stands before the first
            new._surprise[:, :1] = np.nan
        return new

    def _place_note(self, old: _Note) -> None:
        """Put the note where it belongs now; what is read with it otherwise than before is to be scored again."""
        if not self._held.note:
            return
        place, words = self._held.inset(self.text)
        self._note = _Note(self._ended_by(place), tuple(self._tokenizer.encode(words)))
        if self._note != old:
            self._known[min(self._note.at, old.at) :] = False

    def _read(self, text: str, start: int, end: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """The tokens between two borders, and where they end."""
        ids: list[int] = []
        ends: list[int] = []
        while start < end:
            stop = min(start + _STRETCH, end)
            stop = _border_before(text, stop, start) if stop < end else stop
            stop = stop if stop > start else end
            found = self._tokenizer.encode(text[start:stop])
            ids += found
            ends += [start + last for _, last in self._tokenizer.spans(found)]
            start = stop
        return np.array(ids, dtype=np.int32), np.array(ends, dtype=np.int64)

    # --- scoring -----------------------------------------------------------------------------------------------------

    def wanted(self, start: int = 0, end: int | None = None) -> Wanted | None:
        """The next tokens to score between two places; None where all are known.

        The windows are those in which the engine scores a whole text.
        """
        low, high = self.between(start, len(self.text) if end is None else end)
        missing = np.flatnonzero(~self._known[low:high])
        if not len(missing):
            return None
        first = low + int(missing[0])
        start = self._window_of(first)
        end = min(start + self._room, first + _PIECE, high)
        return Wanted(start, first, min(end, self._note.at) if first < self._note.at else end)

    def _window_of(self, token: int) -> int:
        """The first token of the window in which this one is scored."""
        half = max(self._room // 2, 1)
        return 0 if token < self._room else ((token - self._room) // half + 1) * half

    def before(self, token: int) -> list[int]:
        """All that the model reads before a token, what is held among it."""
        start, note = self._window_of(token), self._note
        if not start <= note.at <= token:
            return [*self._opening, *self._ids[start:token].tolist()]
        text = self._ids[start : note.at].tolist(), self._ids[note.at : token].tolist()
        return [*self._opening, *text[0], *note.ids, *text[1]]

    def take(self, wanted: Wanted, scored: Scored) -> None:
        """What the model said of those tokens."""
        here = slice(wanted.first, wanted.first + len(scored.logprobs))
        rows = scored.logprobs, scored.ranks, scored.entropies
        for row, values in enumerate(rows):
            self._surprise[row, here] = np.array([np.nan if each is None else each for each in values])
        self._surprise[0, here] *= -1
        self._known[here] = True

    # --- asked -------------------------------------------------------------------------------------------------------

    def count(self, text: str) -> int:
        """How many tokens another text has."""
        return self._tokenizer.count(text)

    def token_at(self, place: int) -> int:
        """The token that holds the character at a place, which must be in the text."""
        return self._ended_by(place) if place else int(np.flatnonzero(self._ends > 0)[0])

    def between(self, start: int, end: int) -> tuple[int, int]:
        """The first token that reaches beyond *start*, and the first that begins at *end* or later."""
        low = self._ended_by(start)
        return low, max(low, min(int(np.searchsorted(self._ends, end, side="left")) + 1, len(self._ids)))

    def _ended_by(self, place: int) -> int:
        """How many tokens end by a place. One that only begins the first character ends where the text begins."""
        return int(np.searchsorted(self._ends, place, side="right")) if place > 0 else 0

    def bands(self, measure: Measure) -> NDArray[np.uint8]:
        """The band of each token, 1 the least surprising; what is to be scored again keeps the one it had."""
        values = self._surprise[list(Measure).index(measure)]
        found = np.searchsorted(np.array(LIMITS[measure], dtype=np.float32), values, side="left") + 1
        return np.where(np.isnan(values), UNKNOWN, found).astype(np.uint8)

    def values(self, token: int) -> tuple[float | None, int | None, float | None]:
        """Log-probability, rank and entropy of a token, where they are known."""
        nats, rank, entropy = self._surprise[:, token].tolist()
        if not self._known[token] or math.isnan(nats):
            return None, None, None
        return -nats, int(rank), entropy

    def perplexity(self, start: int, end: int) -> float | None:
        """e to the mean surprise of the tokens that end between two places; None unless all of them are known."""
        low, high = self._ended_by(start), self._ended_by(end)
        if not self._known[low:high].all():
            return None
        nats = self._surprise[0, low:high]
        nats = nats[~np.isnan(nats)]
        return float(np.exp(nats.mean(dtype=np.float64))) if len(nats) else None


def _common(one: str, other: str) -> int:
    """How many characters both begin with."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _is_border(text: str, at: int) -> bool:
    """Whether the text on each side of a place has the tokens that it has in the whole.

    No pre-token of GPT-2's holds something else than white space and then white space.
    """
    return text[at] in " \n" and not text[at - 1].isspace()


def _border_before(text: str, at: int, least: int = 0) -> int:
    """The last border before *at* that the text up to *at* shows; *least* where there is none."""
    place = at - 1
    while place > least:
        if _is_border(text, place):
            return place
        place -= 1
    return least


def _border_after(old: str, new: str, tail: int) -> tuple[int, int]:
    """The first border within the last *tail* characters, which two texts share: its place in each."""
    place = len(new) - tail + 1
    while place < len(new) and not _is_border(new, place):
        place += 1
    place = min(place, len(new))
    return len(old) - (len(new) - place), place


def _alike(old: NDArray[np.int32], new: NDArray[np.int32]) -> int:
    """How many tokens both begin with."""
    length = min(len(old), len(new))
    apart = np.flatnonzero(old[:length] != new[:length])
    return int(apart[0]) if len(apart) else length


def _resized(values: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    """The columns, as many as are wanted: what there are too few of is unknown."""
    missing = np.full((len(values), max(0, length - values.shape[1])), np.nan, dtype=np.float32)
    return np.concatenate((values[:, :length], missing), axis=1)
