"""How much of a text stands word for word in a corpus: where its longest copied stretch is, and how common they are."""

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from gpt2studio.retrieval.corpus import Corpus, Span
from gpt2studio.retrieval.texts import straight

GRAM = 8
"""Tokens of the stretches whose share is told."""

_LETTER = re.compile(r"[^\W_\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""A letter or a digit of a script that sets words apart by spaces: not Thai, Lao, Burmese, Khmer, Japanese, Chinese."""

_NEAR = 2
"""So many tokens fewer than the longest stretch are still worth a look."""
_TRIED = 8
"""Stretches, and places of each, that are looked at."""


@dataclass(frozen=True, slots=True)
class Copied:
    """A stretch of a text that stands in a corpus."""

    offset: int
    """Where it begins in the text, in characters."""
    length: int
    text: str
    """The name of the corpus's text."""
    span: Span
    """Where it stands there, once of perhaps many times."""


@dataclass(frozen=True, slots=True)
class Memorisation:
    """What of some tokens stands in a corpus in the same order."""

    longest: int
    """Tokens of the longest stretch."""
    begin: int
    """Where that begins."""
    place: int
    """A place in the corpus where it stands; -1 where it has no token."""
    share: float
    """Of the text's 8-grams, those that stand in the corpus; 0 of a text of fewer tokens."""


def memorisation(corpus: Corpus, tokens: Sequence[int], gram: int = GRAM) -> Memorisation:
    """How much of *tokens* the corpus holds: its longest stretch, and the share of its grams."""
    lengths = matching_lengths(corpus, tokens)
    grams = len(tokens) - gram + 1
    if not len(lengths) or not lengths.any():
        return Memorisation(0, 0, -1, 0.0)
    begin = int(lengths.argmax())
    longest = int(lengths[begin])
    found = corpus.find(tokens[begin : begin + longest])
    share = float((lengths[:grams] >= gram).mean()) if grams > 0 else 0.0
    return Memorisation(longest, begin, int(corpus.places(found)[0]), share)


def longest_copied(corpus: Corpus, text: str, content: Callable[[int], str]) -> Copied | None:
    """The longest stretch of whole words of *text* that stands in the corpus; None where no word of it does.

    It is found in tokens, then widened by characters on both sides, and narrowed to words that are whole here and
    there; *content* gives a corpus text by number. Quotes and apostrophes count as the straight ones that the corpus
    has.
    """
    text, content = straight(text), cache(content)
    tokenizer = corpus.lexicon.tokenizer
    tokens = tokenizer.encode(text)
    lengths = matching_lengths(corpus, tokens)
    offsets = [begin for begin, _ in tokenizer.spans(tokens)]
    # What is longest in tokens need not be in characters: those that come near it are widened too.
    near = np.flatnonzero((lengths > 0) & (lengths + _NEAR >= lengths.max(initial=0))).tolist()
    stretches = (
        _widened(corpus, text, offsets[begin], int(place), content)
        for begin in near[:_TRIED]
        for place in corpus.places(corpus.find(tokens[begin : begin + int(lengths[begin])]))[:_TRIED]
    )
    return max((each for each in stretches if each.length), key=lambda stretch: stretch.length, default=None)


def _widened(corpus: Corpus, text: str, offset: int, place: int, content: Callable[[int], str]) -> Copied:
    """The stretch of words around *offset* that stands around *place* too; perhaps of none."""
    found = corpus.span(place, 0)
    there = content(found.text)
    before = _alike(text[:offset][::-1], there[: found.offset][::-1])
    begin, start = offset - before, found.offset - before
    length = _alike(text[begin:], there[start : start + len(text) - begin])
    while length and (_in_word(text, begin) or _in_word(there, start)):
        begin, start, length = begin + 1, start + 1, length - 1
    while length and (_in_word(text, begin + length) or _in_word(there, start + length)):
        length -= 1
    return Copied(begin, length, corpus.names[found.text], Span(found.text, start, length))


def _in_word(text: str, at: int) -> bool:
    """Whether this place is in the midst of a word; where none are set apart by spaces, each character is one."""
    return 0 < at < len(text) and all(_LETTER.fullmatch(each) for each in text[at - 1 : at + 1])


def matching_lengths(corpus: Corpus, tokens: Sequence[int]) -> NDArray[np.int64]:
    """For each token, how many from it on stand in the corpus in a row: (tokens,) (the matching statistics)."""
    lengths = np.zeros(len(tokens), dtype=np.int64)
    border, width = corpus.lexicon.border, corpus.lexicon.dtype.itemsize
    known = [token if 0 <= token < border else border for token in tokens]
    packed = np.array(known, dtype=corpus.lexicon.dtype).tobytes()
    begin = end = 0
    while begin < len(known):
        found = corpus.find_packed(packed[width * begin : width * end])
        while end < len(known) and known[end] != border:
            longer = corpus.extended(found, known[end])
            if not longer.count:
                break
            found, end = longer, end + 1
        # None that begins before this place goes on over the token at which the one found ends.
        after = end + 1
        if end < len(known) and known[end] != border:
            after = _first(begin + 1, end + 1, partial(_stands, corpus, packed[: width * (end + 1)], width))
        lengths[begin:after] = end - np.arange(begin, min(after, len(known)))
        begin, end = after, max(end, after)
    return lengths


def _stands(corpus: Corpus, packed: bytes, width: int, at: int) -> bool:
    """Whether the corpus has all of the tokens from this one on."""
    return corpus.find_packed(packed[width * at :]).count > 0


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The first number from *low* on for which it holds, as it does for all after it; *high* where for none below."""
    step = 1
    while (at := low + step - 1) < high:
        if holds(at):
            high = at
        else:
            low, step = at + 1, 2 * step
    return bisect_left(range(high), True, lo=low, key=holds)


def _alike(one: str, other: str) -> int:
    """How many characters two texts have in common at their beginnings."""
    length = min(len(one), len(other))
    if one[:length] == other[:length]:
        return length
    return next(at for at in range(length) if one[at] != other[at])
