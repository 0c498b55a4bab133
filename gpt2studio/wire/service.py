"""What answers requests: told of them, asked for a step at a time, without any input or output of its own."""

from collections.abc import Callable, Hashable
from typing import Protocol

from gpt2studio.wire.messages import Answer, Request

Client = Hashable
"""Whoever asks; ids of different clients have nothing to do with each other."""

Tell = Callable[[Client, list[Answer]], None]
"""Gives answers to whoever has asked."""


class Service(Protocol):
    """What answers: requests in, answers out, a step at a time, without any input or output of its own."""

    @property
    def broken(self) -> bool:
        """Whether only a new process could go on."""
        ...

    @property
    def busy(self) -> bool:
        """Whether a step would do something."""
        ...

    @property
    def rest(self) -> float:
        """Seconds for which no step would do anything, unless something is asked for."""
        ...

    def receive(self, client: Client, request: Request) -> None:
        """Take a request on; what is quick is answered at once, the rest by steps."""

    def step(self) -> None:
        """Do the next piece of everything that is under way."""

    def serves(self, client: Client) -> bool:
        """Whether something that this client asked for is under way."""
        ...

    def part(self, client: Client) -> None:
        """Drop everything that this client asked for: it is gone."""
