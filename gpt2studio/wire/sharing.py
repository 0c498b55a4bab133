"""What the app tells a server that shares its engine: one line whenever there is something else to serve."""

from dataclasses import dataclass, field
from typing import ClassVar

from gpt2studio.wire.sampling import Sampling


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What is to be served from now on."""

    KIND: ClassVar[str] = "share"

    name: str
    """What the model is called."""
    control: str = ""
    """The control file of the process that holds it; empty: nothing is served for now."""
    why: str = ""
    """Why nothing is, for visitors."""
    vocabulary: str = ""
    """The folder of its vocabulary."""
    sampling: Sampling = field(default_factory=Sampling)
    """What reads best with it."""
    token: str = ""
    """What visitors must know, so that a link outlives the server; of the first line alone."""
