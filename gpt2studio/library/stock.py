"""Fetching by name: the one function that the command line and the app ask for a model with."""

from dataclasses import replace

from gpt2studio.library import cards
from gpt2studio.library.install import Asked, Offer
from gpt2studio.library.names import suggested


def offer_of(name: str, source: str = "hub", revision: str = "") -> Offer:
    """What *name* means, from the hub or from OpenAI: a card's model by any of its names, or a repository.

    Raises StudioError with one sentence for a person.
    """
    from gpt2studio.library import download

    card = cards.find(name)
    if source == "openai":
        offer = download.openai_offer(card or cards.Card(name=name))
    else:
        offer = download.hub_offer(card.hub if card else name, revision, card)
    # The version that was found is the one to go on with after an interruption.
    return replace(offer, asked=Asked(name, source, offer.provenance.revision))


def name_of(name: str) -> str:
    """What a model fetched as *name* is called here, unless a person says otherwise."""
    card = cards.find(name)
    return card.name if card else suggested(name)
