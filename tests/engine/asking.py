"""A service without a process, asked by tests."""

from typing import TypeVar

from gpt2studio.engine.load import Model
from gpt2studio.engine.service import Service
from gpt2studio.wire.messages import Answer, Continue, Ended, Request, Token
from gpt2studio.wire.service import Client

A = TypeVar("A", bound=Answer)


class Asked:
    """A service that holds a model, and all that it has answered."""

    def __init__(self, model: Model | None = None, slots: int = 16) -> None:
        self.answers: list[tuple[Client, Answer]] = []
        self.service = Service(lambda client, answers: self.answers.extend((client, each) for each in answers))
        if model is not None:
            self.service.hold(model, slots)

    def ask(self, *requests: Request, client: Client = "client") -> None:
        """Hand requests in."""
        for request in requests:
            self.service.receive(client, request)

    def run(self, *requests: Request, client: Client = "client") -> None:
        """Hand requests in, and step until everything is done."""
        self.ask(*requests, client=client)
        while self.service.busy:
            self.service.step()

    def to(self, id: str, client: Client = "client") -> list[Answer]:
        """The answers to a request."""
        return [answer for asker, answer in self.answers if asker == client and answer.id == id]

    def only(self, kind: type[A], id: str) -> list[A]:
        """The answers of one kind to a request."""
        return [answer for answer in self.to(id) if isinstance(answer, kind)]

    def text(self, id: str, candidate: int = 0) -> str:
        """What a candidate wrote."""
        return "".join(
            answer.text for answer in self.to(id) if isinstance(answer, Token | Ended) and answer.candidate == candidate
        )

    def tokens(self, id: str, candidate: int = 0) -> list[int]:
        """The tokens of a candidate."""
        return [each.token for each in self.only(Token, id) if each.candidate == candidate]


def continued(model: Model, request: Continue) -> Asked:
    """A service that has done this request alone."""
    asked = Asked(model)
    asked.run(request)
    return asked
