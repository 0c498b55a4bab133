"""The printable characters that stand for bytes in GPT-2's vocabulary files.

Bytes that are visible characters of Latin-1 stand for themselves; the other 68 are written, in order, as the
characters from U+0100 on (a space is ``Ġ``, a newline ``Ċ``).
"""

import codecs
from typing import Final

_VISIBLE: Final = frozenset([*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)])


def _characters() -> str:
    hidden = iter(range(0x100, 0x200))
    return "".join(chr(byte if byte in _VISIBLE else next(hidden)) for byte in range(256))


ALPHABET: Final = _characters()
"""The character of every byte."""

_ENCODING: Final = codecs.charmap_build(ALPHABET)


def to_bytes(written: str) -> bytes | None:
    """The bytes that a token of a vocabulary file stands for; None where it has characters that stand for no byte."""
    try:
        return codecs.charmap_encode(written, "strict", _ENCODING)[0]
    except UnicodeEncodeError:
        return None
