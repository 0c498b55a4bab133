"""A file's bytes in place: memory-mapped, or read as JSON where it is small."""

import json
import mmap
import traceback
from pathlib import Path
from typing import Any

from gpt2studio.errors import FormatError, NotFoundError

AGAIN = "Download or copy it again."
SAFETENSORS = "Get the model as safetensors."
USUAL_TYPES = "Get the model in float32, float16 or bfloat16."

_LARGEST_SMALL = 64 << 20

_MISTAKEN = (
    (b"version https://git-lfs", "is a Git LFS pointer, not the file itself", "Run “git lfs pull” where it came from."),
    (b"<!doctype", "is a web page, not a model's file", AGAIN),
    (b"<html", "is a web page, not a model's file", AGAIN),
    (b"<?xml", "is a server's error page, not a model's file", AGAIN),
    (b"gguf", "is a GGUF file, which cannot be opened", SAFETENSORS),
    (b"\x89hdf\r\n", "is a Keras file, which cannot be opened", SAFETENSORS),
)


def map_file(path: Path) -> memoryview:
    """The file's bytes, read-only, as the system pages them in; they stay open as long as a view of them lives.

    Raises NotFoundError or FormatError where there is no such file, it is empty, or plainly something else.
    """
    try:
        with path.open("rb") as file:
            if file.seek(0, 2) == 0:
                raise FormatError(f"{path} is empty.", AGAIN)
            view = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except OSError as error:
        raise _unreadable(path, error) from None
    refuse_mistaken(path, bytes(view[:64]))
    return view


def let_go(error: BaseException) -> None:
    """Have the functions that this fault ended let go of the files that they mapped: Windows removes no file in use.

    A fault remembers what they knew, and so keeps the files open.
    """
    fault: BaseException | None = error
    while fault is not None:
        traceback.clear_frames(fault.__traceback__)
        fault = fault.__cause__ or fault.__context__


def read_small(path: Path) -> bytes:
    """The bytes of one of a model's small files. Raises NotFoundError or FormatError where they cannot be had."""
    try:
        if path.stat().st_size > _LARGEST_SMALL:
            raise FormatError(f"{path} is too large to be what its name says.", AGAIN)
        data = path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from None
    refuse_mistaken(path, data[:64])
    return data


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in the file. Raises NotFoundError or FormatError where there is none."""
    data = read_small(path)
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        raise FormatError(f"{path} is damaged: it is not JSON.", AGAIN) from None
    if not isinstance(value, dict):
        raise FormatError(f"{path} is damaged: it is not a JSON object.", AGAIN)
    return value


def refuse_mistaken(path: Path, start: bytes) -> None:
    """Raise FormatError where a file's first bytes are of something commonly taken for a model's file."""
    start = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for signature, what, hint in _MISTAKEN:
        if start.startswith(signature):
            raise FormatError(f"{path} {what}.", hint)


def _unreadable(path: Path, error: OSError) -> FormatError | NotFoundError:
    if isinstance(error, FileNotFoundError):
        return NotFoundError(f"There is no file {path}.", "Check the path, or get the model again.")
    return FormatError(f"{path} cannot be read: {error.strerror or error}.", "Check the file and its permissions.")
