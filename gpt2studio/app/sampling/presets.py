"""Sampling presets: those that ship, and a person's own TOML files."""

import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

from gpt2studio.errors import StudioError
from gpt2studio.wire.lines import build
from gpt2studio.wire.sampling import PRESETS, Sampling

_KEYS = frozenset(field.name for field in fields(Sampling))


def load_presets(own: Path) -> tuple[dict[str, Sampling], list[str]]:
    """All presets by name, the shipped ones first, and a sentence for each file of the folder that was skipped.

    A file has the fields of `Sampling`, each with its default where it is left out, and may have a ``name``; else
    the file's name is the preset's.
    """
    presets, complaints = dict(PRESETS), []
    for path in sorted(own.glob("*.toml")):
        try:
            name, sampling = _read(path)
            if name in presets:
                raise StudioError(f"there is already a preset “{name}”.")
            presets[name] = sampling
        except StudioError as error:
            complaints.append(f"The preset {path.name} is left out: {error.message}")
    return presets, complaints


def name_of(sampling: Sampling, presets: Mapping[str, Sampling]) -> str | None:
    """The name of the preset that these settings are; None where they are none."""
    return next((name for name, preset in presets.items() if preset == sampling), None)


def _read(path: Path) -> tuple[str, Sampling]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:  # TOML's and UTF-8's faults are ValueErrors
        raise StudioError(f"it cannot be read ({error}).") from None
    name = data.pop("name", path.stem)
    if not isinstance(name, str) or not name.strip():
        raise StudioError("its name is no text.")
    if unknown := sorted(data.keys() - _KEYS):
        raise StudioError(f"there is no sampling parameter “{unknown[0]}”.")
    sampling: Sampling = build(Sampling, data)
    return name, sampling
