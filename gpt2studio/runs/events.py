"""What happens in a run: one record a line of ``events.jsonl``, the same lines that ``train --json`` prints."""

import json
from dataclasses import dataclass
from typing import Any, ClassVar

from gpt2studio.errors import WireError
from gpt2studio.wire.lines import build, to_plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened in a run."""

    NAME: ClassVar[str]

    time: float
    """Seconds since 1970."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Started(Event):
    """A trainer has taken the run up; every launch has one."""

    NAME: ClassVar[str] = "started"

    version: str
    pid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding(Event):
    """The texts are being turned into tokens."""

    NAME: ClassVar[str] = "encoding"

    done: int
    """Bytes of text so far."""
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared(Event):
    """The texts are tokens, and the recipe is settled."""

    NAME: ClassVar[str] = "data"

    documents: int
    tokens: int
    """To train on."""
    held_out_tokens: int
    windows: int
    """How many windows the training tokens make."""
    window: int
    """Tokens a window."""
    digest: str
    """Tells one set of tokens from another."""
    duplicates: int = 0
    """Documents that are word for word like one before."""
    overlap: float = 0.0
    """The share of the held-out text that stands word for word in the training text as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device(Event):
    """What computes, and what is trained."""

    NAME: ClassVar[str] = "device"

    device: str
    """``cpu``, ``cuda:0``."""
    label: str
    """For people: ``CPU, 2 threads``, ``NVIDIA H100``."""
    memory: int
    """Bytes that it has; 0 where that is not known."""
    dtype: str
    """The number type of the matrix products."""
    processes: int
    parameters: int
    trained: int
    """How many of the parameters change."""
    steps: int
    """At which step the run ends, if nothing ends it before."""
    tokens_per_step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stepped(Event):
    """The optimizer took a step."""

    NAME: ClassVar[str] = "step"

    step: int
    loss: float
    """Mean cross-entropy of the step's tokens, in nats, before the step."""
    lr: float
    grad_norm: float | None
    """Before clipping; None where 16-bit gradients overflowed and the step was left out."""
    tokens_per_second: float
    memory: int = 0
    """Bytes that the trainer holds."""
    load: float | None = None
    """How busy the GPU is, from 0 to 1; None where that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut(Event):
    """The loss on the held-out text was measured."""

    NAME: ClassVar[str] = "held_out"

    step: int
    held_out_loss: float
    spread: float | None = None
    """The standard error of that mean over windows; None for a single window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled(Event):
    """The model as it stands went on from a fixed prompt."""

    NAME: ClassVar[str] = "sample"

    step: int
    number: int
    """Which of the samples of this step, from 0; the same number has the same prompt and seed along the run."""
    prompt: str
    seed: int
    text: str
    """The continuation alone."""
    finish: str
    copied_tokens: int | None = None
    """Tokens of the longest stretch of the text that stands word for word in the training texts; None: not measured."""
    copied_share: float | None = None
    """The share of the text's stretches of eight tokens that stand there, from 0 to 1; None: not measured."""
    copied_text: str = ""
    """The longest stretch itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved(Event):
    """A checkpoint is in its place."""

    NAME: ClassVar[str] = "checkpoint"

    step: int
    path: str
    """Relative to the run."""
    bytes: int
    seconds: float
    best: bool = False
    """Whether its held-out loss is the lowest so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed(Event):
    """The run goes on from this step: later steps logged before this line were lost with the process."""

    NAME: ClassVar[str] = "resumed"

    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused(Event):
    """The trainer waits, weights in memory."""

    NAME: ClassVar[str] = "paused"

    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WentOn(Event):
    """The pause is over."""

    NAME: ClassVar[str] = "went_on"

    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RateChanged(Event):
    """A person changed the learning rate; the schedule's shape stays."""

    NAME: ClassVar[str] = "learning_rate"

    step: int
    learning_rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted(Event):
    """Something that a person should know, and that ends nothing."""

    NAME: ClassVar[str] = "note"

    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed(Event):
    """A fault that ends the run; its last checkpoint is whole. A `Finished` follows."""

    NAME: ClassVar[str] = "failed"

    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished(Event):
    """The trainer is at its end."""

    NAME: ClassVar[str] = "finished"

    step: int
    loss: float | None
    """Of the last step; None where there was none."""
    reason: str
    """One of `COMPLETE`, or ``stopped``, ``interrupted``, ``diverged``, ``disk full``, ``failed``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed(Event):
    """What two steps took: a measured answer to what the run will take."""

    NAME: ClassVar[str] = "probe"

    seconds_per_step: float
    memory: int
    """Bytes at the peak."""
    checkpoint: int
    """Bytes of one checkpoint."""
    micro_batch: int
    """Windows computed at once; below the batch size where more did not fit."""
    checkpointing: bool
    """Whether activations are computed again to make it fit."""


COMPLETE = ("steps", "time", "early stop")
"""The reasons for which a run is over for good: a resume has nothing to add."""

EVENTS: tuple[type[Event], ...] = (
    Started,
    Encoding,
    Prepared,
    Device,
    Stepped,
    HeldOut,
    Sampled,
    Saved,
    Resumed,
    Paused,
    WentOn,
    RateChanged,
    Noted,
    Failed,
    Finished,
    Probed,
)
_BY_NAME = {event.NAME: event for event in EVENTS}


def to_line(event: Event) -> bytes:
    """The event as one line of ASCII JSON, newline included."""
    return json.dumps(to_json(event), separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n"


def to_json(event: Event) -> dict[str, Any]:
    """The event as plain JSON values, its name first."""
    return {"event": event.NAME, **to_plain(event)}


def from_line(line: bytes) -> Event | None:
    """The event that a line holds; None for a newer program's event, and for a line that a crash has garbled."""
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return None
    kind = _BY_NAME.get(str(data.get("event"))) if isinstance(data, dict) else None
    if kind is None:
        return None
    try:
        event: Event = build(kind, data)
    except WireError:
        return None
    return event
