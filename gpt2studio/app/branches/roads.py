"""A story's tree as rows: the road that the person is on runs straight down, the others branch off to the right."""

from collections.abc import Set
from dataclasses import dataclass

from gpt2studio.app.common.wording import visible
from gpt2studio.stories.splice import Splice, compact, plain
from gpt2studio.stories.story import NodeView, Story

EXCERPT = 100
"""Characters."""

_WHO = {
    "generation": "model",
    "retry": "retry",
    "taken": "taken",
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
    """How what a row put into the text begins; what it took out, where it put nothing in; of a start nothing.

    What one step put in and a later one took out again is neither.
    """
    steps = [road.node]
    while steps[-1] != road.first:
        steps.append(story.parent_of(steps[-1]))
    change: list[Splice] = []
    for step in reversed(steps):
        change = compact([*change, *story.changes(step)])
        if sum(each.put for each in change) >= 2 * EXCERPT:  # the steps of a long row are many
            break
    text = "".join(plain(each.inserted) for each in change)
    removed = "".join(plain(each.removed) for each in change)
    if not text.strip() and road.node != story.ground:
        text = f"− {removed}" if removed.strip() else visible(text[:EXCERPT]) or "‹nothing›"
    return " ".join(text[: 2 * EXCERPT].split())[:EXCERPT]


def who(view: NodeView) -> str:
    """Who wrote it, or why it is there, in a word."""
    return _WHO.get(view.cause, "you")
