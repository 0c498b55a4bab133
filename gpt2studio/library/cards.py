"""Cards: a TOML file for each model that the studio ships or knows how to fetch."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gpt2studio.errors import FormatError, WireError
from gpt2studio.paths import shipped
from gpt2studio.wire.lines import build
from gpt2studio.wire.sampling import Sampling

CARD = "card.toml"
"""Its name in a model's own folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What is known of a model without having it."""

    name: str
    aliases: tuple[str, ...] = ()
    """Other names that people use: ``117M``, ``gpt2-medium``."""
    title: str = ""
    about: str = ""
    licence: str = ""
    parameters: int = 0
    n_positions: int = 1024
    n_embd: int = 0
    n_layer: int = 0
    n_head: int = 0
    vocab_size: int = 0
    weights_bytes: int = 0
    """Bytes of the published float32 weights."""
    hub: str = ""
    """The repository on Hugging Face's hub."""
    openai: str = ""
    """The folder of OpenAI's original files."""
    sampling: Mapping[str, Any] = field(default_factory=dict)
    """Sampling parameters that read best with this model."""

    @classmethod
    def read(cls, path: Path) -> "Card":
        """The card in a TOML file; keys that a card does not have are ignored.

        Raises FormatError where it is no card.
        """
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
            card: Card = build(cls, data)
            build(Sampling, card.sampling)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
            raise FormatError(f"The card {path} is not TOML: {error}.", "Mend or remove it.") from None
        except WireError as error:
            raise FormatError(f"The card {path} is damaged: {error.message}", "Mend or remove it.") from None
        return card


def published() -> list[Card]:
    """The cards of the models that can be fetched, the smallest first."""
    cards = [Card.read(path) for path in sorted(shipped("models").glob("*.toml"))]
    return sorted(cards, key=lambda card: card.parameters)


def card_of(folder: Path) -> Card | None:
    """The card in a model's own folder, where it has one."""
    path = folder / CARD
    return Card.read(path) if path.is_file() else None


def find(name: str) -> Card | None:
    """The published model that goes by this name."""
    wanted = name.casefold()
    for card in published():
        if wanted in {card.name.casefold(), card.hub.casefold(), *(alias.casefold() for alias in card.aliases)}:
            return card
    return None
