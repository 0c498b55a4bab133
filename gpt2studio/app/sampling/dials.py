"""The dials of the sampling panel: what each turns, where it stands, and what a turn makes of the settings."""

import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, fields, replace
from typing import Any

from gpt2studio.app.sampling.writing_settings import WritingSettings
from gpt2studio.errors import StudioError
from gpt2studio.wire.sampling import Sampling

FRESH = -1.0
"""Where the seed's dial stands when each continuation takes a fresh seed."""
LARGEST_SEED = 2**63 - 1
LEAP = 4
"""How many stops a large step takes."""


@dataclass(frozen=True, slots=True)
class Dial:
    """One number of the settings, with the values at which a turn of the dial stops."""

    field: str
    label: str
    stops: tuple[float, ...]
    """From the left end of the bar to its right end; not always from small to large, where 0 stands for no limit."""
    neutral: float
    """Where it changes nothing, or what it is set back to."""
    about: str
    """What it does, in one sentence."""
    stage: str = ""
    """Its stage in the sampling order."""
    digits: int = 2
    """After the decimal point; 0: whole numbers."""
    rest: str = "off"
    """What is shown at the neutral value; empty: the number."""
    unlimited: bool = False
    """Whether 0 stands for no limit, at the right end of the bar."""

    def value(self, settings: WritingSettings) -> float:
        """Where the dial stands; FRESH for a seed that is not pinned."""
        home = settings.sampling if self.field in _IN_SAMPLING else settings
        value: float | None = getattr(home, self.field)
        return FRESH if value is None else value

    def set(self, settings: WritingSettings, value: float) -> WritingSettings:
        """The settings with this one changed; StudioError, with what is allowed, where the value means nothing."""
        if self.digits == 0:
            value = int(value)
        if self.field in _IN_SAMPLING:
            change: dict[str, Any] = {self.field: value}
            return replace(settings, sampling=replace(settings.sampling, **change))
        low, high = _BOUNDS[self.field]
        if not low <= value <= high:
            allowed = f"between {low:,.0f} and {high:,.0f}" if high < LARGEST_SEED else f"{max(low, 0):,.0f} or more"
            raise StudioError(f"That {self.label} cannot be used.", f"Give a {self.label} {allowed}.")
        changed: dict[str, Any] = {self.field: None if self.field == "seed" and value == FRESH else value}
        return replace(settings, **changed)

    def reset(self, settings: WritingSettings) -> WritingSettings:
        """The settings with this one at its neutral value."""
        return self.set(settings, self.neutral)

    def turned(self, settings: WritingSettings, steps: int) -> WritingSettings:
        """The settings with the dial so many stops further right, or left; at an end it stays."""
        value = self.value(settings)
        if self.field == "seed":
            return self.set(settings, min(max(value + steps, FRESH), LARGEST_SEED))
        places = [self._place(stop) for stop in self.stops]
        place = self._place(value)
        if steps > 0:
            index = min(bisect_right(places, place) + steps - 1, len(places) - 1)
            return settings if place >= places[-1] else self.set(settings, self.stops[index])
        index = max(bisect_left(places, place) + steps, 0)
        return settings if place <= places[0] else self.set(settings, self.stops[index])

    def typed(self, settings: WritingSettings, text: str) -> WritingSettings:
        """The settings with the number that a person typed; StudioError, with what is allowed, for anything else."""
        number = text.strip().replace(",", ".")
        try:
            value = int(number) if self.digits == 0 else float(number)
        except ValueError:
            kind = "a whole number" if self.digits == 0 else "a number"
            raise StudioError(f"“{text}” is not {kind}.", f"Type {kind} for {self.label}.") from None
        if not abs(value) <= LARGEST_SEED or (self.field == "seed" and value < 0):  # also refuses not-a-number
            raise StudioError(f"That {self.label} cannot be used.", f"Give a {self.label} of 0 or more.")
        return self.set(settings, value)

    def share(self, settings: WritingSettings) -> float:
        """How far along its bar the dial stands, from 0 to 1."""
        places = [self._place(stop) for stop in self.stops]
        place = self._place(self.value(settings))
        right = bisect_left(places, place)
        if right == 0 or len(places) == 1:
            return 0.0
        if right == len(places):
            return 1.0
        low, high = places[right - 1], places[right]
        within = float(place == high) if math.isinf(high) else (place - low) / (high - low)
        return (right - 1 + within) / (len(places) - 1)

    def at(self, settings: WritingSettings, share: float) -> WritingSettings:
        """The settings with the dial at the stop nearest to this share of the bar."""
        last = len(self.stops) - 1
        return self.set(settings, self.stops[min(max(round(share * last), 0), last)])

    def is_neutral(self, settings: WritingSettings) -> bool:
        """Whether the dial, as it stands, changes nothing."""
        if self.field == "penalty_range":
            sampling = settings.sampling
            return (sampling.repetition_penalty, sampling.presence_penalty, sampling.frequency_penalty) == (1, 0, 0)
        return self.value(settings) == self.neutral

    def shown(self, settings: WritingSettings) -> str:
        """The value as people read it."""
        value = self.value(settings)
        if value == self.neutral and self.rest:
            return self.rest
        if self.unlimited and value == 0:
            return "∞"
        if self.digits == 0:
            return str(int(value))
        exact = f"{value:.{self.digits}f}"
        return exact if math.isclose(float(exact), value, abs_tol=1e-9) else f"{value:.4g}"

    def _place(self, value: float) -> float:
        return math.inf if self.unlimited and value == 0 else value


