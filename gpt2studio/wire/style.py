"""Whose style a model takes on: texts that are mixed into what it expects, as a record."""

from dataclasses import dataclass

from gpt2studio.errors import UsageError


@dataclass(frozen=True, slots=True)
class Style:
    """Texts whose next words are mixed into the model's distribution, before any sampling stage."""

    index: str = ""
    """An index's name, or a text or a folder of texts by its path; empty: the example that ships, and the text that
    is gone on with itself, as far as it is written."""
    weight: float = 0.0
    """How much the texts have a say where a long stretch of the text so far stands in them: 0 (off) to 1. Where a
    short one does, it is less."""

    def __post_init__(self) -> None:
        """Refuse numbers that mean nothing."""
        if not 0 <= self.weight <= 1:  # also catches NaN, for which no comparison holds
            raise UsageError("That style weight cannot be used.", "Give a style weight between 0 (off) and 1.")


OFF = Style()
"""The model as it is."""
