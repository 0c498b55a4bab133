"""Where GPT-2's tokenizer cuts text before it merges bytes, and where any text may be cut without changing that."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

import regex

# Contractions; words, numbers and other marks, each with the one space before it; white space, of which the last
# character is left to what follows.
_any: Final = regex.compile(r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+").findall

# The same for text whose letters, digits and spaces are all ASCII, in the standard library's engine: half the time.
_english: Final = re.compile(
    r"'(?:[sdmt]|ll|ve|re)| ?[A-Za-z]+| ?[0-9]+| ?[^\sA-Za-z0-9]+|\s+(?!\S)|\s+", re.ASCII
).findall
_beyond_english: Final = re.compile(r"[^\x00-\x7f‘’“”–—…]").search

# White space as the pattern has it; the standard library's \s has four control characters more.
_SPACE: Final = r"\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"

# White space that something follows: whether more comes before it or not, a pre-token begins there.
_border: Final = re.compile(rf"[{_SPACE}](?=[^{_SPACE}])")

# The same from the end, and the place between a word and the mark after it.
_last_border: Final = regex.compile(r"(?r)\s(?=\S)|(?<=[\p{L}\p{N}])(?=[^\s\p{L}\p{N}])")

# The last border in a text, but none before what may be a written end token, at which text is cut before all else.
_cut: Final = regex.compile(r"(?r)\s(?=[^\s<])")

_SEGMENT: Final = 1 << 13


def pre_tokens(text: str) -> list[str]:
    """The parts of the text that are merged each for itself."""
    return _any(text) if _beyond_english(text) else _english(text)


def segments(text: str) -> Iterator[str]:
    """The text in parts of some 8,000 characters that are split each for itself as the whole would be.

    What has no border for longer (a million of one letter) stays in one part.
    """
    start = 0
    while len(text) - start > _SEGMENT and (border := _border.search(text, start + _SEGMENT)):
        yield text[start : border.start()]
        start = border.start()
    yield text[start:]


def recut(pieces: Iterable[str]) -> Iterator[str]:
    """The pieces of one long text joined and cut anew, so that each can be split for itself."""
    pending: list[str] = []
    for piece in pieces:
        border = _cut.search(piece)
        if border:
            yield "".join([*pending, piece[: border.start()]])
            pending = [piece[border.start() :]]
        else:
            pending.append(piece)
    yield "".join(pending)


def chunks(segment: str) -> list[str]:
    """A segment cut before every space, which is left out, and before every run of newlines.

    So a chunk after the first stands for itself and the space before it, or for itself where it opens with a newline.
    Each can be split for itself, provided that none is empty or ends in white space. Nothing is quicker than
    str.split, and most text has no other white space than single spaces and runs of newlines.
    """
    marked = segment.replace("\n", " \n").replace("\n \n", "\n\n").replace("\n \n", "\n\n")
    return marked.split(" ")


def last_cut(text: str) -> int:
    """The last offset at which two texts can be split each for itself as the whole would be; 0 where there is none."""
    border = _cut.search(text)
    return border.start() if border else 0


def last_start(text: str) -> int:
    """The offset where the last pre-token of the text begins; 0 for an empty text."""
    border = _last_border.search(text)
    start = border.start() if border else 0
    last = pre_tokens(text[start:])[-1:]
    return len(text) - len(last[0]) if last else 0
