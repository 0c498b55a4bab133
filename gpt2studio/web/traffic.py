"""Who is there and how much is written: numbers, never texts."""

import time
from collections import deque

_RECENT = 60.0
"""Seconds for which a visitor counts as there."""
_SPAN = 5.0
"""Seconds over which the speed is taken."""


class Traffic:
    """Visitors and tokens a second, lately."""

    def __init__(self) -> None:
        self._seen: dict[str, float] = {}
        self._tokens: deque[tuple[int, int]] = deque()
        self.tokens = 0
        """Tokens written since the start."""

    def visit(self, visitor: str) -> None:
        """Somebody has asked for something."""
        self._seen[visitor] = time.monotonic()

    def token(self) -> None:
        """One token more was written."""
        self.tokens += 1
        second = int(time.monotonic())
        if self._tokens and self._tokens[-1][0] == second:
            self._tokens[-1] = (second, self._tokens[-1][1] + 1)
        else:
            self._tokens.append((second, 1))
            while self._tokens[0][0] < second - _SPAN:
                self._tokens.popleft()

    @property
    def visitors(self) -> int:
        """How many were there in the last minute."""
        now = time.monotonic()
        self._seen = {visitor: seen for visitor, seen in self._seen.items() if now - seen < _RECENT}
        return len(self._seen)

    @property
    def tokens_per_second(self) -> float:
        """Over the last few whole seconds."""
        now = int(time.monotonic())
        return sum(count for second, count in self._tokens if now - _SPAN <= second < now) / _SPAN
