"""A model that is at hand, as a record: light to import, for screens that list many."""

from dataclasses import dataclass
from pathlib import Path

from gpt2studio.formats.shape import Shape
from gpt2studio.library.cards import Card
from gpt2studio.library.provenance import Provenance

SHIPPED, INSTALLED, RUN, CACHED, OLD, INDEX = (
    "shipped",
    "installed",
    "run",
    "Hugging Face cache",
    "2019 folder",
    "your texts",
)
"""Where a model can lie, in the words that people read."""

NETWORK, STITCH = "network", "stitch"
"""What a model can be: a GPT-2, or texts that are searched and stitched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledModel:
    """A model that is at hand, as far as can be told without reading its weights."""

    name: str
    path: Path
    kind: str = NETWORK
    """``network`` or ``stitch``."""
    label: str = ""
    """One line for people."""
    parameters: int = 0
    size: int = 0
    """Bytes on disk."""
    dtype: str = ""
    n_positions: int = 0
    vocab_size: int = 0
    origin: str = ""
    """``shipped``, ``installed``, ``run``, ``Hugging Face cache``, ``2019 folder`` or ``your texts``."""
    note: str = ""
    """What is wrong with it, where something is."""
    card: Card | None = None
    provenance: Provenance | None = None
    """Where it came from, where that is known."""
    memory_to_write: int = 0
    """Bytes of memory that writing with it takes, estimated; 0 where its shape is not known."""
    memory_to_train: int = 0
    """Bytes that training all of it takes, one window at a time, estimated."""
    shape: Shape | None = None
    """Of a network, where it is known."""
