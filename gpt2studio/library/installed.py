"""A model that is at hand, as a record: light to import, for screens that list many."""

from dataclasses import dataclass
from pathlib import Path

from gpt2studio.library.cards import Card


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledModel:
    """A model that is at hand, as far as can be told without reading its weights."""

    name: str
    path: Path
    label: str = ""
    """One line for people."""
    parameters: int = 0
    size: int = 0
    """Bytes on disk."""
    dtype: str = ""
    n_positions: int = 0
    vocab_size: int = 0
    origin: str = ""
    """``shipped``, ``installed``, ``Hugging Face cache`` or ``2019 folder``."""
    note: str = ""
    """What is wrong with it, where something is."""
    card: Card | None = None
