"""The history and the branches of a story that is open: where in them it is, and the ways to elsewhere."""

from gpt2studio.errors import StudioError
from gpt2studio.stories.chronicle import Chronicle
from gpt2studio.stories.document import Document
from gpt2studio.stories.origins import Origin, origin
from gpt2studio.stories.records import Empty, End, Go, Mark, Name, Redo, Take, Trash, Undo
from gpt2studio.stories.splice import Splice, plain
from gpt2studio.stories.tree import Shelf
from gpt2studio.stories.views import NodeView, view


class Branches:
    """A story's tree as one moves about in it. What changes the text returns the splices that an editor applies."""

    def __init__(self, chronicle: Chronicle) -> None:
        self._chronicle = chronicle
        self._state = chronicle.state

    @property
    def open_generation(self) -> int | None:
        """The continuation that tokens come for into the current text."""
        return next(iter(self._state.open_on_road()), None)

    def written(self, node: int) -> str:
        """What the model has written at a continuation so far."""
        return plain(self._state.tree.nodes[node].splices[0].inserted)

    # --- history and branches ----------------------------------------------------------------------------------------

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return self._state.place > 0

    @property
    def can_redo(self) -> bool:
        """Whether there is a step that was taken back."""
        return self._state.place + 1 < len(self._state.visited)

    def undo(self) -> list[Splice]:
        """One step back: an edit, a continuation, a jump. One that streams ends and is taken out whole."""
        return self._chronicle.do(Undo(self.open_generation)) if self.can_undo else []

    def redo(self) -> list[Splice]:
        """One step forward again."""
        return self._chronicle.do(Redo()) if self.can_redo else []

    def go(self, node: int) -> list[Splice]:
        """To another node of the tree."""
        if not self._state.ground <= node < len(self._state.tree.nodes) or self._state.tree.hidden(node):
            raise ValueError(f"no node {node}")
        return self._chronicle.do(Go(node)) if node != self._state.tree.current else []

    def sibling(self, step: int) -> list[Splice]:
        """To another road at the nearest fork upwards, where the person left it; round after the last."""
        roads, index = self._state.fork()
        return self.go(self._state.tree.deepest(roads[(index + step) % len(roads)])) if roads else []

    def parent(self) -> list[Splice]:
        """To the node that the current one comes from."""
        node = self._state.node
        return self.go(node.parent) if node.parent >= 0 and node.id != self._state.ground else []

    def child(self) -> list[Splice]:
        """To the child that was on the road last."""
        node, roads = self._state.node, self._state.tree.roads(self._state.tree.current)
        return self.go(node.last if node.last in roads else roads[-1]) if roads else []

    def take(self, node: int, length: int | None = None) -> list[Splice]:
        """Put a continuation that stands beside the text into it, or its first *length* characters.

        A whole one that goes on from the very text is gone to, and goes on streaming there. Else it becomes a node of
        its own below the current one, so that nothing typed since is lost; its `tokens` and `request` are still known.
        Raises StudioError where it is in the trash.
        """
        self._check_shown(node)
        whole = len(self.written(node))
        length = whole if length is None else min(max(length, 0), whole)
        if length == whole and self._state.tree.nodes[node].parent == self._state.tree.current:
            return self.go(node)
        return self._chronicle.do(Take(node, length))

    def _check_shown(self, node: int) -> None:
        """Raise StudioError where a continuation is in the trash: the text must not come from there."""
        if self.in_trash(node):
            raise StudioError("That continuation is in the trash.", "Bring it back first, or take another one.")

    def position(self) -> tuple[int, int]:
        """Which road this is at the nearest fork upwards, and of how many."""
        roads, index = self._state.fork()
        return index + 1, max(len(roads), 1)

    @property
    def ground(self) -> int:
        """The node that the story starts from."""
        return self._state.ground

    @property
    def nodes(self) -> int:
        """How many nodes the tree has, those before the ground too."""
        return len(self._state.tree.nodes)

    def road(self) -> list[NodeView]:
        """The nodes from the story's start to the current one; `node` has the others, by their ids."""
        depth = self._state.tree.nodes[self._state.ground].depth
        return [self.node(node.id) for node in self._state.tree.ancestors(depth)][::-1]

    def roads(self, node: int) -> list[int]:
        """The children of a node that lead somewhere: neither what came to nothing nor what is in the trash."""
        return self._state.tree.roads(node)

    def runs_on(self, node: int) -> bool:
        """Whether a node is the person's, as its parent is, and the parent's only road: a step of the same writing."""
        tree = self._state.tree
        own, above = tree.nodes[node], tree.nodes[tree.nodes[node].parent]
        plain = own.generation is None and above.generation is None and above.id > self.ground
        return plain and not (above.starred or above.name) and len(tree.roads(above.id)) == 1

    def parent_of(self, node: int) -> int:
        """The node that one comes from."""
        return self._state.tree.nodes[node].parent

    def changes(self, node: int) -> list[Splice]:
        """What makes a node's text of its parent's, in order."""
        return list(self._state.tree.nodes[node].splices)

    def last_road(self, node: int) -> int:
        """The child that the person was on last, or the only one; -1 where there is no such."""
        roads = self._state.tree.roads(node)
        last = self._state.tree.nodes[node].last
        return last if last in roads else roads[0] if len(roads) == 1 else -1

    def sizes(self) -> list[int]:
        """Of each node how many there are with it and below it; 0 of what is in the trash."""
        nodes = self._state.tree.nodes
        sizes = [0 if node.shelf or node.barren else 1 for node in nodes]
        for node in reversed(nodes):  # a node comes after its parent
            if node.shelf:
                sizes[node.id] = 0
            elif node.parent >= 0:
                sizes[node.parent] += sizes[node.id]
        return sizes

    def matching(self, part: str) -> list[int]:
        """The nodes that are no trash whose own words, or whose name, have this part, whatever its case."""
        part, found, hidden = part.casefold(), list[int](), set[int]()
        for node in self._state.tree.nodes[self.ground + 1 :]:  # a node comes after its parent
            if node.shelf or node.parent in hidden:
                hidden.add(node.id)
                continue
            words = "\n".join([piece.text for splice in node.splices for piece in splice.inserted])
            if part in words.casefold() or part in node.name.casefold():
                found.append(node.id)
        return found

    def node(self, node: int) -> NodeView:
        """A node of the tree."""
        tree = self._state.tree
        return view(tree, tree.nodes[node], self._state.ground)

    def origin(self, at: int) -> Origin | None:
        """Which continuation the character at this place came with; None where a person typed it."""
        return origin(self._state.tree, at)

    def prompt_of(self, node: int) -> str:
        """The text that a continuation went on from, as it was then."""
        made = self._state.tree.nodes[node]
        made = self._state.tree.nodes[made.source] if made.source >= 0 else made
        return self.text_of(made.parent).slice(0, made.splices[0].at)

    def window_of(self, node: int) -> int | None:
        """Where in its prompt the part began that the model saw; None where that is not known."""
        ends = [each for each in self._chronicle.records(node) if isinstance(each, End)]
        return next((each.window_start for each in ends if each.window_start >= 0), None)

    def text_of(self, node: int) -> Document:
        """A node's text with its ink; the current one stays as it is."""
        return self._state.tree.text_of(node)

    def changed(self, node: int) -> Splice:
        """The last of the changes that make a node's text of its parent's, in places of the node's text."""
        return next(iter(self._state.tree.nodes[node].splices[-1:]), Splice(0))

    # --- trash, stars and names --------------------------------------------------------------------------------------

    def trash(self, node: int) -> list[Splice]:
        """Move a node and all below it to the trash: a step that can be undone.

        Where the text comes from it, the text goes back to the one before. ValueError for the start of the story.
        """
        if node <= self._state.ground or node >= self.nodes:
            raise ValueError(f"node {node} cannot go")
        for each in list(self._state.open):
            if self._state.tree.within(each, node):
                self._chronicle.do(End(each, "stopped"), worth=False)
        return self._chronicle.do(Trash(node)) if not self._state.tree.hidden(node) else []

    def in_trash(self, node: int) -> bool:
        """Whether a node is in the trash, or gone with it, by itself or with one that it comes from."""
        return self._state.tree.hidden(node)

    def restore(self, node: int) -> list[Splice]:
        """Bring a node back that was moved to the trash."""
        return self._chronicle.do(Trash(node, restored=True)) if self._state.tree.nodes[node].shelf else []

    @property
    def trashed(self) -> list[int]:
        """The nodes that were moved to the trash, and are there."""
        return [node.id for node in self._state.tree.nodes if node.shelf is Shelf.TRASH]

    @property
    def thrown_away(self) -> int:
        """How many nodes are in the trash: those that were moved there, and all below them."""
        inside = set[int]()
        for node in self._state.tree.nodes:  # a node comes after its parent
            if node.shelf is Shelf.TRASH or (node.parent in inside and not node.shelf):
                inside.add(node.id)
        return sum(not self._state.tree.nodes[node].barren for node in inside)

    def empty_trash(self) -> list[Splice]:
        """Show what is in the trash no more. The journal keeps it, as it keeps everything; undo brings it back."""
        return self._chronicle.do(Empty()) if self.trashed else []

    def star(self, node: int, on: bool) -> None:
        """Mark a node, or take the mark away."""
        if self._state.tree.nodes[node].starred != on:
            self._chronicle.do(Mark(node, on))

    def name(self, node: int, title: str) -> None:
        """Call a node something; by nothing, nothing."""
        if self._state.tree.nodes[node].name != title:
            self._chronicle.do(Name(node, title))
