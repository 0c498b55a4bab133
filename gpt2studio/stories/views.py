"""What panes show of a story's tree and of its continuations."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gpt2studio.stories.splice import plain
from gpt2studio.stories.tree import Node, Tree

EXCERPT = 60
"""Characters."""


@dataclass(frozen=True, slots=True)
class NodeView:
    """A node of the tree."""

    id: int
    parent: int | None
    """None for the one that the story starts from."""
    children: tuple[int, ...]
    cause: str
    """``typing``, ``generation``, ``retry``, ``carried``, ``elsewhere``, ``import``, ``start`` or the app's own."""
    time: float
    """When it was made, in seconds since 1970."""
    excerpt: str
    """How what it put in begins, on one line."""
    finish: str | None
    """How the continuation ended; None while it is open, and for what is none."""
    current: bool
    """Whether the story's text is this node's."""


@dataclass(frozen=True, slots=True)
class GenerationView:
    """A continuation in the current text."""

    node: int
    at: int
    """Where it stands in the current text."""
    end: int
    """Where it ends in the current text."""
    request: Mapping[str, Any]
    """All that it took to make it."""
    finish: str | None
    """How it ended; None while tokens come."""


def view(tree: Tree, node: Node, ground: int) -> NodeView:
    """The node as a pane shows it."""
    text = next((text for each in node.splices if (text := plain(each.inserted).strip())), "")
    return NodeView(
        id=node.id,
        parent=node.parent if node.id != ground else None,
        children=tuple(tree.roads(node.id)),
        cause=node.cause,
        time=node.time,
        excerpt=" ".join(text[: 2 * EXCERPT].split())[:EXCERPT],
        finish=node.generation.finish if node.generation is not None else None,
        current=node.id == tree.current,
    )
