"""A vocabulary as the index needs it: how to encode, what tokens spell, and a name to know it by."""

from collections.abc import Iterator
from functools import cached_property
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpt2studio.text.tokenizer import Tokenizer

PIECE = 1 << 20
"""Characters to encode at a time."""


class Lexicon:
    """One vocabulary, and a token more: the border between two texts."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        self.token_bytes = tokenizer.vocabulary.token_bytes
        self.border = len(self.token_bytes)
        """Stands after every text. No text has it, so no stretch of a text is found across it."""
        self.dtype: np.dtype[Any] = np.dtype(">u2" if self.border < 1 << 16 else ">u4")
        """Big-endian, so that stretches of tokens compare as their bytes do."""

    @cached_property
    def key(self) -> str:
        """A name that only this vocabulary has."""
        digest = blake2b(digest_size=8)
        for data in self.token_bytes:
            digest.update(b"%d " % len(data) + data)
        digest.update(np.array(list(self.tokenizer.vocabulary.merges), dtype=np.int64).tobytes())
        return digest.hexdigest()

    @cached_property
    def characters(self) -> NDArray[np.int64]:
        """How many characters begin in each token, the border's none: (vocabulary + 1,)."""
        # Of UTF-8's bytes, those of the form 10xxxxxx go on with a character; all others begin one.
        begun = [sum(byte & 0xC0 != 0x80 for byte in data) for data in self.token_bytes]
        return np.array([*begun, 0], dtype=np.int64)

    def encode(self, text: str) -> NDArray[Any]:
        """The tokens of a text of any length, without a border."""
        native = self.dtype.newbyteorder("=")
        parts = [np.array(self.tokenizer.encode(piece), dtype=native) for piece in pieces(text)]
        return np.concatenate(parts) if parts else np.empty(0, dtype=native)

    def packed(self, tokens: list[int]) -> bytes | None:
        """The tokens as the corpus holds them; None where one of them is not of this vocabulary."""
        if any(not 0 <= token < self.border for token in tokens):
            return None
        return np.array(tokens, dtype=self.dtype).tobytes()


def pieces(text: str, size: int = PIECE) -> Iterator[str]:
    """The text in pieces of about *size* characters whose tokens are those of the whole.

    They part before a newline that follows something else than white space: there a token always ends.
    """
    begin = 0
    while begin < len(text):
        end = text.find("\n", begin + size)
        while end > 0 and text[end - 1].isspace():
            end = text.find("\n", end + 1)
        end = len(text) if end < 0 else end
        yield text[begin:end]
        begin = end