def _steps(low: float, high: float, step: float) -> tuple[float, ...]:
    return tuple(round(low + step * index, 6) for index in range(round((high - low) / step) + 1))


_PENALTIES = _steps(-2, 2, 0.1)
_TOKENS = (8.0, 16.0, 24.0, 32.0, 48.0, 64.0, 96.0, 128.0, 192.0, 256.0, 384.0, 512.0, 768.0, 1024.0)

DIALS = (
    Dial(
        "temperature",
        "temperature",
        _steps(0, 2, 0.05),
        1.0,
        "Low is plain, high is bold. 0 takes the likeliest token always.",
        stage="temperature",
        rest="",
    ),
    Dial(
        "top_k",
        "top-k",
        (1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 40, 50, 60, 80, 100, 150, 200, 300, 500, 1000, 0),
        0,
        "Draws among the k likeliest tokens.",
        stage="top_k",
        digits=0,
        unlimited=True,
    ),
    Dial(
        "top_p",
        "top-p",
        (0.01, *_steps(0.05, 0.95, 0.05), 0.98, 0.99, 1.0),
        1.0,
        "Draws among the likeliest tokens that together reach p.",
        stage="top_p",
    ),
    Dial(
        "min_p",
        "min-p",
        (0.0, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 1.0),
        0.0,
        "Drops tokens less likely than this share of the likeliest.",
        stage="min_p",
    ),
    Dial(
        "typical_p",
        "typical-p",
        (*_steps(0.05, 0.95, 0.05), 0.98, 0.99, 1.0),
        1.0,
        "Draws among tokens about as surprising as expected.",
        stage="typical",
    ),
    Dial(
        "repetition_penalty",
        "repetition",
        _steps(0.8, 2, 0.05),
        1.0,
        "Above 1, tokens already seen become less likely.",
        stage="repetition",
    ),
    Dial(
        "presence_penalty",
        "presence",
        _PENALTIES,
        0.0,
        "Takes this off the score of every token already seen.",
        stage="presence",
    ),
    Dial(
        "frequency_penalty",
        "frequency",
        _PENALTIES,
        0.0,
        "Takes this off a token's score each time it was seen.",
        stage="frequency",
    ),
    Dial(
        "penalty_range",
        "penalty range",
        (0.0, *_TOKENS),
        1024,
        "How many tokens back the penalties look. 0: the continuation alone.",
        digits=0,
        rest="",
    ),
    Dial(
        "length",
        "length",
        (1, 2, 4, *_TOKENS, 0),
        64,
        "At most so many tokens. 0: until the model ends the text.",
        digits=0,
        rest="",
        unlimited=True,
    ),
    Dial(
        "candidates",
        "candidates",
        _steps(2, 9, 1),
        3,
        "Ctrl+G gives so many continuations to choose among.",
        digits=0,
        rest="",
    ),
    Dial(
        "seed",
        "seed",
        (FRESH,),
        FRESH,
        "The same seed writes the same text again. Delete: a fresh one each time.",
        digits=0,
        rest="fresh",
    ),
    Dial(
        "pace",
        "pace",
        (5, 10, 15, 20, 30, 45, 60, 90, 120, 240, 0),
        60,
        "At most so many tokens a second appear. 0: as they come.",
        digits=0,
        rest="",
        unlimited=True,
    ),
)
_IN_SAMPLING = frozenset(field.name for field in fields(Sampling))
_BOUNDS = {"length": (0, 1_000_000), "pace": (0, 1000), "candidates": (2, 9), "seed": (FRESH, LARGEST_SEED)}


def neutral(settings: WritingSettings) -> WritingSettings:
    """The settings with every sampling stage at its neutral value, and no style: the model's own distribution."""
    return replace(settings, sampling=settings.sampling.neutral(), style=replace(settings.style, weight=0.0))


def stage_number(sampling: Sampling, stage: str) -> int | None:
    """The place of a stage among those that have a dial, from 1; None where it does not act."""
    dialled = [each for each in sampling.order if each in _STAGES]
    return dialled.index(stage) + 1 if stage in dialled else None


def moved(sampling: Sampling, stage: str, by: int) -> Sampling:
    """The sampling with one stage earlier (-1) or later (1) in the order; one that was left out acts again, last."""
    order = list(sampling.order)
    if stage not in order:
        return replace(sampling, order=(*order, stage))
    dialled = [index for index, each in enumerate(order) if each in _STAGES]
    here = dialled.index(order.index(stage))
    there = here + by
    if not 0 <= there < len(dialled):
        return sampling
    mine, other = dialled[here], dialled[there]
    order[mine], order[other] = order[other], order[mine]
    return replace(sampling, order=tuple(order))


_STAGES = frozenset(dial.stage for dial in DIALS if dial.stage)
