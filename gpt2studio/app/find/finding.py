"""Finding in a text, by words or by a regular expression, and what is to stand in place of what was found."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gpt2studio.errors import UsageError
from gpt2studio.stories.splice import Piece, Pieces, by_person, joined

if TYPE_CHECKING:
    import regex

PATIENCE = 2.0
"""Seconds after which a search is given up: some patterns take for ever on some texts."""
_NEAR = 200
"""Characters between two finds that are still changed as one."""

Span = tuple[int, int]
"""Where something starts, and where it ends."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for."""

    text: str
    pattern: bool = False
    """Whether it is a regular expression."""
    case: bool = False
    """Whether capital letters are other letters."""


@dataclass(frozen=True, slots=True)
class Replacing:
    """Some characters of a text, and what is to stand in their place."""

    at: int
    removed: int
    text: str


class Finds:
    """Everything that was found, from the start of the text to its end."""

    def __init__(self, spans: Sequence[Span] = ()) -> None:
        self.spans = spans
        self._starts = [start for start, _ in spans]
        self.current = -1
        """Which one is looked at; -1: none."""

    def __len__(self) -> int:
        return len(self.spans)

    def from_place(self, place: int) -> int:
        """The first that starts at a place or after it, else the first of all; -1 where there is none."""
        return bisect_left(self._starts, place) % len(self.spans) if self.spans else -1

    def between(self, low: int, high: int) -> Iterator[tuple[int, int, bool]]:
        """Those that have characters between two places: where, and whether it is the one that is looked at."""
        index = max(0, bisect_right(self._starts, low) - 1)
        while index < len(self.spans) and self.spans[index][0] < high:
            start, end = self.spans[index]
            if end > low and end > start:
                yield start, end, index == self.current
            index += 1

    def until(self, place: int) -> "Finds":
        """Those that end before a place: what comes after it has moved."""
        kept = Finds([span for span in self.spans if span[1] < place])
        kept.current = self.current if self.current < len(kept) else -1
        return kept


def find(wanted: Wanted, text: str) -> Finds:
    """All places of a text where it stands. Raises UsageError where the pattern cannot be used."""
    if not wanted.text:
        return Finds()
    matches = compiled(wanted).finditer(text, timeout=PATIENCE, concurrent=True)
    try:
        return Finds([match.span() for match in matches])
    except TimeoutError:
        raise _too_slow() from None


def replacements(wanted: Wanted, text: str, put: str, only: int | None = None) -> list[Replacing]:
    """What makes the text have *put* wherever it has what is wanted, or at the find of that number alone.

    In a regular expression's replacement $1, ${name} and \\1 stand for groups, $0 for all that was found, \\n and \\t
    for a line's end and a tab, $$ and \\\\ for themselves. Raises UsageError where it cannot be used.
    """
    pattern = compiled(wanted)
    put_for = expansion(put, pattern) if wanted.pattern else lambda match: put
    row = []
    try:
        for index, match in enumerate(pattern.finditer(text, timeout=PATIENCE, concurrent=True)):
            if only is None or index == only:
                row.append(Replacing(match.start(), match.end() - match.start(), put_for(match)))
    except TimeoutError:
        raise _too_slow() from None
    return row


def gathered(changes: Sequence[Replacing], pieces: Callable[[int, int], Pieces]) -> list[tuple[int, int, Pieces]]:
    """The same as fewer changes, the last first: what stands between two that are near keeps its ink.

    *pieces* gives the text between two places. Of each change: where, how many characters go, what comes.
    """
    rows: list[tuple[int, int, list[Piece]]] = []
    for change in changes:
        at, removed, row = rows[-1] if rows else (0, 0, [])
        if rows and change.at - (at + removed) < _NEAR:
            row += pieces(at + removed, change.at)
            rows[-1] = at, change.at + change.removed - at, row
        else:
            row = []
            rows.append((change.at, change.removed, row))
        row += by_person(change.text)
    return [(at, removed, joined(row)) for at, removed, row in reversed(rows)]


def compiled(wanted: Wanted) -> "regex.Pattern[str]":
    """The pattern. Raises UsageError, with what is wrong with it and where."""
    import regex  # here: most sessions look for nothing

    flags = regex.MULTILINE | (0 if wanted.case else regex.IGNORECASE)
    try:
        return regex.compile(wanted.text if wanted.pattern else regex.escape(wanted.text), flags)
    except regex.error as error:
        where = f" at character {error.pos + 1}" if error.pos is not None else ""
        raise UsageError(f"{error.msg}{where}", "Correct the pattern, or look for it as plain words.") from None
    except (OverflowError, RecursionError, ValueError):
        raise UsageError("the pattern is too large", "Look for less at once.") from None


def expansion(put: str, pattern: "regex.Pattern[str]") -> Callable[[Any], str]:
    """From a match to what stands in its place. Raises UsageError for a group that the pattern does not have."""
    import regex

    token = regex.compile(
        r"\$(?:(?P<number>\d\d?)|\{(?P<name>\w+)\}|(?P<all>&)|(?P<dollar>\$))"
        r"|\\(?:(?P<back>\d\d?)|g<(?P<named>\w+)>|(?P<sign>[nt\\$]))"
    )
    parts: list[str | int] = []
    at = 0
    for match in token.finditer(put):
        parts.append(put[at : match.start()])
        at = match.end()
        group = match["number"] or match["name"] or match["back"] or match["named"]
        if group is not None:
            parts.append(_group(group, pattern))
        elif match["all"]:
            parts.append(0)
        else:
            parts.append({"n": "\n", "t": "\t", "\\": "\\", "$": "$", None: "$"}[match["sign"]])
    parts.append(put[at:])
    return lambda found: "".join([part if isinstance(part, str) else found[part] or "" for part in parts])


def _group(name: str, pattern: "regex.Pattern[str]") -> int:
    """The number of a group of the pattern."""
    number = int(name) if name.isdecimal() else pattern.groupindex.get(name)
    if number is None or number > pattern.groups:
        has = f"{pattern.groups} of them" if pattern.groups else "none"
        raise UsageError(f"there is no group {name}", f"The pattern has {has}: brackets make one. $$ is a dollar sign.")
    return number


def _too_slow() -> UsageError:
    return UsageError(
        "this pattern takes too long on this text", "Simplify it: repeats within repeats are the usual cause."
    )
