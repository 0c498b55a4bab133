"""The person's settings: a TOML file that the studio reads and never writes."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

DTYPES = ("auto", "float32", "bfloat16", "float16", "int8")
"""The number types that can be asked for."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person can set once for good; every field has a default that works."""

    model: str = ""
    """A model's name or path; empty: the one that was used last, else the one that ships."""
    theme: str = ""
    """A theme's name; empty: the one chosen last in the palette, else the studio's own."""
    pace: int = 60
    """At most this many tokens appear a second; 0: as they come."""
    length: int = 64
    """How many tokens a continuation has at most; 0: until the model ends by itself."""
    dtype: str = "auto"
    """``auto``, ``float32``, ``bfloat16``, ``float16`` or ``int8``."""
    device: str = "auto"
    """``auto``, ``cpu``, ``cuda``, ``cuda:1``, ``mps``."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Command to keys, as ``ctrl+j,f5``."""


def read_settings(path: Path) -> tuple[Settings, list[str]]:
    """The settings in this file, and a sentence, with file and line, for each thing in it that cannot be used.

    What is missing or cannot be used has its default. No file: all defaults, and nothing to complain about.
    """
    try:
        source = path.read_bytes().decode("utf-8-sig")
        table = tomllib.loads(source)
    except FileNotFoundError:
        return Settings(), []
    except OSError as error:
        return Settings(), [f"{path} cannot be read: {error.strerror}. The defaults are used."]
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return Settings(), [f"{path}, line {line}: this is not UTF-8 text. The defaults are used."]
    except tomllib.TOMLDecodeError as error:
        return Settings(), [f"{path}, {_where(error, source)} The defaults are used."]
    reading = _Reading(path, source)
    return reading.settings(table), reading.complaints


def where(path: Path, name: str) -> str:
    """File and line of a setting that is read well and yet means nothing: for a fault that only others can see."""
    try:
        lines = path.read_bytes().decode("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        lines = []
    return f"{path}, line {_line(lines, name)}"


def _line(lines: list[str], name: str) -> int:
    """The number of the line that has this setting, or this table."""
    pattern = re.compile(rf"""\s*(\[\s*)?["']?{re.escape(name)}["']?\s*[\]=.]""")
    return next((number for number, text in enumerate(lines, 1) if pattern.match(text)), 1)


def _where(error: tomllib.TOMLDecodeError, source: str) -> str:
    """What is wrong with the TOML, its line first."""
    told = re.fullmatch(r"(.*) \(at line (\d+), column \d+\)", str(error))
    message, line = told.groups() if told else (str(error), str(source.count("\n") + 1))
    return f"line {line}: {message.removesuffix(' (at end of document)')}."


class _Reading:
    """One file as it is read, with what could not be used."""

    def __init__(self, path: Path, source: str) -> None:
        self._path = path
        self._lines = source.splitlines()
        self.complaints: list[str] = []

    def settings(self, table: Mapping[str, Any]) -> Settings:
        known = {each.name for each in fields(Settings)}
        values: dict[str, Any] = {}
        for name, value in table.items():
            if name not in known:
                self._complain(name, f"there is no setting “{name}”")
            elif name == "keys":
                values[name] = self._keys(value)
            elif wanted := _refusal(name, value):
                default = getattr(Settings(), name)
                self._complain(name, f"“{name}” must be {wanted}; {default!r} is used")
            else:
                values[name] = value
        return Settings(**values)

    def _keys(self, value: object) -> dict[str, str]:
        if not isinstance(value, dict):
            self._complain("keys", '“keys” must be a table: [keys], then lines such as continue = "ctrl+j,f5"')
            return {}
        keys: dict[str, str] = {}
        for command, each in value.items():
            parts = each if isinstance(each, list) else [each]
            if all(isinstance(part, str) for part in parts):
                keys[command] = ",".join(key.strip() for part in parts for key in part.split(",") if key.strip())
            else:
                self._complain(command, f'the keys of “{command}” must be a string such as "ctrl+j,f5"')
        return keys

    def _complain(self, name: str, what: str) -> None:
        self.complaints.append(f"{self._path}, line {_line(self._lines, name)}: {what}.")


def _refusal(name: str, value: object) -> str:
    """What the setting must be, where *value* is not that; else nothing."""
    if name in ("pace", "length"):
        good = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 100_000
        return "" if good else "a whole number, 0 or more"
    if not isinstance(value, str):
        return "a string"
    if name == "dtype" and value not in DTYPES:
        return "one of " + ", ".join(DTYPES)
    return ""
