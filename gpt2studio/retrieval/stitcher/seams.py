"""Seams: where a text may go on from another place without a reader stumbling."""

from enum import IntEnum

import regex


class Seam(IntEnum):
    """How good a seam is."""

    NONE = 0
    WORD = 1
    PHRASE = 2
    SENTENCE = 3
    PARAGRAPH = 4


_CLOSING = "\"')]}»”’」』）】》"
_SENTENCE_ENDS = tuple(".!?…。！？")
_PHRASE_ENDS = tuple(",;:—–，；：、")
_not_an_end = regex.compile(
    r"(?:^|[\s(\"'])(?:\p{Lu}|Mr|Mrs|Ms|Dr|St|Messrs|Prof|Capt|Col|Gen|Rev|etc|No|vs|\d+)\.$"
).search
_unspaced = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}。！？，；：、…]").match


def seam(before: str, after: str) -> Seam:
    """What stands between *before*, the end of a text, and *after*, what would come next."""
    if not before or before.endswith("\n"):
        return Seam.NONE if after.startswith("\n") else Seam.PARAGRAPH
    unspaced = _unspaced(before[-1]) is not None
    if not after or not (after[0].isspace() or (unspaced and after[0] not in _CLOSING)):
        return Seam.NONE
    open_end = before.rstrip(_CLOSING)
    if open_end.endswith(_SENTENCE_ENDS) and not _not_an_end(open_end):
        # “No!” said the king: the sentence goes on.
        return Seam.PHRASE if after.lstrip(" ")[:1].islower() else Seam.SENTENCE
    if open_end.endswith(_PHRASE_ENDS) or before.endswith("--"):
        return Seam.PHRASE
    return Seam.NONE if before[-1].isspace() else Seam.WORD


def begins_word(text: str) -> bool:
    """Whether a word begins with this piece of a text; where no spaces are written, with each character."""
    return text[:1].isspace() or _unspaced(text) is not None


def inside_quotes(paragraph: str) -> bool:
    """Whether speech in straight double quotes is open at the end of a paragraph's beginning."""
    return paragraph.count('"') % 2 == 1
