"""How much a visitor may ask for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What keeps one visitor, or one mistake, from taking the machine from everybody."""

    body: int = 1 << 20
    """Bytes of a request."""
    body_seconds: float = 20.0
    """Until the last byte of a request must have come."""
    prompt: int = 200_000
    """Characters of all prompts of a request."""
    echoed: int = 100_000
    """Log-probabilities of a request's prompts, those of the likeliest tokens too, in all its continuations."""
    length: int = 2048
    """Tokens of a continuation."""
    choices: int = 16
    """Continuations of a request, of all its prompts."""
    seconds: float = 300.0
    """A continuation is ended there, keeping what came."""
    running: int = 16
    """Continuations that the engine goes on with at once."""
    waiting: int = 64
    """Requests that wait for a place."""
    waiting_each: int = 32
    """Requests of one visitor that wait for a place."""
    restart_seconds: float = 30.0
    """How long a request waits for an engine that is being started again."""
    head_seconds: float = 15.0
    """Until the first line and the headers of a request must have come."""
    stalled_seconds: float = 30.0
    """A reader that takes nothing for so long is cut off."""
    connections: int = 512
