"""Where a model came from: its ``studio.json``."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gpt2studio.errors import StudioError, WireError
from gpt2studio.files import write_whole
from gpt2studio.wire.lines import build, to_plain

FILE = "studio.json"
"""The name of the record in a model's folder."""

_LARGEST = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a model came from; what a checkpoint of a run says of itself is a part of it."""

    origin: str = ""
    """``hub:REPOSITORY``, ``openai:URL`` or ``import:PATH``."""
    revision: str = ""
    """The commit on the hub."""
    licence: str = ""
    created: float = 0.0
    """When it came here or was made, in seconds since 1970."""
    parent: str = ""
    """The name by which the model that it was made from was called."""
    parent_sha256: str = ""
    run: str = ""
    step: int = 0
    data: str = ""
    """The digest of the tokens that it learned from."""
    held_out_loss: float | None = None
    sha256: str = ""
    """Of its one file of weights; empty where there are several."""
    files: Mapping[str, str] = field(default_factory=dict)
    """The sha256 of every file, by name."""
    former_names: tuple[str, ...] = ()
    """Names that it had here before, by which others may still call it their parent."""
    note: str = ""
    """A person's own words about it."""


def read_provenance(folder: Path) -> Provenance | None:
    """The record in a model's folder; None where there is none that can be read."""
    path = folder / FILE
    try:
        if path.stat().st_size > _LARGEST:
            return None
        known: Provenance = build(Provenance, json.loads(path.read_bytes()))
    except (OSError, ValueError, RecursionError, WireError):
        return None
    return known


def write_provenance(folder: Path, provenance: Provenance) -> None:
    """Put the record into a model's folder; what else stands in one that is there stays."""
    path = folder / FILE
    try:
        before = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        before = {}
    values = (before if isinstance(before, dict) else {}) | to_plain(provenance)
    try:
        write_whole(path, json.dumps(values, indent=1, ensure_ascii=False).encode() + b"\n")
    except OSError as error:
        raise StudioError(f"{path} cannot be written: {error.strerror}.", "Check the folder's permissions.") from None


def sha256_of(path: Path, advance: Callable[[int], None] = lambda octets: None) -> str:
    """The sha256 of a file; *advance* is told of every stretch of bytes that is read."""
    hasher = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 22):
            hasher.update(piece)
            advance(len(piece))
    return hasher.hexdigest()
