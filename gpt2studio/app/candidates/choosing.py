"""Candidates as one chooses among them: their texts so far, and where in them words end."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gpt2studio.stories.story import Story

_DENSE = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Scripts that put no blanks between words."""
_WORD = re.compile(rf"\s*(?:[{_DENSE}]|[^\s{_DENSE}]+)")
"""A word with the blanks before it; where a script has no blanks, a character."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A continuation beside the text."""

    node: int
    text: str
    tokens: int = 0
    logprob: float | None = None
    """The mean of its tokens' log-probabilities."""
    finish: str | None = None
    """How it ended; None while it comes."""

    @property
    def ends(self) -> list[int]:
        """Where its words end."""
        return [match.end() for match in _WORD.finditer(self.text)]


def candidates(story: Story, nodes: Sequence[int]) -> list[Candidate]:
    """The candidates at these nodes, as they are by now."""
    row = []
    for node in nodes:
        view = story.node(node)
        row.append(Candidate(node, story.written(node), view.tokens or 0, view.logprob, view.finish))
    return row
