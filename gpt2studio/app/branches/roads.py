"""A story's tree as rows: the road that the person is on runs straight down, the others branch off to the right."""

from collections.abc import Set
from dataclasses import dataclass

from gpt2studio.stories.story import NodeView, Story

EXCERPT = 100
"""Characters."""

_WHO = {
    "generation": "model",
    "retry": "again",
    "taken": "part",
    "carried": "kept",
    "import": "file",
    "elsewhere": "file",
    "start": "",
    "replace": "find",
}


@dataclass(frozen=True, slots=True)
class Road:
    """A row: a continuation, or some steps of a person's writing."""

    node: int
    """Where it leads."""
    first: int
    """The first of its steps."""
    indent: int
    branch: bool
    """Whether it branches off here."""
    below: int = 0
    """How many nodes it hides while it is folded; 0: it is not."""
    foldable: bool = False


def roads(story: Story, unfolded: Set[int]) -> list[Road]:
    """The rows from the story's start; of branches that are not unfolded, the first row alone."""
    current = {node.id for node in story.road()}
    sizes = story.sizes()
    rows: list[Road] = []
    waiting = [(story.ground, 0, False)]
    while waiting:
        first, indent, branch = waiting.pop()
        node = first
        below = story.roads(node)
        while len(below) == 1 and story.runs_on(below[0]):
            node = below[0]
            below = story.roads(node)
        foldable = branch and bool(below)
        folded = foldable and first not in unfolded and first not in current
        rows.append(Road(node, first, indent, branch, sizes[node] - 1 if folded else 0, foldable))
        if folded or not below:
            continue
        main = next((child for child in below if child in current), story.last_road(node))
        if main >= 0:
            waiting.append((main, indent, False))
        waiting.extend((child, indent + 1, True) for child in reversed(below) if child != main)
    return rows


def trash(story: Story) -> list[Road]:
    """What is in the trash, the latest last."""
    return [Road(node, node, 0, False) for node in story.trashed]


def words(story: Story, road: Road) -> str:
    """How what a row put into the text begins; what it took out, where it put nothing in."""
    text, node = "", road.node
    steps = [node]
    while node != road.first:
        node = story.parent_of(node)
        steps.append(node)
    for step in reversed(steps):
        text += story.put_in(step)
        if len(text) >= EXCERPT:
            break
    if not text.strip():
        removed = "".join(piece.text for piece in story.changed(road.node).removed)
        text = f"− {removed}" if removed else text
    return " ".join(text[: 2 * EXCERPT].split())[:EXCERPT]


def who(view: NodeView) -> str:
    """Who wrote it, or why it is there, in a word."""
    return _WHO.get(view.cause, "you")
