"""The tree of texts: each node says how its text comes from its parent's."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from gpt2studio.stories.document import Document
from gpt2studio.stories.rebase import shifted
from gpt2studio.stories.splice import Splice, by_model, compact, joined


class Shelf(StrEnum):
    """Where a person keeps a branch."""

    TREE = ""
    TRASH = "trash"
    GONE = "gone"
    """The trash was emptied with it in: the journal alone has it."""


@dataclass(slots=True)
class Generation:
    """What a node that the model wrote remembers beside its text."""

    start: int
    """Where in the journal its first record starts, in bytes."""
    end: int
    """Where its last record so far ends."""
    finish: str | None = None
    """How it ended; None while it is open."""
    tokens: int = 0
    logprob: float = 0.0
    """Of all its tokens together, by the model's own distribution."""


@dataclass(slots=True)
class Node:
    """A text, as changes to its parent's."""

    id: int
    parent: int
    """-1 for the root."""
    depth: int
    cause: str
    time: float
    splices: list[Splice] = field(default_factory=list)
    children: list[int] = field(default_factory=list)
    last: int = -1
    """The child that was on the road last; -1 where none was."""
    resting: bool = False
    """Whether the person was at this node last, not below it."""
    generation: Generation | None = None
    source: int = -1
    """The continuation that this is the beginning of; -1 where it is none."""
    starred: bool = False
    name: str = ""
    shelf: Shelf = Shelf.TREE

    @property
    def open(self) -> bool:
        """Whether tokens may still come."""
        return self.generation is not None and self.generation.finish is None

    @property
    def barren(self) -> bool:
        """Whether it is a continuation that came to nothing."""
        return (
            self.generation is not None
            and self.generation.finish is not None
            and not self.children
            and all(splice.nothing for splice in self.splices)
        )


class Tree:
    """Every text there was, and the document as the current one has it."""

    def __init__(self) -> None:
        self.nodes = [Node(0, -1, 0, "start", 0.0)]
        self.current = 0
        self.document = Document()

    def add(self, parent: int, cause: str, time: float, splices: list[Splice]) -> Node:
        """A new node; the document is not touched."""
        node = Node(len(self.nodes), parent, self.nodes[parent].depth + 1, cause, time, splices)
        self.nodes.append(node)
        self.nodes[parent].children.append(node.id)
        return node

    def step(self, node: int, splices: list[Splice]) -> list[Splice]:
        """Make *node* the current one: the splices are the way there."""
        for splice in splices:
            self.document.apply(splice)
        above, below = self.nodes[self.current], self.nodes[node]
        while above is not below:
            if above.depth >= below.depth:
                above = self.nodes[above.parent]
            else:
                parent = self.nodes[below.parent]
                parent.last, parent.resting = below.id, False
                below = parent
        self.current = node
        self.nodes[node].resting = True
        return splices

    def move(self, node: int) -> list[Splice]:
        """Make *node* the current one; the splices that lead there."""
        return self.step(node, self.way(node))

    def way(self, node: int) -> list[Splice]:
        """The splices that lead from the current text to a node's: up to the common ancestor, then down."""
        up, down = self.nodes[self.current], self.nodes[node]
        back: list[Splice] = []
        forth: list[Node] = []
        while up is not down:
            if up.depth >= down.depth:
                back.extend(splice.inverse() for splice in reversed(up.splices))
                up = self.nodes[up.parent]
            else:
                forth.append(down)
                down = self.nodes[down.parent]
        return compact([*back, *(splice for each in reversed(forth) for splice in each.splices)])

    def on_road(self, node: int) -> bool:
        """Whether the current text comes from this node's."""
        return any(each.id == node for each in self.ancestors(self.nodes[node].depth))

    def ancestors(self, depth: int = 0) -> Iterator[Node]:
        """The current node and those above it, up to this depth."""
        node = self.nodes[self.current]
        while node.depth > depth:
            yield node
            node = self.nodes[node.parent]
        if node.depth == depth:
            yield node

    def below(self, node: int) -> list[Splice]:
        """The splices that lead from this node, on the road, to the current text."""
        road = list(self.ancestors(self.nodes[node].depth + 1))
        return [splice for each in reversed(road) for splice in each.splices]

    def extend(self, node: int, text: str) -> list[Splice]:
        """The model's text at a node grows; every node below it is rebased.

        The splice that it makes in the current text, where that comes from this node's.
        """
        grown = self.nodes[node]
        last = grown.splices[-1]
        mark = last.at + last.put
        grown.splices[-1] = Splice(last.at, last.removed, joined((*last.inserted, *by_model(text))))
        waiting, here = [(child, mark) for child in grown.children], mark if node == self.current else None
        while waiting:
            below, place = waiting.pop()
            each = self.nodes[below]
            each.splices, place = shifted(each.splices, place, len(text))
            waiting.extend((child, place) for child in each.children)
            if below == self.current:
                here = place
        if here is None:
            return []
        splice = Splice(here, (), by_model(text))
        self.document.apply(splice)
        return [splice]

    def roads(self, node: int) -> list[int]:
        """The children of a node that lead somewhere: a continuation that came to nothing is no road, nor is trash."""
        return [child for child in self.nodes[node].children if child == self.current or self._leads(child)]

    def _leads(self, node: int) -> bool:
        return not self.nodes[node].shelf and not self.nodes[node].barren

    def deepest(self, node: int) -> int:
        """Where the person was last, below this node."""
        while not self.nodes[node].resting and (last := self.nodes[node].last) >= 0 and not self.nodes[last].shelf:
            node = last
        return node

    def hidden(self, node: int) -> bool:
        """Whether a node is in the trash, or below one that is."""
        while node >= 0:
            if self.nodes[node].shelf:
                return True
            node = self.nodes[node].parent
        return False

    def within(self, node: int, top: int) -> bool:
        """Whether a node is *top*, or below it."""
        while self.nodes[node].depth > self.nodes[top].depth:
            node = self.nodes[node].parent
        return node == top

    def text_of(self, node: int) -> Document:
        """A node's text, the current one left as it is."""
        document = self.document.copy()
        for splice in self.way(node):
            document.apply(splice)
        return document
