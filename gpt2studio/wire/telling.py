"""How a candidate is told of: token by token, held back where a stop text may begin, ended by stop text or length."""

from collections.abc import Callable

from gpt2studio.errors import EngineError
from gpt2studio.wire.messages import Answer, Continue, Ended, Token
from gpt2studio.wire.stops import StopTexts

_MOST_CANDIDATES = 10_000
"""Of one request: a few go on at once, and the others wait."""


class Telling:
    """The lines of one candidate."""

    def __init__(self, request: Continue, number: int, rest: Callable[[], str]) -> None:
        """*rest* is the text of a last part-character, asked for once, at the end."""
        self._request = request
        self._number = number
        self._rest = rest
        self._stops = StopTexts(request.stop)
        self._drawn = 0
        self.told = 0
        """How many tokens were told of."""
        self.ended = False

    def tell(self, line: Token) -> list[Answer]:
        """What there is to tell now that this token has come."""
        self._drawn += 1
        clear = self._stops.push(line)
        self.told += len(clear)
        if self._stops.found:
            return [*clear, *self.end("stop")]
        if self._drawn == self._request.length:
            return [*clear, *self.end("length")]
        return list(clear)

    def end(self, finish: str) -> list[Answer]:
        """End here, telling what was held back."""
        self.ended = True
        lines = [] if self._stops.found else self._stops.rest()
        text = "" if self._stops.found else self._rest()
        self.told += len(lines)
        return [*lines, Ended(id=self._request.id, candidate=self._number, finish=finish, text=text)]


def check(request: Continue) -> None:
    """Raise EngineError where a continuation cannot be had."""
    if request.candidates > _MOST_CANDIDATES:
        raise EngineError(f"{request.candidates:,} candidates are too many at once.", "Ask for them by and by.")
    if request.candidates < 1:
        raise EngineError("There is nothing to continue with no candidates.", "Ask for one candidate or more.")
    if request.length < 0:
        raise EngineError("A length below 0 means nothing.", "Give a number of tokens, or 0 for no limit.")
    if request.pace < 0:
        raise EngineError("A pace below 0 means nothing.", "Give tokens a second, or 0 for as fast as can be.")
    if "" in request.stop:
        raise EngineError("An empty stop text would stop at once.", "Leave it out.")
