"""The tokens of a vocabulary by the bytes they begin with."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from gpt2studio.text.vocabulary import Vocabulary


class PrefixIndex:
    """A vocabulary's tokens in the order of their bytes, the end token left out."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        tokens = vocabulary.token_bytes
        self._ids = sorted(
            (token for token, data in enumerate(tokens) if data and token != vocabulary.end_token),
            key=tokens.__getitem__,
        )
        self._bytes = [tokens[token] for token in self._ids]

    def compatible(self, typed: bytes) -> Sequence[int]:
        """The tokens that can come next where *typed* must be reproduced.

        Those that begin with it; and, where it is no token itself, the longest token that it begins with, first, which
        leaves a rest for the tokens after it. Other short ones are left out though they would fit: how likely such a
        piece is says little of how likely the whole is (“ se” is likely for the sake of all words that begin so,
        and “The sea” would go on as “The seast”). Never empty for a vocabulary that has a token for every byte.
        """
        longer = self._between(typed, len(typed), exact=False)
        for length in range(len(typed), 0, -1):
            if longest := self._between(typed[:length], length, exact=True):
                return tuple(longer if length == len(typed) else longest + longer)
        return tuple(longer)

    def beginning_with(self, prefix: bytes) -> Sequence[int]:
        """The tokens whose bytes begin with these."""
        return self._between(prefix, len(prefix), exact=False)

    def _between(self, prefix: bytes, length: int, *, exact: bool) -> list[int]:
        start = bisect_left(self._bytes, prefix)
        if exact:
            return self._ids[start : bisect_right(self._bytes, prefix, lo=start)]
        return self._ids[start : bisect_right(self._bytes, prefix, lo=start, key=lambda token: token[:length])]
