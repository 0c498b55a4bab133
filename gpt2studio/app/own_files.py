"""What a person keeps beside the stories, keys, presets and themes, and what of that cannot be used."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from textual.theme import BUILTIN_THEMES, Theme

from gpt2studio.app.keys import chosen_keys
from gpt2studio.app.sampling.presets import load_presets
from gpt2studio.app.themes import DEFAULT, load_themes
from gpt2studio.paths import Places, shipped
from gpt2studio.settings import Settings, where
from gpt2studio.wire.sampling import Sampling


@dataclass(frozen=True, slots=True)
class OwnFiles:
    """What was found, what ships with the studio included."""

    keys: Mapping[str, str]
    """The person's keys, by command."""
    presets: Mapping[str, Sampling]
    themes: tuple[Theme, ...]
    """The shipped ones first; Textual's own are not among them."""
    faults: tuple[str, ...]
    """A sentence for each thing that cannot be used, or is not as it looks."""


def read_own_files(here: Places, settings: Settings) -> OwnFiles:
    """Read them all; none that is faulty keeps another from being used."""
    keys, strange = chosen_keys(settings.keys)
    presets, of_presets = load_presets(here.presets)
    themes, of_themes = load_themes(shipped("themes"), here.themes)
    of_settings = [f"{where(here.settings, name)}: {fault}." for name, fault in strange.items()]
    if settings.theme and not is_theme(settings.theme, themes):
        of_settings.append(f"{where(here.settings, 'theme')}: {no_theme(settings.theme, themes)}.")
    return OwnFiles(keys, presets, tuple(themes), (*of_presets, *of_settings, *of_themes))


def is_theme(name: str, themes: Iterable[Theme]) -> bool:
    """Whether one can be worn that is called so, Textual's own among them."""
    return name in BUILTIN_THEMES or any(theme.name == name for theme in themes)


def no_theme(name: str, themes: Iterable[Theme]) -> str:
    """A clause for a theme that is gone, or never was."""
    return f"there is no theme “{name}”; {DEFAULT} is used. There are: {', '.join(theme.name for theme in themes)}"
