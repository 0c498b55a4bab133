"""Which continuation a character of the current text came with."""

from dataclasses import dataclass

from gpt2studio.stories.splice import Splice
from gpt2studio.stories.tree import Tree


@dataclass(frozen=True, slots=True)
class Origin:
    """A place in what a continuation wrote."""

    node: int
    offset: int
    """In code points from the continuation's start."""


def origin(tree: Tree, at: int) -> Origin | None:
    """Where the character at this place came from; None where a person typed it."""
    for node in tree.ancestors():
        for splice in reversed(node.splices):
            if splice.at <= at < splice.at + splice.put:
                return Origin(node.id, at - splice.at) if node.generation is not None else None
            at = _before(splice, at)
    return None


def _before(splice: Splice, at: int) -> int:
    """Where a character that a splice did not put in stood before it."""
    return at if at < splice.at else at - splice.put + splice.taken
