"""What panes show of a story's tree and of its continuations."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gpt2studio.stories.splice import plain
from gpt2studio.stories.tree import Node, Shelf, Tree

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
    by_model: bool = False
    size: int = 0
    """How many characters it put in."""
    tokens: int | None = None
    """Of a continuation; None for what is none, and for one of which a part was taken."""
    logprob: float | None = None
    """The mean of its tokens' log-probabilities."""
    source: int | None = None
    """The continuation that this is the beginning of."""
    starred: bool = False
    name: str = ""
    """What the person calls it; empty: nothing."""
    shelf: Shelf = Shelf.TREE


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
    made = node.generation if node.source < 0 else None
    return NodeView(
        id=node.id,
        parent=node.parent if node.id != ground else None,
        children=tuple(tree.roads(node.id)),
        cause=node.cause,
        time=node.time,
        excerpt=_excerpt(text),
        finish=node.generation.finish if node.generation is not None else None,
        current=node.id == tree.current,
        by_model=node.generation is not None,
        size=sum(each.put for each in node.splices),
        tokens=made.tokens if made is not None else None,
        logprob=made.logprob / made.tokens if made is not None and made.tokens else None,
        source=node.source if node.source >= 0 else None,
        starred=node.starred,
        name=node.name,
        shelf=node.shelf,
    )


def _excerpt(text: str) -> str:
    """The beginning on one line, an ellipsis for the rest."""
    line = " ".join(text[: 2 * EXCERPT].split())
    whole = len(line) <= EXCERPT and len(text) <= 2 * EXCERPT
    return line if whole else line[: EXCERPT - 1].rstrip() + "…"
