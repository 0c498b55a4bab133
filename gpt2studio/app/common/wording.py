"""Counts, sizes, times and stray characters as people read them."""

import unicodedata
from collections.abc import Iterable

from rich.cells import cell_len

_SIGNS = {" ": "·", "\n": "⏎", "\r": "␍", "\t": "⇥"}
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"}
"""Categories of characters that a terminal does not show, or obeys."""


def count(number: int) -> str:
    """A whole number with its thousands apart: ``1,024``."""
    return f"{number:,}"


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun: ``1 word``, ``231 words``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def magnitude(number: int) -> str:
    """A large count in three digits at most, as models are named: ``7.1M``, ``124M``, ``1.56B``."""
    for unit, sign in ((1_000_000_000, "B"), (1_000_000, "M"), (1_000, "K")):
        if number >= unit * 0.9995:
            share = number / unit
            digits = 0 if share >= 99.95 else 2 if sign == "B" and share < 9.995 else 1
            figure = f"{share:.{digits}f}"
            return (figure.rstrip("0").rstrip(".") if digits else figure) + sign
    return str(number)


def size(octets: int) -> str:
    """Bytes in the decimal units that disks and downloads are sold in: ``14.2 MB``."""
    amount = float(octets)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 999.5:
            return f"{octets} {unit}" if unit == "bytes" else f"{_three_digits(amount)} {unit}"
        amount /= 1000
    return f"{_three_digits(amount)} TB"


def duration(seconds: float) -> str:
    """A stretch of time in its two largest units: ``0.4 s``, ``12 s``, ``3 min 20 s``, ``2 h 5 min``, ``3 d 4 h``."""
    if seconds < 9.95:
        return f"{max(0.0, seconds):.1f} s"
    whole = round(seconds)
    for large, sign, small, small_sign in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= large:
            rest = whole % large // small
            return f"{whole // large} {sign} {rest} {small_sign}" if rest else f"{whole // large} {sign}"
    return f"{whole} s"


def ago(seconds: float) -> str:
    """How long since: ``just now``, ``3 minutes ago``, ``yesterday``, ``5 days ago``."""
    whole = round(seconds)
    if whole < 60:
        return "just now"
    if whole < 3600:
        return f"{counted(whole // 60, 'minute')} ago"
    if whole < 86400:
        return f"{counted(whole // 3600, 'hour')} ago"
    days = whole // 86400
    return "yesterday" if days == 1 else f"{counted(days, 'day')} ago"


def speed(tokens_per_second: float) -> str:
    """How fast a model writes: ``3.2 tokens/s``, ``57 tokens/s``."""
    return f"{_three_digits(tokens_per_second) if tokens_per_second < 9.95 else f'{tokens_per_second:,.0f}'} tokens/s"


def percent(share: float) -> str:
    """A share of one: ``23%``, ``2.3%``, ``<0.1%``; ``100%`` for the whole alone, ``0%`` for nothing alone."""
    if share <= 0:
        return "0%"
    if share < 0.001:
        return "<0.1%"
    if share < 0.0995:
        return f"{share * 100:.1f}%"
    return ">99%" if 0.995 <= share < 1 else f"{share * 100:.0f}%"


def visible(text: str) -> str:
    """A token as one can see it: spaces and line ends as signs, hidden characters by their number.

    No character of the result is a control, a format mark or a blank; each takes the cells that it says it takes.
    """
    shown = "".join(_sign(character) for character in text)
    return "◌" + shown if shown and unicodedata.combining(shown[0]) else shown


def clipped(text: str, cells: int) -> str:
    """The text in so many terminal cells at most, an ellipsis in place of what is cut."""
    if cell_len(text) <= cells:
        return text
    if cells <= 1:
        return "…"[: max(0, cells)]
    kept = text[: cells - 1]
    while cell_len(kept) > cells - 1:
        kept = kept[:-1]
    return kept + "…"


def fitting(sayings: Iterable[str], cells: int) -> str:
    """The first of these that takes no more terminal cells, the longest standing first; empty where none does."""
    return next((each for each in sayings if cell_len(each) <= cells), "")


def _sign(character: str) -> str:
    if sign := _SIGNS.get(character):
        return sign
    if unicodedata.category(character) not in _HIDDEN:
        return character
    return f"‹{ord(character):X}›"


def _three_digits(amount: float) -> str:
    return (
        f"{amount:.1f}" if amount < 9.95 else f"{amount:.0f}" if amount >= 99.5 else f"{amount:.1f}".removesuffix(".0")
    )
