"""Stop texts, found in text that comes token by token: what could be the beginning of one is held back until clear."""

from collections.abc import Sequence
from dataclasses import replace

from gpt2studio.wire.messages import Token


class StopTexts:
    """A queue that tokens pass through whole, up to the first stop text.

    The text ends before the stop text that is complete first, as if it came character by character: where the tokens'
    borders lie makes no difference.
    """

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stops)
        self._held: list[Token] = []
        self.found = False
        """Whether a stop text has come: nothing passes after it."""

    def push(self, token: Token) -> list[Token]:
        """The tokens that are clear now that this one has come; a stop text may cut the last of them short."""
        self._held.append(token)
        if not self._stops:
            return self.rest()
        text = "".join(each.text for each in self._held)
        ends = [(at + len(stop), at) for stop in self._stops if (at := text.find(stop)) >= 0]
        if not ends:
            return self._clear(len(text) - self._beginning(text))
        self.found = True
        return self._before(min(ends)[1])

    def rest(self) -> list[Token]:
        """The tokens still held back, when no more will come."""
        rest, self._held = self._held, []
        return rest

    def _beginning(self, text: str) -> int:
        """How many characters at the end of the text could be the beginning of a stop text."""
        return max(
            next((n for n in range(min(len(stop) - 1, len(text)), 0, -1) if text.endswith(stop[:n])), 0)
            for stop in self._stops
        )

    def _clear(self, border: int) -> list[Token]:
        """The tokens whose text ends by the border."""
        at, count = 0, 0
        for token in self._held:
            at += len(token.text)
            # A token without text is the first part of a character that comes later: at the border it waits for it.
            if at > border or (at == border and not token.text):
                break
            count += 1
        clear, self._held = self._held[:count], self._held[count:]
        return clear

    def _before(self, cut: int) -> list[Token]:
        """The tokens whose text begins before the cut, the last of them shortened to it."""
        at = 0
        before: list[Token] = []
        for token in self.rest():
            if at >= cut:
                break
            end = at + len(token.text)
            before.append(token if end <= cut else replace(token, text=token.text[: cut - at]))
            at = end
        return before
