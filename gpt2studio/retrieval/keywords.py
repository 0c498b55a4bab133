"""Keywords: the words of a text that tell what it is about, as against the words of all texts."""

from collections import Counter
from math import log

from gpt2studio.retrieval.passages import Passages, words

_COMMON = 0.03
"""A word in more than this share of the passages says nothing of a single one."""


def keywords(text: str, passages: Passages, limit: int = 12) -> list[str]:
    """The words of *text* that are rare in the passages, the weightiest first.

    Of scripts without spaces, whose characters are the search's words, pairs of characters are taken.
    """
    weights: Counter[str] = Counter()
    last = ""
    for word in words(text):
        if not _alone(word):
            weights[word] += 1
        elif _alone(last):
            weights[last + word] += 1
        last = word
    weighed = {word: times * _rarity(word, passages) for word, times in weights.items()}
    kept = [word for word, weight in weighed.items() if weight > 0]
    return sorted(kept, key=lambda word: (-weighed[word], word))[:limit]


def _rarity(word: str, passages: Passages) -> float:
    """The logarithm of how rare the word is (inverse document frequency); 0 for a common or an unknown one."""
    most = max(_COMMON * len(passages), 3)
    if _alone(word[0]):
        counts = [passages.documents(character) for character in word]
        # A pair has at most as many passages as the rarer of its characters.
        return 0.0 if 0 in counts else log(1 + len(passages) / min(counts))
    count = passages.documents(word)
    return log(len(passages) / count) if 0 < count <= most and len(word) > 1 else 0.0


def _alone(word: str) -> bool:
    """Whether this is a character of a script that writes no spaces."""
    return len(word) == 1 and word > "\u0e00" and word.isalpha()
