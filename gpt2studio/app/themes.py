"""Themes: TOML files with the fields of Textual's Theme plus the studio's inks."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import Any

from textual.color import Color, ColorParseError
from textual.design import ColorSystem
from textual.theme import Theme

from gpt2studio.errors import FormatError, StudioError

DEFAULT = "dusk"
"""The theme of a studio whose person has chosen none."""

VARIABLES = (
    "ink-person",
    "ink-model",
    "mark-model",
    "outside-window",
    "chart-train",
    "chart-smooth",
    "chart-held-out",
    "surprise-1",
    "surprise-2",
    "surprise-3",
    "surprise-4",
)
"""The studio's own colours, beyond Textual's: what a person wrote and what the model wrote, the mark in the gutter
beside the latter, the text that the model no longer sees, the curves of a training run, and what words lie on that
surprised the model little or much."""

_SHADES = (0.05, 0.13, 0.22, 0.34)
"""How far each shade of surprise is from the background to the colour of warnings."""

_COLOURS = frozenset(ColorSystem.COLOR_NAMES) | {"foreground"}
_FIELDS = frozenset(field.name for field in fields(Theme))
_STYLE_WORDS = frozenset({"none", "not", "bold", "b", "dim", "italic", "i", "underline", "u", "reverse", "r", "strike"})


def load_themes(shipped: Path, own: Path) -> tuple[list[Theme], list[str]]:
    """The themes of two folders, the shipped ones first, and a sentence for each file that was left out."""
    themes: dict[str, Theme] = {}
    complaints = []
    for path in _files(shipped, own):
        try:
            theme = read_theme(path)
            if theme.name in themes:
                raise StudioError(f"there is already a theme “{theme.name}”.")
            themes[theme.name] = theme
        except StudioError as error:
            complaints.append(f"The theme {path.name} is left out: {error.message}")
    return list(themes.values()), complaints


def read_theme(path: Path) -> Theme:
    """The theme in a TOML file, with every variable of the studio; FormatError, with what is wrong, for a bad one."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:  # TOML's and UTF-8's faults are ValueErrors
        raise FormatError(f"it cannot be read ({error}).") from None
    for wanted in ("name", "primary"):
        if wanted not in data:
            raise FormatError(f"it has no {wanted}.")
    for key, value in data.items():
        _check_field(key, value)
    for key, value in data.get("variables", {}).items():
        _check_variable(key, value)
    return with_inks(Theme(**data))


def with_inks(theme: Theme) -> Theme:
    """The theme, with the studio's variables that it lacks filled in from its base colours."""
    return replace(theme, variables={**default_inks(theme), **theme.variables})


def default_inks(theme: Theme) -> dict[str, str]:
    """The studio's variables, from a theme's base colours: what a theme that was not made for the studio gets."""
    colours = theme.to_color_system().generate()
    model = colours["accent"]
    inks = {
        "ink-person": colours["foreground"],
        "ink-model": model,
        "mark-model": model,
        "chart-train": colours["primary"],
        "chart-smooth": model,
        "chart-held-out": colours["success"],
    }
    outside = _towards(colours["foreground"], colours["background"])
    # Textual's own rules read these two, and for a terminal's colours it does not make them.
    ground, ink = ("ansi_black", "ansi_white") if theme.dark else ("ansi_white", "ansi_black")
    needed = {"ansi-background": ground, "ansi-foreground": ink} if theme.ansi else {}
    shades = {
        f"surprise-{band}": _towards(colours["background"], colours["warning"], share)
        for band, share in enumerate(_SHADES, 1)
    }
    return {**inks, **needed, **shades, "outside-window": outside}


def _files(*folders: Path) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(folder.glob("*.toml"))


def _towards(colour: str, other: str, share: float = 0.5) -> str:
    """A colour on its way to another; a terminal's own colours cannot be mixed and stay."""
    here, there = Color.parse(colour), Color.parse(other)
    if here.ansi is not None or there.ansi is not None:
        return "ansi_bright_black" if share == 0.5 else colour
    return here.blend(there, share, alpha=1).hex


def _check_field(key: str, value: Any) -> None:
    """Refuse a field that a theme does not have, or a value that it cannot have."""
    if key not in _FIELDS:
        raise FormatError(f"a theme has no “{key}”.")
    if key == "variables":
        if not isinstance(value, Mapping):
            raise FormatError("[variables] must be a table.")
    elif key in ("dark", "ansi"):
        if not isinstance(value, bool):
            raise FormatError(f"“{key}” must be true or false.")
    elif key in ("luminosity_spread", "text_alpha"):
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise FormatError(f"“{key}” must be a number between 0 and 1.")
    elif not isinstance(value, str) or not value.strip():
        raise FormatError(f"“{key}” must be a word.")
    elif key in _COLOURS:
        _check_colour(key, value)


def _check_variable(key: str, value: Any) -> None:
    """Refuse a variable that nothing reads, or a value that a stylesheet could not hold."""
    if key not in VARIABLES and key not in _textual_variables():
        raise FormatError(f"there is no variable “{key}”.")
    if not isinstance(value, str):
        raise FormatError(f"the variable “{key}” must be a string.")
    if key not in VARIABLES and "style" in key:
        if not value.split() or not _STYLE_WORDS.issuperset(value.split()):
            raise FormatError(f"“{value}” is no text style for “{key}”.")
        return
    colour, _, share = value.strip().partition(" ")
    if share and not (share.endswith("%") and _is_share(share[:-1])):
        raise FormatError(f"“{value}” is no colour for “{key}”.")
    if colour not in ("auto", "transparent", "initial"):
        _check_colour(key, colour)
    elif key in VARIABLES:
        raise FormatError(f"“{value}” is no ink for “{key}”.")


def _check_colour(key: str, value: str) -> None:
    try:
        Color.parse(value)
    except ColorParseError:
        raise FormatError(f"“{value}” is no colour for “{key}”.") from None


def _is_share(text: str) -> bool:
    return text.isascii() and text.replace(".", "", 1).isdigit() and float(text) <= 100


@cache
def _textual_variables() -> frozenset[str]:
    """The variables that Textual's own widgets read."""
    rgb = ColorSystem("#000000", ansi=False).generate()
    ansi = ColorSystem("ansi_blue", ansi=True).generate()
    return frozenset(rgb) | frozenset(ansi)
