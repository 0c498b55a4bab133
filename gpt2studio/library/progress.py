"""How far a long piece of work on a model has come."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """What is being done, and how much of it."""

    what: str
    """In a word or two: ``model.safetensors``, ``checking``."""
    done: int
    """Bytes."""
    total: int
    """Bytes; 0 where nobody knows."""


Watch = Callable[[Progress], None]
"""Told of every step. What it raises ends the work, which leaves nothing half-done: so work is stopped."""


def unwatched(progress: Progress) -> None:
    """Watches nothing."""
