"""What the records of a journal add up to: the tree, where in it the person is, and how they came there."""

from collections.abc import Sequence
from typing import Any

from gpt2studio.stories.rebase import carried, shifted
from gpt2studio.stories.records import (
    Begin,
    DamagedError,
    Edit,
    Empty,
    End,
    Entry,
    Go,
    Made,
    Mark,
    Name,
    Note,
    Redo,
    Rename,
    Take,
    Tokens,
    Trash,
    Undo,
)
from gpt2studio.stories.splice import Splice, compact, cut
from gpt2studio.stories.tree import Generation, Node, Shelf, Tree
from gpt2studio.stories.visits import Move, Visits


class State:
    """A fold: the same records give the same state, whether they happen now or are read again."""

    def __init__(self) -> None:
        self.tree = Tree()
        self.visits = Visits()
        self.typing = -1
        """The node that a joining edit goes into; -1 where the last action was none such."""
        self.open: list[int] = []
        """Continuations that tokens may still come for."""
        self.id = ""
        self.title = ""
        self.notes: dict[str, Any] = {}
        self.seq = 0
        """The number that the next record has."""
        self._fork: tuple[tuple[int, ...], tuple[list[int], int]] = (), ([], 0)

    @property
    def node(self) -> Node:
        """The current node."""
        return self.tree.nodes[self.tree.current]

    @property
    def visited(self) -> list[int]:
        """The nodes in the order in which actions led there."""
        return self.visits.nodes

    @property
    def place(self) -> int:
        """Which of them is current: undo goes back from here, redo forward."""
        return self.visits.place

    @property
    def ground(self) -> int:
        """The node below which undo does not go: the empty page, or the text that was brought in."""
        return self.visited[0]

    def apply(self, entry: Entry) -> list[Splice]:
        """Take one more record in; the splices that it makes in the current text.

        Raises ValueError where the record cannot follow those before it; the state is then spoilt.
        """
        if entry.seq != self.seq:
            raise DamagedError("a record is missing")
        splices: list[Splice] = []
        match entry.record:
            case Edit() as edit:
                splices = self._edit(edit, entry.time)
            case Begin() as begin:
                splices = self._begin(begin, entry)
            case Tokens() as tokens:
                splices = self._extend(tokens.node, "".join([each.text for each in tokens.tokens]), entry.end)
                self._measure(tokens)
            case End() as end:
                splices = self._end(end, entry.end)
            case Undo() as undo:
                splices = self._undo(undo, entry.time)
            case Redo():
                splices = self._redo()
            case Go() as go:
                splices = self._go(go)
            case Take() as take:
                splices = self._take(take, entry.time)
            case Trash() | Empty() as moved:
                splices = self._shelve(moved)
            case Mark() as mark:
                self._known(mark.node).starred = mark.on
            case Name() as name:
                self._known(name.node).name = name.title
            case Rename() as rename:
                self.title = rename.title
            case Note() as note:
                self.notes[note.name] = note.data
            case Made() as made:
                self.id = made.id
        self.seq += 1
        return splices

    # --- asked by the story ------------------------------------------------------------------------------------------

    def open_on_road(self) -> list[int]:
        """The open continuations that the current text holds, the latest begun first."""
        return [node for node in reversed(self.open) if self.tree.on_road(node)]

    def region(self, node: int) -> tuple[int, int]:
        """Where in the current text the continuation at this node, on the road, stands by now."""
        return self._carried(node)[1:]

    def overwrites(self, node: int, at: int, removed: int) -> bool:
        """Whether an edit leaves an open continuation no place to go on: its mark, or all of it, is taken out."""
        start, end = self.region(node)
        return at < end < at + removed or (at <= start < end <= at + removed)

    def fork(self) -> tuple[list[int], int]:
        """The roads at the nearest fork upwards, and which of them is the current one; no roads: no fork."""
        key = self.tree.current, len(self.tree.nodes), len(self.open)
        if self._fork[0] != key:
            self._fork = key, self._find_fork()
        return self._fork[1]

    def _find_fork(self) -> tuple[list[int], int]:
        nodes = self.tree.nodes
        node, depth = self.node, nodes[self.ground].depth
        while node.depth > depth:
            parent = nodes[node.parent]
            if len(parent.children) > 1 and len(roads := self.tree.roads(parent.id)) > 1 and node.id in roads:
                return roads, roads.index(node.id)
            node = parent
        return [], 0

    def interrupt(self, node: int) -> None:
        """Take a continuation as ended for those who may not write that it is."""
        self._close(node, "interrupted")

    # --- the fold ----------------------------------------------------------------------------------------------------

    def _edit(self, edit: Edit, time: float) -> list[Splice]:
        document = self.tree.document
        if edit.at + edit.removed > len(document):
            raise DamagedError("an edit beyond the text")
        splice = Splice(edit.at, document.pieces(edit.at, edit.at + edit.removed), edit.inserted)
        if edit.join and self.typing == self.tree.current and self._joins(splice, edit.cause):
            return self.tree.step(self.typing, [splice])
        node = self.tree.add(self.tree.current, edit.cause, time, [splice])
        self.tree.step(node.id, [splice])
        self._visit(node.id)
        if edit.cause == "import" and self.visited == [0, node.id]:
            self.visits.cut(0, [node.id])
            self.visits.place = 0
        self.typing = node.id
        return [splice]

    def _joins(self, splice: Splice, cause: str) -> bool:
        """Make the splice a part of the current node, if it can be."""
        node = self.node
        if node.children or node.cause != cause:
            return False
        merged = node.splices[-1].then(splice)
        # While tokens come, an edit must stay on its side of the place where they go.
        if merged is not None and self.open and merged.removed:
            merged = None
        if merged is None:
            node.splices.append(splice)
        else:
            node.splices[-1] = merged
        return True

    def _begin(self, begin: Begin, entry: Entry) -> list[Splice]:
        if begin.retry_of is None:
            parent, at, splices = self.tree.current, begin.at, list[Splice]()
            if at > len(self.tree.document):
                raise DamagedError("a continuation beyond the text")
        else:
            retried = self._generation(begin.retry_of)
            parent, at, splices = retried.parent, retried.splices[0].at, []
            if begin.current and self._carries(retried.id):
                splices, at = self._without(retried.id, entry.time)
                parent = self.tree.current
            elif begin.current:
                splices = self.tree.move(parent)
        cause = "generation" if begin.retry_of is None else "retry"
        node = self.tree.add(parent, cause, entry.time, [Splice(at)])
        node.generation = Generation(entry.start, entry.end)
        self.open.append(node.id)
        if begin.current:
            self.tree.step(node.id, [])
            self._visit(node.id)
        return splices

    def _extend(self, node: int, text: str, end: int) -> list[Splice]:
        generation = self._generation(node).generation
        if generation is None or node not in self.open:
            return []
        generation.end = end
        return self.tree.extend(node, text) if text else []

    def _measure(self, tokens: Tokens) -> None:
        """Keep count of a continuation's tokens, and of how likely they were."""
        generation = self.tree.nodes[tokens.node].generation
        if generation is not None and tokens.node in self.open:
            generation.tokens += len(tokens.tokens)
            generation.logprob += sum(each.logprob or 0.0 for each in tokens.tokens)

    def _end(self, end: End, place: int) -> list[Splice]:
        splices = self._extend(end.node, end.text, place)
        self._close(end.node, end.finish)
        return splices

    def _close(self, node: int, finish: str) -> None:
        generation = self._generation(node).generation
        if generation is None or node not in self.open:
            return
        generation.finish = finish
        self.open.remove(node)
        closed = self.tree.nodes[node]
        if closed.splices[0].nothing:
            self._forget(closed)

    def _forget(self, node: Node) -> None:
        """A continuation that came to nothing is no step to undo."""
        for place in range(len(self.visited) - 1, 0, -1):
            if self.visited[place - 1 : place + 1] != [node.parent, node.id]:
                continue
            if place == self.place:
                self.tree.move(node.parent)
            self.visits.forget(place)
        parent = self.tree.nodes[node.parent]
        if parent.last == node.id and node.barren:
            parent.last = max(self.tree.roads(parent.id), default=-1)

    def _undo(self, undo: Undo, time: float) -> list[Splice]:
        over = undo.over
        if over is None:
            return self._visit_again(self.place - 1)
        road = self._road_from(over)
        place = self.place + 1 - len(road)
        self._close(over, "undone")
        self.typing = -1
        if self.tree.nodes[over].splices[0].nothing and self.tree.current != over:
            return []
        if not road or place < 1 or self.visited[place : self.place + 1] != road:
            return self._visit_again(self.place - 1)
        if self.visited[place - 1] == self.tree.nodes[over].parent and self._carries(over):
            return self._take_out(over, place, time)
        return self._visit_again(place - 1)

    def _take_out(self, over: int, place: int, time: float) -> list[Splice]:
        """Undo the continuation that came *place*th, and keep what was typed elsewhere since."""
        before = self.tree.current
        splices, _ = self._without(over, time)
        if self.tree.current == self.tree.nodes[over].parent:
            self.visits.place = place - 1
        else:
            self.visits.cut(place, [self.tree.current, before])
            self.visits.place = place
        return splices

    def _redo(self) -> list[Splice]:
        return self._visit_again(self.place + 1)

    def _go(self, go: Go) -> list[Splice]:
        splices = self.tree.move(self._known(go.node).id)
        self._visit(go.node)
        return splices

    def _take(self, take: Take, time: float) -> list[Splice]:
        """Where the text comes from the one that the continuation goes on from, all that was done since stays."""
        source = self._generation(take.node)
        own, made = source.splices[0], source.generation
        if take.length > own.put or made is None:
            raise DamagedError("more than there is")
        parent, at = source.parent, own.at
        if self.tree.on_road(parent):
            parent, (_, at) = self.tree.current, shifted(self.tree.below(parent), at, 0)
        node = self.tree.add(parent, "taken", time, [Splice(at, (), cut(own.inserted, 0, take.length))])
        node.generation, node.source = Generation(made.start, made.end, "taken"), source.id
        splices = self.tree.move(node.id)
        self._visit(node.id)
        return splices

    def _shelve(self, record: Trash | Empty) -> list[Splice]:
        """Move branches between tree and trash, as a step that can be undone."""
        nodes, splices = self.tree.nodes, list[Splice]()
        if isinstance(record, Empty):
            moved, shelf = [node for node in nodes if node.shelf is Shelf.TRASH], Shelf.GONE
        else:
            moved, shelf = [self._known(record.node)], Shelf.TREE if record.restored else Shelf.TRASH
        if shelf is Shelf.TRASH and moved[0].parent < 0:
            raise DamagedError("the whole story in the trash")
        if shelf is Shelf.TRASH and self.tree.on_road(moved[0].id):
            splices = self.tree.move(moved[0].parent)
        self._visit(self.tree.current, [(node.id, node.shelf, shelf) for node in moved])
        for node in moved:
            node.shelf = shelf
        self._fork = (), ([], 0)
        return splices

    def _visit(self, node: int, moves: Sequence[Move] = ()) -> None:
        self.typing = -1
        self.visits.add(node, moves)

    def _visit_again(self, place: int) -> list[Splice]:
        if not 0 <= place < len(self.visited):
            raise DamagedError("no such step")
        self.typing = -1
        self._fork = (), ([], 0)
        return self.tree.move(self.visits.go(place, self.tree.nodes))

    def _known(self, node: int) -> Node:
        if node >= len(self.tree.nodes):
            raise DamagedError("no such node")
        return self.tree.nodes[node]

    def _generation(self, node: int) -> Node:
        if self._known(node).generation is None:
            raise DamagedError("no such continuation")
        return self.tree.nodes[node]

    def _road_from(self, node: int) -> list[int]:
        """The nodes from this one down to the current one; none where it is not on the road."""
        road = [each.id for each in self.tree.ancestors(self.tree.nodes[node].depth)][::-1]
        return road if road[:1] == [node] else []

    def _carries(self, node: int) -> bool:
        """Whether all that came on the road since a continuation was typed: that may stay where the other goes."""
        road = self._road_from(node)
        return bool(road) and all(self.tree.nodes[each].generation is None for each in road[1:])

    def _carried(self, node: int) -> tuple[list[Splice], int, int]:
        own = self.tree.nodes[node].splices[0]
        return carried(self.tree.below(node), own.at, own.at + own.put)

    def _without(self, node: int, time: float) -> tuple[list[Splice], int]:
        """Take a continuation out of the current text; what was typed elsewhere since stays, as a node beside it.

        The splices that it makes, and where the continuation stood.
        """
        others, start, end = self._carried(node)
        # Two splices on two sides of a place where tokens come must not become one across it.
        others = [each for each in others if not each.nothing] if self.open else compact(others)
        parent = self.tree.nodes[node].parent
        target = self._carried_node(parent, time, others) if others else parent
        taken = Splice(start, self.tree.document.pieces(start, end))
        return self.tree.step(target, [] if taken.nothing else [taken]), start

    def _carried_node(self, parent: int, time: float, splices: list[Splice]) -> int:
        """The node below *parent* that these splices lead to: one that is there already, or a new one."""
        nodes = self.tree.nodes
        for child in nodes[parent].children:
            if nodes[child].cause == "carried" and not nodes[child].shelf and nodes[child].splices == splices:
                return child
        return self.tree.add(parent, "carried", time, splices).id
