"""A state as one file, to open from without folding the whole journal."""

import hashlib
import json
from pathlib import Path
from typing import Any

from gpt2studio.files import write_whole
from gpt2studio.stories.lines import dumped, pieces_from, pieces_to
from gpt2studio.stories.records import DamagedError
from gpt2studio.stories.splice import Splice
from gpt2studio.stories.state import State
from gpt2studio.stories.tree import Generation, Node, Shelf
from gpt2studio.stories.visits import Visits

FORMAT = 2
"""Of the file and of the fold: a snapshot of another one is passed over, and the journal folded."""


def save(state: State, directory: Path, end: int, last: bytes) -> None:
    """Write the state after the journal's first *end* bytes, whose last line is *last*; older ones but one go."""
    body = dumped(_state_to(state))
    head = {
        "format": FORMAT,
        "seq": state.seq,
        "end": end,
        "last": _hash(last),
        "length": len(last),
        "body": _hash(body),
    }
    write_whole(directory / f"snapshot-{state.seq:012d}.json", dumped(head) + b"\n" + body + b"\n")
    older = [path for path in _paths(directory) if _seq(path) < state.seq]
    for path in older[1:]:
        path.unlink()


def latest(directory: Path, journal: bytes, limit: int) -> tuple[State, int] | None:
    """The newest state that fits the journal's first *limit* bytes, and how many of them are in it.

    A snapshot that is damaged, of another format, or not of this journal is passed over.
    """
    for path in _paths(directory):
        try:
            head, body, *_ = path.read_bytes().split(b"\n")
            about = json.loads(head)
            end, length = about["end"], about["length"]
            if about["format"] != FORMAT or end > limit or _hash(body) != about["body"]:
                continue
            if not 0 < length <= end or _hash(journal[end - length : end]) != about["last"]:
                continue
            return _state_from(json.loads(body)), end
        except (OSError, ValueError, KeyError, TypeError, IndexError, RecursionError):
            continue
    return None


def _paths(directory: Path) -> list[Path]:
    """The snapshots, the newest first."""
    return sorted((path for path in directory.glob("snapshot-*.json") if _seq(path) >= 0), key=_seq, reverse=True)


def _seq(path: Path) -> int:
    number = path.stem.removeprefix("snapshot-")
    return int(number) if number.isdecimal() else -1


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _state_to(state: State) -> dict[str, Any]:
    document = state.tree.document
    return {
        "id": state.id,
        "title": state.title,
        "notes": state.notes,
        "seq": state.seq,
        "visited": state.visited,
        "moves": {place: moves for place, moves in enumerate(state.visits.moves) if moves},
        "place": state.place,
        "typing": state.typing,
        "open": state.open,
        "current": state.tree.current,
        "text": pieces_to(document.pieces(0, len(document))),
        "nodes": [_node_to(node) for node in state.tree.nodes],
        "kept": {node.id: [node.starred, node.name, node.shelf] for node in state.tree.nodes if _kept(node)},
        "sources": {node.id: node.source for node in state.tree.nodes if node.source >= 0},
    }


def _kept(node: Node) -> bool:
    """Whether the person has done something with the node itself."""
    return bool(node.starred or node.name or node.shelf)


def _node_to(node: Node) -> list[Any]:
    made = node.generation
    return [
        node.parent,
        node.cause,
        node.time,
        node.last,
        node.resting,
        [[each.at, pieces_to(each.removed), pieces_to(each.inserted)] for each in node.splices],
        [made.start, made.end, made.finish, made.tokens, made.logprob] if made is not None else None,
    ]


def _state_from(data: dict[str, Any]) -> State:
    state = State()
    tree = state.tree
    tree.nodes.clear()
    for row in data["nodes"]:
        node = _node_from(len(tree.nodes), row)
        if node.parent >= node.id or (node.parent < 0) != (node.id == 0):
            raise DamagedError("a node before its parent")
        if node.id:
            node.depth = tree.nodes[node.parent].depth + 1
            tree.nodes[node.parent].children.append(node.id)
        tree.nodes.append(node)
    for number, (starred, name, shelf) in data["kept"].items():
        node = tree.nodes[int(number)]
        node.starred, node.name, node.shelf = starred, name, Shelf(shelf)
    for number, source in data["sources"].items():
        tree.nodes[int(number)].source = source
    tree.document.apply(Splice(0, (), pieces_from(data["text"])))
    tree.current = data["current"]
    state.id, state.title, state.notes, state.seq = data["id"], data["title"], data["notes"], data["seq"]
    state.typing, state.open = data["typing"], data["open"]
    state.visits = _visits_from(data)
    return state


def _visits_from(data: dict[str, Any]) -> Visits:
    visits = Visits()
    visits.nodes, visits.place = data["visited"], data["place"]
    visits.moves = [()] * len(visits.nodes)
    for place, moves in data["moves"].items():
        visits.moves[int(place)] = tuple((node, Shelf(before), Shelf(after)) for node, before, after in moves)
    return visits


def _node_from(number: int, row: list[Any]) -> Node:
    parent, cause, time, last, resting, splices, made = row
    return Node(
        number,
        parent,
        0,
        cause,
        time,
        [Splice(at, pieces_from(removed), pieces_from(inserted)) for at, removed, inserted in splices],
        [],
        last,
        resting,
        Generation(*made) if made is not None else None,
    )
