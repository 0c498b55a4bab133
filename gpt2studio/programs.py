"""Programs that the studio starts beside itself, as commands."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

APART: dict[str, Any] = {"process_group": 0}
if sys.platform == "win32":
    APART = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
"""What has a process started in a group of its own: Ctrl+C in the terminal is the front end's to understand then."""

_NICE = 10
"""How far work in the background comes after what a person waits for."""

_AUTOGROUP = Path("/proc/self/autogroup")
"""Where Linux shares the processors out by sessions, niceness counts within one alone; this counts between them."""


def own(module: str, *arguments: str) -> tuple[str, ...]:
    """The command that runs this module, one of the studio's own or a library's, with the Python that runs this.

    Nothing is imported from the folder that a person happens to be in (``-P``): a ``random.py`` there is theirs.
    """
    return (sys.executable, "-P", "-m", module, *arguments)


def give_way() -> None:
    """Have whoever writes come first: this process works with what they leave, which is all while nobody writes."""
    if sys.platform == "win32":
        return
    with contextlib.suppress(OSError):
        os.nice(_NICE)
        if os.getsid(0) == os.getpid():  # else it would be the person's own session
            _AUTOGROUP.write_text(f"{_NICE}")
