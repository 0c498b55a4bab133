"""What a person asks of the writer, and how far that has come."""

from dataclasses import dataclass
from enum import StrEnum

from gpt2studio.app.sampling.writing_settings import WritingSettings
from gpt2studio.wire.messages import Preparing, Started


class Doing(StrEnum):
    """What the model is at."""

    IDLE = "idle"
    WAITING = "waiting"
    READING = "reading"
    WRITING = "writing"


@dataclass(frozen=True, slots=True)
class Order:
    """What the person has asked for."""

    at: int
    """Where the text goes on; what stands before is the prompt."""
    settings: WritingSettings
    retry_of: int | None = None
    """The continuation in whose place another is wanted."""
    single: bool = False
    """Whether one token is wanted, and not a whole continuation."""
    token: int | None = None
    """Which token, where the person has chosen it."""
    candidates: int = 1
    """How many continuations; several grow beside the text, for the person to choose among."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the model is."""

    doing: Doing = Doing.IDLE
    finish: str = ""
    """How the last continuation ended."""
    tokens: int = 0
    words: int = 0
    """Of the continuation so far as it is in the story, about."""
    speed: float = 0.0
    """Real tokens a second, whatever the pace."""
    seen: Started | None = None
    """What the model saw of the text."""
    preparing: Preparing | None = None
    """How far the texts of the style are, where they are made ready first."""
