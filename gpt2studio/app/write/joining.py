"""How words join the manuscript: a line from the prompt line, in prose or in a script, and words put in between."""

import re
import unicodedata

_SPEECH = re.compile(r"[ \t]*(?P<name>[^\W\d_a-z][\w.'’-]*(?:[ \t][^\W\d_a-z][\w.'’-]*){0,3})[ \t]*:(?=\s|$)")
"""The beginning of a speech: a name of one to four capitalised words, and a colon."""

_CLINGS = tuple(",.;:!?…)]}’”'\"")
"""What stands against the word before it."""

_LOOKED_AT = 2000
"""Characters at the text's end that say whether it is a script."""


def joined(before: str, line: str) -> str:
    """What to add after *before* so that *line* stands there as a person would have typed it."""
    if not line or not before or before[-1].isspace():
        return line
    lines = [each for each in before[-_LOOKED_AT:].split("\n") if each.strip()]
    if _is_script(lines, line):
        return _gap(before) + line
    if line[0].isspace() or _clings(line) or (_without_spaces(before[-1]) and _without_spaces(line[0])):
        return line
    return " " + line


def parting(before: str, written: str, after: str) -> str:
    """What to add to words *written* between two parts of a text so that they do not run into what follows."""
    if not written or not after or written[-1].isspace() or after[0].isspace():
        return ""
    within_a_word = before[-1:].isalnum() and after[0].isalnum() and not _without_spaces(after[0])
    if within_a_word or _clings(after) or (_without_spaces(written[-1]) and _without_spaces(after[0])):
        return ""
    return " "


def _is_script(lines: list[str], line: str) -> bool:
    """Whether the text's last lines are speeches: of a name in capitals, or of more names than one line could have."""
    last = _SPEECH.match(lines[-1])
    if last is None:
        return False
    if last["name"].isupper() or _SPEECH.match(line):
        return True
    return sum(_SPEECH.match(each) is not None for each in lines[-4:]) >= 2


def _gap(before: str) -> str:
    """The line ends that stand between speeches: a blank line where the text has had one."""
    last_line = before.rfind("\n")
    return "\n\n" if last_line > 0 and before[last_line - 1] == "\n" else "\n"


def _clings(line: str) -> bool:
    """Whether the line goes on in the middle of a sentence: punctuation first, but no opening quotation mark."""
    if line[0] in "'\"":
        return len(line) > 1 and line[1].isspace()
    return line.startswith(_CLINGS) and not line.startswith(("...", "…"))


def _without_spaces(character: str) -> bool:
    """Whether the character is of a script that puts no spaces between words: Chinese or Japanese."""
    return unicodedata.east_asian_width(character) in "WF" and not unicodedata.name(character, "").startswith("HANGUL")
