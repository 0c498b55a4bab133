"""The stitcher asked without a process between."""

from pathlib import Path

from gpt2studio.paths import places
from gpt2studio.retrieval.index import Index
from gpt2studio.retrieval.stitcher.service import Service
from gpt2studio.retrieval.texts import Text
from gpt2studio.wire.messages import Answer, Load, Loaded, Request, Token

ME = "me"


class Asked:
    """A service, and what it told."""

    def __init__(self) -> None:
        self.told: list[Answer] = []
        self.service = Service(lambda client, answers: self.told.extend(answers))

    def load(self, model: str) -> Loaded:
        """Load, and be told so."""
        answer = self.ask(Load(id="load", model=model))[-1]
        assert isinstance(answer, Loaded)
        return answer

    def ask(self, *requests: Request) -> list[Answer]:
        """What is told of the requests, all of them under way at once."""
        ids = {request.id for request in requests}
        for request in requests:
            self.service.receive(ME, request)
        while self.service.busy:
            self.service.step()
        answers = [answer for answer in self.told if answer.id in ids]
        self.told = [answer for answer in self.told if answer.id not in ids]
        return answers

    def tokens(self, request: Request) -> list[Token]:
        """The tokens that a request gets."""
        return [answer for answer in self.ask(request) if isinstance(answer, Token)]

    def text(self, request: Request) -> str:
        """The text that a request gets, of all its candidates."""
        return "".join(token.text for token in self.tokens(request))


def indexed(name: str, texts: dict[str, str]) -> Path:
    """An index of these texts among a person's own."""
    folder = places().indexes / name
    Index(folder).add([Text(text, content) for text, content in texts.items()])
    return folder
