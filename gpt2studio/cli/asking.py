"""Questions before what cannot be undone."""

import sys

from gpt2studio.errors import StudioError


def confirmed(words: str, question: str, yes: bool) -> bool:
    """Whether a person agrees, or has said so before (``--yes``); who ends the input says no.

    Raises StudioError, with the *words* that say what would happen, where there is nobody to ask.
    """
    if yes:
        return True
    if not sys.stdin.isatty():
        raise StudioError(words, "Say so with --yes.")
    try:
        agreed = input(f"{words} {question} [y/N] ").strip().casefold() in ("y", "yes")
    except EOFError:
        print()
        agreed = False
    if not agreed:
        print("Nothing was removed.")
    return agreed
