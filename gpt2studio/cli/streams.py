"""The standard streams as commands need them: there, and able to take any text."""

import contextlib
import errno
import io
import os
import shutil
import sys
from pathlib import Path


def prepare() -> None:
    """Have texts pass unchanged where no terminal shows them: in UTF-8, no newline translated, whatever the locale."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started us
            setattr(sys, name, Path(os.devnull).open("r" if name == "stdin" else "w", encoding="utf-8"))  # noqa: SIM115
    if not isinstance(sys.stdout, io.TextIOWrapper):
        return
    if sys.stdout.isatty():
        sys.stdout.reconfigure(errors="replace")
    else:
        # Bytes of the command line that are no UTF-8 come out as they went in.
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape", newline="")


def abandon_output() -> None:
    """Forget what Python still holds for an output that takes no more: it must not be flushed at exit."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def reader_has_gone(error: BaseException | None) -> bool:
    """Whether nobody reads (head, say) what was written to a pipe; Windows may call that an invalid argument."""
    if isinstance(error, BrokenPipeError):
        return True
    if sys.platform != "win32" or not isinstance(error, OSError):
        return False
    return error.errno == errno.EINVAL and error.filename is None


def on_last_line(words: str = "") -> None:
    """Have these words, and no others, on the last line of standard error, where that is a terminal.

    What stood there goes under blanks: a console of Windows obeys no control codes until it is told to.
    """
    if sys.stderr.isatty():
        blank = " " * (shutil.get_terminal_size().columns - 1)
        print(f"\r{blank}\r{words}", end="", file=sys.stderr, flush=True)
