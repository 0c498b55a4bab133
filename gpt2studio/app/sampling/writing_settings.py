"""How the model goes on: the settings of one continuation, as the person has them now."""

from dataclasses import dataclass, field

from gpt2studio.wire.sampling import Sampling
from gpt2studio.wire.style import OFF, Style


@dataclass(frozen=True, slots=True)
class WritingSettings:
    """What is asked of the model when the person asks it to go on."""

    sampling: Sampling = field(default_factory=Sampling)
    length: int = 64
    """At most this many tokens; 0: until the model itself ends the text."""
    seed: int | None = None
    """What the random draws follow; None: a fresh one each time."""
    pace: float = 60.0
    """At most this many tokens a second appear; 0: as they come."""
    style: Style = OFF
    """Texts of the person's that have a say beside the model."""
    candidates: int = 3
    """How many continuations there are to choose among, from 2 to 9."""
