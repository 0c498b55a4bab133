"""Texts given on the command line: bytes read as UTF-8, unchanged."""

import sys
from pathlib import Path

from gpt2studio.errors import FormatError, NotFoundError


def read_text(name: str) -> str:
    """The text of a file, or of standard input for ``-``: no newline translated, no BOM removed."""
    if name == "-":
        return decoded(sys.stdin.buffer.read(), "standard input")
    return read_file(Path(name))


def read_file(path: Path) -> str:
    """The text of a file, unchanged."""
    try:
        return decoded(path.read_bytes(), str(path))
    except FileNotFoundError:
        raise NotFoundError(f"There is no file {path}.", "Give the path of a text file, or - to read a pipe.") from None
    except IsADirectoryError:
        raise FormatError(f"{path} is a folder, not a text file.", "Give one file of it.") from None
    except OSError as error:
        raise FormatError(f"{path} cannot be read: {error.strerror}.", "Check its permissions.") from None


def decoded(data: bytes, name: str) -> str:
    """UTF-8 bytes as text; a bad byte is named with its place."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FormatError(
            f"{name} is not UTF-8: byte 0x{data[error.start]:02x} at position {error.start}, line {line}.",
            "Save it as UTF-8, or convert it: iconv -f latin1 -t utf-8 FILE",
        ) from None
