"""The dials that a person's own texts bring: how much of their style, of which texts, and how wild the stitcher is."""

from dataclasses import dataclass, replace

from gpt2studio.app.common.wording import clipped
from gpt2studio.app.sampling.dials import DIALS, Dial
from gpt2studio.app.sampling.writing_settings import WritingSettings
from gpt2studio.errors import StudioError

HERE = "this story"
"""What the texts are called that need no set-up: the story so far, and the example that ships."""

_LONGEST = 12
"""Cells of an index's name in its row."""


@dataclass(frozen=True, slots=True)
class WeightDial(Dial):
    """How much a person's texts have a say beside the model."""

    def value(self, settings: WritingSettings) -> float:
        """Where the dial stands."""
        return settings.style.weight

    def set(self, settings: WritingSettings, value: float) -> WritingSettings:
        """The settings with this weight; StudioError, with what is allowed, where it means nothing."""
        return replace(settings, style=replace(settings.style, weight=value))


@dataclass(frozen=True, slots=True)
class TextsDial(Dial):
    """Which texts these are: names in place of numbers."""

    names: tuple[str, ...] = ("",)
    """The indexes by name; the empty one: what needs no set-up."""

    def value(self, settings: WritingSettings) -> float:
        """The place of the name; that of none where there is no such index any more."""
        return self.names.index(settings.style.index) if settings.style.index in self.names else -1

    def set(self, settings: WritingSettings, value: float) -> WritingSettings:
        """The settings with these texts."""
        return replace(settings, style=replace(settings.style, index=self.names[max(int(value), 0)]))

    def typed(self, settings: WritingSettings, text: str) -> WritingSettings:
        """Refuse: names are chosen."""
        raise StudioError("Texts are chosen by name.", "Choose with ← and →.")

    def is_neutral(self, settings: WritingSettings) -> bool:
        """Whether the texts have no say at all."""
        return settings.style.weight == 0

    def shown(self, settings: WritingSettings) -> str:
        """The name."""
        return clipped(settings.style.index or HERE, _LONGEST)


WEIGHT = WeightDial(
    "style_weight",
    "style weight",
    tuple(round(0.05 * step, 2) for step in range(21)),
    0.0,
    "How much say your texts have at once: the more, the longer a stretch of them goes on.",
)


@dataclass(frozen=True, slots=True)
class WildnessDial(Dial):
    """From faithful to wild: it acts wherever it stands."""

    def is_neutral(self, settings: WritingSettings) -> bool:
        """Whether it changes nothing: never."""
        return False


WILDNESS = WildnessDial(
    "wildness",
    "wildness",
    tuple(round(0.05 * step, 2) for step in range(21)),
    0.3,
    "0, faithful, copies long and from near; 1, wild, little and from anywhere.",
    rest="",
)
_ACT_ON_STITCHES = frozenset({"temperature", "length", "candidates", "seed", "pace"})

IDLE = frozenset(dial.field for dial in DIALS) - _ACT_ON_STITCHES
"""The dials that mean nothing to the stitcher, which copies and does not draw from a vocabulary."""


def dials_for(texts: tuple[str, ...]) -> tuple[Dial, ...]:
    """The dials of a model, with those of the style where there are *texts* to choose from, the unnamed ones first."""
    if not texts:
        return DIALS
    about = "Whose style: an index of yours, or the story so far with the example."
    stops = tuple(float(place) for place in range(len(texts)))
    return (*DIALS, WEIGHT, TextsDial("style_texts", "style", stops, 0.0, about, digits=0, names=texts))


STITCHER = (WILDNESS, *DIALS)
"""The dials of the stitcher."""
