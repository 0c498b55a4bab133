"""What is told of a place in a text: the tokens that could stand there, and the draw that chose one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """A place in a continuation at which a token was drawn."""

    seed: int
    candidate: int = 0
    written: tuple[int, ...] = ()
    """The tokens of the continuation before it, as they were told of."""
    stop_at_end: bool = True


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
