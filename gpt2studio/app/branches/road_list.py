"""A story's branches as a list of rows, drawn as they come into sight: thousands are as quick as ten."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from gpt2studio.app.branches.roads import Road, who, words
from gpt2studio.app.common.shown import shown
from gpt2studio.app.common.wording import clipped
from gpt2studio.stories.story import NodeView, Story

_NUMBERS = 21
"""Cells for tokens, mean and time."""
DEEPEST = 12
"""Levels that are drawn indented; deeper ones stand under each other, with their number."""


class RoadList(ScrollView, can_focus=True):
    """Rows of a story's tree, one of them highlighted."""

    HELP = "The story's branches. ↑ ↓ move, ← → fold and unfold, Enter goes there."

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *("road-list--person", "road-list--model", "road-list--guide", "road-list--about", "road-list--name"),
        *("road-list--highlighted", "road-list--found", "road-list--current"),
    }

    DEFAULT_CSS = """
    RoadList {
        background: $background;
        scrollbar-size: 0 1;
        border: round $border-blurred;
        border-title-color: $text-muted;
        border-subtitle-color: $text-muted;
        padding: 0 1;
        & > .road-list--person { color: $ink-person; }
        & > .road-list--model { color: $ink-model; }
        & > .road-list--guide { color: $text-disabled; }
        & > .road-list--about { color: $text-muted; }
        & > .road-list--name { color: $foreground; text-style: bold; }
        & > .road-list--current { color: $text-accent; text-style: bold; }
        & > .road-list--found { text-style: underline; }
        & > .road-list--highlighted { background: $boost; }
        &:focus { border: round $border; border-title-color: $foreground; }
        &:focus > .road-list--highlighted { background: $block-cursor-blurred-background; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Next", show=False, id="tree.next"),
        Binding("up,k", "move(-1)", "Previous", show=False, id="tree.previous"),
        Binding("pagedown,ctrl+d", "page(1)", "Page down", show=False, id="tree.page-down"),
        Binding("pageup,ctrl+u", "page(-1)", "Page up", show=False, id="tree.page-up"),
        Binding("home", "move(-1000000)", "First", show=False, id="tree.first"),
        Binding("end,G", "move(1000000)", "Last", show=False, id="tree.last"),
        Binding("left,h", "out", "To the fork", show=False, id="tree.out"),
        Binding("right,l", "into", "Into the branch", show=False, id="tree.into"),
    ]

    highlighted: reactive[int] = reactive(0)
    """The row that keys act on."""

    @dataclass
    class Highlighted(Message):
        """Another row is highlighted."""

        def can_replace(self, message: Message) -> bool:
            """Of many at once the last one counts."""
            return isinstance(message, RoadList.Highlighted)

    @dataclass
    class Chosen(Message):
        """A row was clicked a second time."""

    @dataclass
    class Folded(Message):
        """A branch is to be folded or unfolded."""

        node: int
        unfold: bool

    def __init__(self, story: Story) -> None:
        super().__init__()
        self._story = story
        self.roads: Sequence[Road] = ()
        self.found: frozenset[int] = frozenset()
        """The nodes that a search has found."""
        self.picked: int | None = None
        """The node that another is to be compared with."""

    def show(self, roads: Sequence[Road], node: int) -> None:
        """Show these rows, the one that leads to this node highlighted; else one near the last."""
        self.roads = roads
        self.virtual_size = Size(0, len(roads))
        index = next((y for y, road in enumerate(roads) if node in (road.node, road.first)), None)
        self.highlighted = min(self.highlighted, max(0, len(roads) - 1)) if index is None else index
        self.refresh()
        self.call_after_refresh(self._keep_in_sight)

    @property
    def road(self) -> Road | None:
        """The row that is highlighted."""
        return self.roads[self.highlighted] if self.highlighted < len(self.roads) else None

    # --- drawing -----------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """One row."""
        width = self.scrollable_content_region.width
        row = y + self.scroll_offset.y
        if row >= len(self.roads):
            return Strip.blank(width, self.get_component_rich_style("road-list--person"))
        over = ["road-list--highlighted"] if row == self.highlighted else []
        segments = [Segment(text, self._style(part, over)) for text, part in self._row(self.roads[row], width)]
        return Strip(segments).adjust_cell_length(width, self._style("person", over))

    def _row(self, road: Road, width: int) -> list[tuple[str, str]]:
        view = self._story.node(road.node)
        guide = self._guide(road)
        label = f"{who(view):<6}"
        name = f"{shown(view.name)} " if view.name else ""
        if view.starred and view.current:  # whose own mark is another
            name = f"★ {name}"
        hidden = f" ▸{road.below}" if road.below else ""
        room = max(4, width - cell_len(guide) - 2 - len(label) - cell_len(hidden) - _NUMBERS)
        text = clipped(shown(words(self._story, road)) or "the beginning", max(1, room - cell_len(name)))
        part = "model" if view.by_model else "person"
        blanks = " " * max(0, room - cell_len(name) - cell_len(text))
        mark = "●" if view.current else "★" if view.starred else "≠" if road.node == self.picked else "○"
        text_part = f"{part} found" if road.node in self.found else part
        return [
            (guide, "guide"),
            (f"{mark} ", "current" if view.current or view.starred else "guide"),
            (label, "about"),
            (clipped(name, room), "name"),
            (text, text_part),
            (hidden, "current"),
            (blanks, "about"),
            (numbers(view, time.time()).rjust(_NUMBERS), "about"),
        ]

    @staticmethod
    def _guide(road: Road) -> str:
        indent = min(road.indent, DEEPEST)
        if not indent:
            return ""
        return "│ " * (indent - 1) + ("├╴" if road.branch else "│ ")

    def _style(self, part: str, over: Sequence[str]) -> Style:
        names = [f"road-list--{each}" for each in part.split()]
        return self.get_visual_style(*over, *names).rich_style

    # --- acting ------------------------------------------------------------------------------------------------------

    def watch_highlighted(self) -> None:
        """Tell of it, and bring it into sight."""
        self._keep_in_sight()
        self.post_message(self.Highlighted())

    def _keep_in_sight(self) -> None:
        self.scroll_to_region(Region(0, self.highlighted, 1, 1), animate=False, force=True)

    def action_move(self, by: int) -> None:
        """Go up or down."""
        self.highlighted = min(max(self.highlighted + by, 0), max(0, len(self.roads) - 1))

    def action_page(self, by: int) -> None:
        """Go up or down a page."""
        self.action_move(by * max(1, self.scrollable_content_region.height - 1))

    def action_out(self) -> None:
        """Fold the branch, or go to the fork that it comes from."""
        road = self.road
        if road is None:
            return
        if road.foldable and not road.below and self.highlighted + 1 < len(self.roads):
            self.post_message(self.Folded(road.first, unfold=False))
        rows = range(self.highlighted - 1, -1, -1)
        level = road.indent - road.branch
        above = next((y for y in rows if self.roads[y].indent == level), None)
        if not (road.foldable and not road.below) and above is not None:
            self.highlighted = above

    def action_into(self) -> None:
        """Unfold the branch, or go on along the row."""
        road = self.road
        if road is not None and road.below:
            self.post_message(self.Folded(road.first, unfold=True))
        else:
            self.action_move(1)

    def on_click(self, event: events.Click) -> None:
        """A click highlights, a second one goes there."""
        offset = event.get_content_offset(self)
        if offset is None or offset.y + self.scroll_offset.y >= len(self.roads):
            return
        self.highlighted = offset.y + self.scroll_offset.y
        if event.chain > 1:
            self.post_message(self.Chosen())


def numbers(view: NodeView, now: float) -> str:
    """How many tokens, how likely in the mean, and when."""
    tokens = f"{view.tokens}" if view.tokens is not None else ""
    mean = f"{view.logprob:.2f}".replace("-", "−") if view.logprob is not None else ""
    return f"{tokens:>4} {mean:>6} {moment(view.time, now):>8}"


def moment(then: float, now: float) -> str:
    """When: the time of today, else the day."""
    if not then:
        return ""
    here, there = time.localtime(now), time.localtime(then)
    if here[:3] == there[:3]:
        return time.strftime("%H:%M", there)
    return time.strftime("%d %b" if here[0] == there[0] else "%b %Y", there)
