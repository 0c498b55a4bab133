"""What may be asked of an engine."""

from dataclasses import dataclass, field
from typing import ClassVar

from gpt2studio.wire.held import NOTHING, Held
from gpt2studio.wire.messages.message import Request
from gpt2studio.wire.messages.places import Draw
from gpt2studio.wire.sampling import Sampling
from gpt2studio.wire.style import OFF, Style

STITCH = "stitch:"
"""How the names of the stitcher's models begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello(Request):
    """Who are you, and what can you compute with? Answered by `Greeting`."""

    KIND: ClassVar[str] = "hello"


@dataclass(frozen=True, slots=True, kw_only=True)
class Load(Request):
    """Hold this model, in place of the one held now. Answered by `Loading`s, then `Loaded`."""

    KIND: ClassVar[str] = "load"

    model: str
    """An absolute path: a model directory, or a checkpoint in any format that can be read; of the stitcher,
    `STITCH` and an index's name."""
    dtype: str = "auto"
    """``auto``, ``float32``, ``bfloat16``, ``float16`` or ``int8``."""
    device: str = "auto"
    """``auto``, ``cpu``, ``cuda``, ``cuda:1``, ``mps``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Continue(Request):
    """Go on from this text. Answered by `Started`, `Token`s, an `Ended` a candidate, then `Finished`."""

    KIND: ClassVar[str] = "continue"

    text: str = ""
    """What stands before; empty: from the end token, as the model begins a document."""
    sampling: Sampling = field(default_factory=Sampling)
    seed: int = 0
    candidates: int = 1
    """How many continuations, all of one prompt, computed together."""
    first_candidate: int = 0
    """The number of the first: candidate n draws the same whatever the batch it stands in."""
    length: int = 64
    """At most this many tokens a candidate; 0: until the end token or a stop text."""
    stop: tuple[str, ...] = ()
    """Texts at which a candidate ends; the text itself is not part of it."""
    stop_at_end: bool = True
    """Whether the end token ends a candidate; if not, it cannot be drawn."""
    special: bool = False
    """Whether ``<|endoftext|>`` in the text is the end token; else it is plain text."""
    heal: bool = True
    """Whether token borders heal at the end of the text."""
    alternatives: int = 0
    """How many of the likeliest tokens to tell with each token."""
    held: Held = NOTHING
    """Text that the model reads beside this one."""
    style: Style = OFF
    """Texts to mix in. Answered by `Preparing`s first, where they are new to the model's vocabulary."""
    pace: float = 0.0
    """Tokens a second that somebody reads: no more are computed, but a few ahead; 0: as fast as can be."""
    guest: bool = False
    """Whether it gives way to those that are not: it costs them little time, and never takes the last places."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score(Request):
    """How likely was every token of this text? Answered by `PartScored`s, then `Scored`."""

    KIND: ClassVar[str] = "score"

    text: str = ""
    special: bool = False
    alternatives: int = 0
    tokens: tuple[int, ...] = ()
    """The text as tokens, in place of `text`."""
    first: int = 0
    """The first token to tell of; those before it are only what the model has read."""
    background: bool = False
    """Whether it waits while texts are gone on with."""
    style: Style = OFF
    """Texts to mix in; never the text itself, which would be no news to itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Next(Request):
    """What could come next after this text? Answered by `Distribution`."""

    KIND: ClassVar[str] = "next"

    text: str = ""
    sampling: Sampling = field(default_factory=Sampling)
    alternatives: int = 10
    special: bool = False
    heal: bool = True
    held: Held = NOTHING
    style: Style = OFF
    tokens: tuple[int, ...] = ()
    """What stands before as tokens, in place of `text`; then nothing heals."""
    stages: bool = False
    """Whether to tell what each stage of the sampling order left over."""
    token: int | None = None
    """A token to tell of, however unlikely it is."""
    draw: Draw | None = None
    """Of which draw of a continuation to tell; `text` is what that went on from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop(Request):
    """End that request within a token, keeping what came; answered by that request's own closing line alone.

    A stop for a request that is unknown or already closed is no error and is not answered.
    """

    KIND: ClassVar[str] = "stop"

    request: str
    """The id of the request to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unload(Request):
    """Let go of the model and its memory. Answered by `Unloaded`."""

    KIND: ClassVar[str] = "unload"


REQUESTS: tuple[type[Request], ...] = (Hello, Load, Continue, Score, Next, Stop, Unload)
"""All kinds; a new one is listed here too."""
