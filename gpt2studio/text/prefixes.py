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

    def beginning_with(self, prefix: bytes) -> Sequence[int]:
        """The tokens whose bytes begin with these."""
        begin = bisect_left(self._bytes, prefix)
        end = bisect_right(self._bytes, prefix, lo=begin, key=lambda token: token[: len(prefix)])
        return self._ids[begin:end]
