"""Token borders that heal: how far to back up before a text is continued."""

from typing import Final

import regex

from gpt2studio.text.tokenizer import Tokenizer
from gpt2studio.text.utf8 import sound

_MOST: Final = 4
"""Tokens to back up at most: a sentence of Chinese is one word to the tokenizer, and only its end is still open."""

_inside_a_word: Final = regex.compile(r"[\p{L}\p{M}\p{N}]").fullmatch


def split_for_healing(tokenizer: Tokenizer, text: str, *, special: bool = False) -> tuple[list[int], bytes]:
    """The tokens of the text to keep, and the bytes after them that the next tokens must reproduce.

    The bytes of both are those of the text. A last space or tab is open, and so is a word that may not be at its end;
    after a newline or a punctuation mark nothing is (``b""``). *special* as in ``Tokenizer.encode``.
    """
    if text.endswith((" ", "\t")):
        return tokenizer.encode(text[:-1], special=special), text[-1].encode()
    text = sound(text)
    if not text or not _inside_a_word(text[-1]):
        return tokenizer.encode(text, special=special), b""
    # The tokens before the word are those that they are with it: line breaks at the end of a text are cut otherwise.
    ids = tokenizer.encode(text, special=special)
    word = tokenizer.encode(text[tokenizer.word_start(text) :])
    open_tokens = min(len(word), _MOST)
    return ids[:-open_tokens], tokenizer.decode_bytes(ids[-open_tokens:])
