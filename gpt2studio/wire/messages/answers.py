"""What an engine answers."""

from dataclasses import dataclass
from typing import ClassVar

from gpt2studio.wire.messages.message import Answer
from gpt2studio.wire.messages.places import Alternative, Drawn, Source, Stage


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
class PartScored(Answer):
    """So much of a text is scored. It is said after every piece: by it the engine finds out that nobody listens."""

    KIND: ClassVar[str] = "part_scored"

    done: int
    """Tokens, of those asked for."""
    total: int


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
    unforeseen: bool = False
    """Whether nobody foresaw it: the message has words of the system, which are for the person at the machine alone."""


ANSWERS: tuple[type[Answer], ...] = (
    Greeting,
    Loading,
    Loaded,
    Preparing,
    Started,
    Token,
    Ended,
    Finished,
    PartScored,
    Scored,
    Distribution,
    Unloaded,
    Failed,
)
"""All kinds; a new one is listed here too."""
