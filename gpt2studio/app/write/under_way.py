"""An order under way: its continuations as they come, and how fast."""

from dataclasses import dataclass, field

from gpt2studio.app.write.orders import Order
from gpt2studio.app.write.pace import Pacer
from gpt2studio.stories.records import TokenRecord
from gpt2studio.wire.lead import AHEAD


@dataclass(slots=True)
class Stream:
    """One continuation as it comes."""

    pacer: Pacer[TokenRecord]
    tokens: int = 0
    """How many of them are in the story."""
    words: int = 0
    """About how many words they are."""
    node: int | None = None
    finish: str = "length"
    last: str = ""
    """The last characters that went into the story."""
    tail: str = ""
    done: bool = False
    """Whether all of it has come."""
    over: bool = False
    """Whether all of it is in the story, or it is not wanted any more."""

    def take(self, everything: bool = False) -> list[TokenRecord]:
        """The tokens that may go into the story by now."""
        due = self.pacer.take_all() if everything else self.pacer.take()
        for token in due:
            self.words += token.text[:1].isspace() or not self.tokens
            self.tokens += 1
            self.last = token.text or self.last
        return due


@dataclass(slots=True)
class UnderWay:
    """An order under way."""

    order: Order
    streams: list[Stream]
    at: int
    before: str = ""
    after: str = ""
    """What the text has on both sides of the place."""
    finish: str = "length"
    arrivals: list[float] = field(default_factory=list)

    @property
    def node(self) -> int | None:
        """The continuation that goes straight into the text."""
        return self.streams[0].node if len(self.streams) == 1 else None

    @property
    def begun(self) -> bool:
        """Whether the story has its place."""
        return self.streams[0].node is not None

    @property
    def speed(self) -> float:
        """Tokens a second since the first one, of those that came as fast as they could."""
        came = self.arrivals[: AHEAD * len(self.streams)]
        return (len(came) - 1) / (came[-1] - came[0]) if came and came[-1] > came[0] else 0.0
