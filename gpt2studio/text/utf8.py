"""UTF-8 whose characters arrive in parts, and text that is no sound Unicode."""

import codecs

_decoder = codecs.getincrementaldecoder("utf-8")


class StreamDecoder:
    """Bytes as they arrive to whole characters: half a character waits for its other half."""

    def __init__(self) -> None:
        self._decoder = _decoder("replace")

    def push(self, data: bytes) -> str:
        """The characters that *data* completes; bytes that can belong to no character are U+FFFD at once."""
        return self._decoder.decode(data)

    def finish(self) -> str:
        """What is left, a part of a character, as U+FFFD; the decoder is then as new."""
        left = self._decoder.decode(b"", final=True)
        self._decoder.reset()
        return left


def sound(text: str) -> str:
    """The text with pairs of surrogates as the character they stand for, and lone surrogates as U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
