"""Programs that the studio starts beside itself, as commands."""

import sys


def own(module: str, *arguments: str) -> tuple[str, ...]:
    """The command that runs this module, one of the studio's own or a library's, with the Python that runs this.

    Nothing is imported from the folder that a person happens to be in (``-P``): a ``random.py`` there is theirs.
    """
    return (sys.executable, "-P", "-m", module, *arguments)
