"""The nodes in the order in which actions led there: what undo goes back through, and redo forward."""

from collections.abc import Sequence

from gpt2studio.stories.tree import Node, Shelf

Move = tuple[int, Shelf, Shelf]
"""A node, the shelf that it was on, and the one that it is on now."""


class Visits:
    """A row of nodes, the place in it that is current, and what went into the trash or came out on the way to each."""

    def __init__(self) -> None:
        self.nodes = [0]
        self.moves: list[tuple[Move, ...]] = [()]
        """Of each visit: what was moved between shelves with it."""
        self.place = 0

    def add(self, node: int, moves: Sequence[Move] = ()) -> None:
        """An action led to this node; what was taken back before cannot be done again."""
        self.cut(self.place + 1, [node], moves)
        self.place += 1

    def cut(self, place: int, nodes: Sequence[int], moves: Sequence[Move] = ()) -> None:
        """From *place* on, nothing but visits of these nodes; with the first of them those moves."""
        self.nodes[place:] = nodes
        self.moves[place:] = [tuple(moves) if index == 0 else () for index in range(len(nodes))]

    def forget(self, place: int) -> None:
        """A visit was none."""
        del self.nodes[place], self.moves[place]
        self.place -= place <= self.place

    def go(self, place: int, nodes: Sequence[Node]) -> int:
        """Take back, or do again, all that lies between here and *place*; the node of that visit."""
        for each in range(self.place, place, -1):
            for node, before, _ in reversed(self.moves[each]):
                nodes[node].shelf = before
        for each in range(self.place + 1, place + 1):
            for node, _, after in self.moves[each]:
                nodes[node].shelf = after
        self.place = place
        return self.nodes[place]
