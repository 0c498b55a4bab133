"""The dialog before a download: what comes from where, how large it is, and under which name."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.widget import Widget

from gpt2studio.app.common.background import ask
from gpt2studio.app.common.wording import counted, size
from gpt2studio.app.dialogs.choice import Choice
from gpt2studio.app.dialogs.dialog import Dialog, line, row
from gpt2studio.errors import StudioError
from gpt2studio.formats.room import check_room
from gpt2studio.library.cards import find
from gpt2studio.library.names import check_free, check_name
from gpt2studio.library.stock import name_of, offer_of
from gpt2studio.paths import Places
from gpt2studio.runs.machine import free_disk

if TYPE_CHECKING:
    from gpt2studio.library.install import Offer

_SOURCES = ("hub", "openai")


@dataclass(frozen=True, slots=True)
class Order:
    """What to fetch, and what to call it."""

    offer: "Offer"
    name: str


class DownloadScreen(Dialog[Order]):
    """Asks the source what it has, and the person whether to fetch it."""

    TITLE_WORDS = "Download"
    KEYS = "Enter downloads · Esc"

    def __init__(self, wanted: str, places: Places) -> None:
        super().__init__()
        self._wanted, self._places = wanted, places
        card = find(wanted)
        words = ["Hugging Face's hub"]
        if card is not None and card.openai:
            words.append("OpenAI's own files (TensorFlow)")
        self._source = Choice(words)
        self._called = line(name_of(wanted))
        self._offer: Offer | None = None

    def fields(self) -> tuple[Widget, ...]:
        """Whence, and its name here."""
        return row("From", self._source), row("Name here", self._called)

    def on_mount(self) -> None:
        """Ask what there is."""
        self._called.focus()
        self._ask()

    @on(Choice.Changed)
    def _ask(self) -> None:
        self._offer = None
        source = _SOURCES[self._source.index]
        self.say("Asking what it has …")
        ask(self, lambda: offer_of(self._wanted, source), partial(self._answered, source), self.refuse)

    def _answered(self, source: str, offer: "Offer") -> None:
        if source == _SOURCES[self._source.index]:
            self._offer = offer
            self.say(self._about(offer))

    def _about(self, offer: "Offer") -> str:
        """What would come, and what there is room for."""
        from gpt2studio.library.install import installed_size

        free = size(free_disk(self._places.models))
        lines = [f"{offer.name}: {counted(len(offer.files), 'file')}, {size(offer.size)}; {free} free on the disk."]
        if came := installed_size(self._called.value.strip(), self._places):
            lines.append(f"Of these {size(came)} have come before; it goes on there.")
        if offer.provenance.licence:
            lines.append(f"Licence: {offer.provenance.licence}")
        return "\n".join(lines)

    def action_accept(self) -> None:
        """Fetch it, where the name is free and there is room; where the source gave no answer, ask again."""
        name, offer = self._called.value.strip(), self._offer
        if offer is None:
            self._ask()
            return
        try:
            check_name(name)
            check_free(name, self._places)
            check_room(self._places.models, offer.size)
        except StudioError as error:
            self.refuse(error)
        else:
            self.dismiss(Order(offer, name))
