"""Small corpora, in which the same stretches come again and again."""

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from gpt2studio.retrieval.corpus import Corpus
from gpt2studio.retrieval.lexicon import Lexicon

Texts = Sequence[Sequence[int]]

tokens = st.lists(st.integers(0, 3), max_size=40)
texts = st.lists(tokens, min_size=1, max_size=4)


def corpus_of(texts: Texts, lexicon: Lexicon) -> Corpus:
    """A corpus of texts that are tokens already."""
    return Corpus.of_tokens(
        [(str(number), np.array(text, dtype=np.uint16)) for number, text in enumerate(texts)], lexicon
    )


def places_of(stretch: Sequence[int], texts: Texts) -> list[int]:
    """Where a stretch stands in the texts, one place after another, a border after each text."""
    found, before = [], 0
    for text in texts:
        found += [
            before + at
            for at in range(len(text) - len(stretch) + 1)
            if list(text[at : at + len(stretch)]) == list(stretch)
        ]
        before += len(text) + 1
    return found


def following(stretch: Sequence[int], texts: Texts) -> list[int]:
    """What comes after a stretch in the texts, each time."""
    joined: list[int | None] = []
    for text in texts:
        joined += [*text, None]
    after = [joined[place + len(stretch)] for place in places_of(stretch, texts)]
    return sorted(token for token in after if token is not None)
