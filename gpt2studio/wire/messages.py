"""What may be asked of an engine, and what it answers: one record a line.

A request carries an id that its client chose; every answer to it carries the same id. One request gets any
number of answers on the way and exactly one that closes it: the classes whose ``CLOSES`` is true.
Text is always whole characters; offsets count code points; log-probabilities are natural logarithms of the
model's own distribution, before any sampling stage, in float32. Where a request has a style, what is told is of the
mix: it takes the place of the model's own distribution in everything, ranks and alternatives too.
"""

from dataclasses import dataclass, field
from typing import ClassVar

from gpt2studio.wire.held import NOTHING, Held
from gpt2studio.wire.sampling import Sampling
from gpt2studio.wire.style import OFF, Style


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A line between processes."""

    KIND: ClassVar[str]

    id: str
    """Which request this is, or answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Message):
    """What may be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Message):
    """What is answered."""

    CLOSES: ClassVar[bool] = False


STITCH = "stitch:"
"""How the names of the stitcher's models begin."""

# --- asked -----------------------------------------------------------------------------------------------------------


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
    """``auto``, ``float32``, ``bfloat16`` or ``float16``."""
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
    guest: bool = False
    """Whether it gives way to those that are not: it costs them little time, and never takes the last places."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score(Request):
    """How likely was every token of this text? Answered by `Scored`."""

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
class Draw:
    """A place in a continuation at which a token was drawn."""

    seed: int
    candidate: int = 0
    written: tuple[int, ...] = ()
    """The tokens of the continuation before it, as they were told of."""
    stop_at_end: bool = True


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


# --- answered --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """Something to compute with."""

    name: str
    """``cpu``, ``cuda:0``, ``mps``."""
    label: str
    """For people: ``CPU, 2 threads``, ``NVIDIA H100``."""
    memory: int
    """Bytes in all; 0 where that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading(Answer):
    """The model is on its way."""

    KIND: ClassVar[str] = "loading"

    done: int
    """Bytes of weights placed so far."""
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded(Answer):
    """The model is held."""

    KIND: ClassVar[str] = "loaded"
    CLOSES: ClassVar[bool] = True

    model: str
    parameters: int
    n_positions: int
    vocabulary: int
    """How many tokens it knows."""
    end_token: int
    """The id of ``<|endoftext|>``; -1 where the vocabulary has none."""
    device: str
    dtype: str
    """The number type of the matrix products."""
    weights: int
    """Bytes the weights take in memory."""
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting(Answer):
    """Here I am."""

    KIND: ClassVar[str] = "greeting"
    CLOSES: ClassVar[bool] = True

    version: str
    backend: str
    """What computes: ``PyTorch 2.13.0``."""
    pid: int
    devices: tuple[Device, ...]
    holds: Loaded | None = None
    """The model that it holds, with what there was to say of it when it was loaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparing(Answer):
    """Texts are being made ready for a style, before anything else can be answered."""

    KIND: ClassVar[str] = "preparing"

    what: str
    """What is done now, for people: ``Reading tokens``."""
    done: int
    total: int
    """Both 0 where there is no measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Started(Answer):
    """A continuation begins: what the model sees of the text."""

    KIND: ClassVar[str] = "started"

    tokens: int
    """Tokens of the text in all."""
    window_start: int
    """The offset in the text of the first character that the model sees."""
    window_tokens: int
    """How many tokens of the text it sees."""
    reused: int
    """How many of those needed no computing."""
    single_bytes: float
    """The share of the seen text's characters beyond ASCII that the vocabulary can only spell byte by byte.

    High: the model has hardly met such a script."""
    held: int = 0
    """How many tokens of memory and note it sees beside the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """A token that could stand at a place."""

    token: int
    text: str
    """As it would be shown; bytes that are no character alone are U+FFFD."""
    logprob: float
    probability: float
    """After all sampling stages: the chance of being drawn; 0 where a stage cut it."""
    rank: int = 0
    """By the model's own distribution, 1 the likeliest; 0 where that was not asked."""
    trace: tuple[float, ...] = ()
    """Its probability after each stage of the distribution; the first 0 is of the stage that cut it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What a stage of the sampling order left over."""

    name: str
    kept: int
    """How many tokens."""
    mass: float
    """How probable those were together before the stage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """The draw that chose a token."""

    number: float
    """From 0 up to 1, made of seed, candidate and index alone."""
    index: int
    """Which draw of the candidate's it was, from 0."""
    token: int
    text: str
    low: float
    """The token's share of the running sum of all probabilities, in the order of the ids: from here,"""
    high: float
    """up to here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a token was copied from."""

    file: str
    """The name of a text in the index; empty: the text that the request gave."""
    offset: int
    """Of the first character that the token completes."""
    length: int
    """How many characters it completes: those of the token's text, where no stop text cut it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token(Answer):
    """One more token of a candidate."""

    KIND: ClassVar[str] = "token"

    candidate: int
    token: int
    text: str
    """The whole characters that this token completes: often a word, sometimes none.

    Of a token that healed a border, the part beyond what was typed."""
    logprob: float
    rank: int
    """1: the likeliest."""
    alternatives: tuple[Alternative, ...] = ()
    source: Source | None = None
    """Where it comes from, where the model copies from texts (`stitch:NAME`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended(Answer):
    """A candidate is done."""

    KIND: ClassVar[str] = "ended"

    candidate: int
    finish: str
    """``length``, ``stop``, ``end`` or ``stopped`` (by request)."""
    text: str = ""
    """What was still held back: a last part-character, as U+FFFD. It stands after the tokens' texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished(Answer):
    """A continuation is done."""

    KIND: ClassVar[str] = "finished"
    CLOSES: ClassVar[bool] = True

    tokens: int
    """Of all candidates together."""
    seconds: float
    """From the request's start to its end, the prompt included."""
    tokens_per_second: float
    """Of all candidates together, the prompt's time left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored(Answer):
    """How likely every token of a text was, from the first one asked for on. The lists are of one length."""

    KIND: ClassVar[str] = "scored"
    CLOSES: ClassVar[bool] = True

    tokens: tuple[int, ...]
    texts: tuple[str, ...]
    """They join to the text; a split character stands with its last token."""
    logprobs: tuple[float | None, ...]
    """None for the first token: nothing stands before it."""
    ranks: tuple[int | None, ...]
    perplexity: float | None
    """e to the mean surprise; None where there is nothing to score."""
    alternatives: tuple[tuple[Alternative, ...], ...] = ()
    entropies: tuple[float | None, ...] = ()
    """Of what the model expected at each place, in nats."""
    computed: int = 0
    """How many tokens the engine had to compute; the others it remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution(Answer):
    """What could come next."""

    KIND: ClassVar[str] = "distribution"
    CLOSES: ClassVar[bool] = True

    alternatives: tuple[Alternative, ...]
    """The likeliest to be drawn, first the likeliest."""
    entropy: float
    """Of the model's own distribution, or the mix, in nats."""
    kept: int
    """How many tokens the sampling stages left over."""
    stages: tuple[Stage, ...] = ()
    """Those stages of the sampling order that changed something, as they acted."""
    chosen: Alternative | None = None
    """The token that was asked for; None where it cannot stand there."""
    drawn: Drawn | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unloaded(Answer):
    """The model is let go."""

    KIND: ClassVar[str] = "unloaded"
    CLOSES: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed(Answer):
    """The request could not be done. The id is empty where the line was no request at all."""

    KIND: ClassVar[str] = "failed"
    CLOSES: ClassVar[bool] = True

    message: str
    """What happened, for a person."""
    hint: str = ""
    """What to do next."""


REQUESTS: tuple[type[Request], ...] = (Hello, Load, Continue, Score, Next, Stop, Unload)
ANSWERS: tuple[type[Answer], ...] = (
    Greeting,
    Loading,
    Loaded,
    Preparing,
    Started,
    Token,
    Ended,
    Finished,
    Scored,
    Distribution,
    Unloaded,
    Failed,
)
