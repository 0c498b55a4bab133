"""A line between processes: what every request and every answer has."""

from dataclasses import dataclass
from typing import ClassVar


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
