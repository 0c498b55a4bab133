"""Characters that a terminal would obey instead of show, each in the shape of one visible character."""

import re

_OBEYED = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Controls (the tab apart), line and paragraph separators, changes of writing direction, halves of surrogate pairs."""

_NAMED = {"\x7f": "␡", "\u2028": "␤", "\u2029": "¶"}


def shown(line: str) -> str:
    """The line as it can be put on screen, with exactly as many characters.

    A carriage return at its end, left by another system's line ends, is shown as nothing but a space.
    """
    if not _OBEYED.search(line):
        return line
    if line.endswith("\r"):
        return shown(line[:-1]) + " "
    return _OBEYED.sub(_picture, line)


def typed(text: str) -> str:
    """Pasted text as it may enter a story: line ends as one newline each, terminal codes left out."""
    return _OBEYED.sub(
        lambda match: "\n" if match[0] in "\n\u2028\u2029\x85" else "",
        text.replace("\r\n", "\n").replace("\r", "\n"),
    )


def _picture(match: re.Match[str]) -> str:
    character = match[0]
    if character < " ":
        return chr(0x2400 + ord(character))
    return _NAMED.get(character, "\ufffd")
