"""The Tree screen: every branch of the story, to look at, go to, name, compare and throw away."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from gpt2studio.app.branches.reading import Reading
from gpt2studio.app.branches.road_list import RoadList
from gpt2studio.app.branches.roads import roads, trash
from gpt2studio.app.common.shown import shown
from gpt2studio.app.common.wording import counted, fitting
from gpt2studio.app.write.desk import Desk
from gpt2studio.stories.splice import Splice

_LOOKS = 0.5
"""Seconds between two looks whether the story has grown."""

_KEYS = (
    "Enter go there · m star · r name · d throw away · v pick, c compare · / search · t trash · Esc",
    "Enter go · m star · r name · d trash · c compare · / search · t trash · Esc",
)
_TRASH_KEYS = (
    "Enter or u brings it back · E empty the trash · t back to the tree · Esc",
    "Enter back · E empty · t · Esc",
)


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person chose in the tree: a node to go to, or two to compare."""

    node: int
    other: int | None = None


class TreeScreen(ModalScreen[Choice | None]):
    """Shows the tree; what is thrown away or brought back is done at once, and can be undone."""

    CSS_PATH = "tree.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", show=False, id="tree.leave"),
        Binding("f10,alt+t,q", "leave", "Back", show=False, id="tree.close"),
        Binding("enter", "go", "Go there", show=False, id="tree.go"),
        Binding("space,z", "fold", "Fold", show=False, id="tree.fold"),
        Binding("Z", "fold_all", "Fold or unfold all", show=False, id="tree.fold-all"),
        Binding("m,asterisk", "star", "Star", show=False, id="tree.star"),
        Binding("r", "name", "Name", show=False, id="tree.name"),
        Binding("d,delete", "trash", "Throw away", show=False, id="tree.trash"),
        Binding("t", "show_trash", "Trash", show=False, id="tree.show-trash"),
        Binding("u", "restore", "Bring back", show=False, id="tree.restore"),
        Binding("E", "empty", "Empty the trash", show=False, id="tree.empty"),
        Binding("y", "yes", "Yes", show=False, id="tree.yes"),
        Binding("v", "pick", "Pick", show=False, id="tree.pick"),
        Binding("c", "compare", "Compare", show=False, id="tree.compare"),
        Binding("slash,ctrl+f", "search", "Search", show=False, id="tree.search"),
        Binding("n", "found(1)", "Next found", show=False, id="tree.found-next"),
        Binding("N", "found(-1)", "Previous found", show=False, id="tree.found-previous"),
        Binding("ctrl+z", "undo", "Undo", show=False, id="tree.undo"),
        Binding("ctrl+y", "redo", "Redo", show=False, id="tree.redo"),
    ]

    def __init__(self, desk: Desk, stop: Callable[[], None], node: int | None = None) -> None:
        super().__init__()
        self._begin = node
        self._desk = desk
        self._story = desk.story
        self._stop = stop
        self._unfolded: set[int] = set()
        self._in_trash = False
        self._asked = False
        self._seen = (0, 0)
        self._matches: list[int] = []
        self._naming = False
        self._list = RoadList(desk.story)
        self._reading = Reading()
        self._line = Input()
        self._keys = Static("", id="keys", markup=False)

    def compose(self) -> ComposeResult:
        """The rows, the text at the highlighted one, a line to type in where one is asked for, the keys."""
        with Container(id="tree"):
            yield self._list
            yield self._reading
        yield self._line
        yield self._keys

    def on_mount(self) -> None:
        """Begin where the text is."""
        self._line.display = False
        self._list.focus()
        self._list.border_subtitle = "tokens · mean log-probability · when"
        self._reveal(self._begin if self._begin is not None else self._story.road()[-1].id)
        self.set_interval(_LOOKS, self._look)

    def _look(self) -> None:
        if self._seen != self._state():
            self._show()

    def _state(self) -> tuple[int, int]:
        return self._story.nodes, self._story.road()[-1].id

    @property
    def _node(self) -> int | None:
        return self._list.road.node if self._list.road is not None else None

    # --- what is seen ------------------------------------------------------------------------------------------------

    def _show(self, node: int | None = None) -> None:
        """Show what there is now, this node highlighted, or the one that was."""
        node = self._node if node is None else node
        rows = trash(self._story) if self._in_trash else roads(self._story, self._unfolded)
        self._seen = self._state()
        self._list.found = frozenset(self._matches)
        self._list.show(rows, -1 if node is None else node)
        self._list.border_title = Content(self._headline()).markup
        self._preview()
        self._say()

    def _headline(self) -> str:
        """What the rows are, and how many of them are elsewhere or were looked for."""
        if self._in_trash:
            return "Trash"
        thrown, sought = len(self._story.trashed), bool(self._line.value) and not self._naming
        found = f" · {len(self._matches):,} found" if sought else ""
        return "Branches" + found + (f" · {counted(thrown, 'branch', 'branches')} in the trash" if thrown else "")

    def _say(self, *lines: str) -> None:
        """The keys, or the longest of these lines that there is room for."""
        choices = lines or (_TRASH_KEYS if self._in_trash else _KEYS)
        self._keys.update(Content(fitting(choices, self.size.width - 2) or choices[-1]))

    def on_resize(self, event: events.Resize) -> None:
        """Say as much as there is room for."""
        self._say()

    @on(RoadList.Highlighted)
    def _highlighted(self) -> None:
        """The list moves first, the text follows."""
        self.call_after_refresh(self._preview)

    def _preview(self) -> None:
        """Show the text as it is at the highlighted row."""
        road = self._list.road
        if road is None:
            self._reading.border_title = ""
            empty = "Nothing is in the trash." if self._in_trash else ""
            self._reading.say(empty)
            return
        view = self._story.node(road.node)
        change = self._story.changed(road.node)
        self._reading.show(self._story.text_of(road.node), change.at, change.at + change.put)
        name = shown(view.name) or ("The text now" if view.current else "The text there")
        self._reading.border_title = Content(name).markup
        self._reading.border_subtitle = Content(self._made_by(road.node) if view.by_model else "").markup

    def _made_by(self, node: int) -> str:
        """Which model wrote it, and with which draws."""
        request = self._story.request(node)
        model, seed, number = (request.get(each) for each in ("model_name", "seed", "first_candidate"))
        parts = [shown(str(model)) if model else "", f"seed {seed}" if seed is not None else ""]
        parts.append(f"candidate {number + 1}" if isinstance(number, int) and number else "")
        return " · ".join(part for part in parts if part)

    # --- going -------------------------------------------------------------------------------------------------------

    @on(RoadList.Chosen)
    def action_go(self) -> None:
        """Go to the highlighted branch; out of the trash it comes back first."""
        if self._in_trash:
            self.action_restore()
        elif (road := self._list.road) is not None:
            self.dismiss(Choice(road.node))

    def action_leave(self) -> None:
        """Back: from the trash to the tree, from the tree to the page."""
        if self._asked:
            self._asked = False
            self._say()
        elif self._in_trash:
            self.action_show_trash()
        else:
            self.dismiss(None)

    def action_pick(self) -> None:
        """Have the next one compared with this one."""
        self._list.picked = None if self._list.picked == self._node else self._node
        self._list.refresh()

    def action_compare(self) -> None:
        """See two branches side by side: this one, and the one that was picked or is the text now."""
        node = self._node
        other = self._list.picked if self._list.picked is not None else self._story.road()[-1].id
        if node is None or self._in_trash:
            return
        if other == node:
            self._say("c compares this with another branch: go to that one, or pick one by v.")
        else:
            self.dismiss(Choice(node, other))

    @on(RoadList.Folded)
    def _folded(self, event: RoadList.Folded) -> None:
        (self._unfolded.add if event.unfold else self._unfolded.discard)(event.node)
        self._show()

    def action_fold(self) -> None:
        """Fold a branch, or unfold it."""
        road = self._list.road
        if road is not None and road.foldable:
            self._unfolded ^= {road.first}
            self._show(road.first)

    def action_fold_all(self) -> None:
        """Unfold all; if nothing is folded, fold all."""
        folded = any(road.below for road in self._list.roads)
        self._unfolded = set(range(self._story.nodes)) if folded else set()
        self._show()

    # --- keeping and throwing away -----------------------------------------------------------------------------------

    def action_star(self) -> None:
        """Mark it, or take the mark away."""
        if (node := self._node) is not None and not self._story.read_only:
            self._story.star(node, not self._story.node(node).starred)
            self._list.refresh()

    def action_trash(self) -> None:
        """Throw it away, with all below it: into the trash."""
        road = self._list.road
        if road is None or self._in_trash:
            return
        if road.first == self._story.ground:
            self._say("The beginning of the story stays.")
            return
        index = self._list.highlighted
        self._stop()
        self._travel(lambda: self._story.trash(road.first))
        self._list.highlighted = max(0, index - 1)
        self._show(-1)
        self._say("In the trash: t shows it, Ctrl+Z brings it back.")

    def action_restore(self) -> None:
        """Bring it back from the trash."""
        if self._in_trash and (node := self._node) is not None:
            self._travel(lambda: self._story.restore(node))
            self._in_trash = bool(self._story.trashed)
            self._show(node)
            self._say("It is back in the tree.")

    def action_show_trash(self) -> None:
        """To the trash, and back."""
        self._in_trash = not self._in_trash
        self._show(-1 if self._in_trash else self._story.road()[-1].id)

    def action_empty(self) -> None:
        """Ask whether the trash is to be emptied."""
        count = len(self._story.trashed)
        if self._in_trash and count:
            self._asked = True
            what = f"{counted(count, 'branch', 'branches')}, {counted(self._story.thrown_away, 'step')}"
            asked = f"Empty the trash ({what})? The journal keeps the words."
            self._say(f"{asked} y: yes · Esc: no", f"{asked} y · Esc")

    def action_yes(self) -> None:
        """Empty the trash."""
        if self._asked:
            self._asked = self._in_trash = False
            self._travel(self._story.empty_trash)
            self._show()
            self._say("Empty. The journal on disk has them still, and Ctrl+Z brings them back.")

    def _travel(self, way: Callable[[], list[Splice]]) -> None:
        if self._story.read_only:
            self._say("This story is read-only here.")
        else:
            self._desk.travel(way)

    def action_undo(self) -> None:
        """One step of the story back."""
        self._stop()
        self._travel(self._story.undo)
        self._show(self._story.road()[-1].id)

    def action_redo(self) -> None:
        """One step forward again."""
        self._stop()
        self._travel(self._story.redo)
        self._show(self._story.road()[-1].id)

    # --- typing ------------------------------------------------------------------------------------------------------

    def action_search(self) -> None:
        """Type a part of the words, or of a name."""
        self._type(False, "", "Words and names of all branches; Enter, then n and N go through them")

    def action_name(self) -> None:
        """Give the branch a name."""
        if (node := self._node) is not None and not self._story.read_only:
            self._type(True, self._story.node(node).name, "What to call it; nothing: no name")

    def _type(self, naming: bool, value: str, asked: str) -> None:
        self._naming = naming
        self._line.display = True
        self._line.placeholder = asked
        self._line.border_title = "Name" if naming else "Search"
        self._line.value = value
        self._line.focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        if not self._naming:
            self._matches = self._story.matching(event.value) if event.value else []
            if self._matches:
                here = self._node or 0
                self._reveal(next((node for node in self._matches if node >= here), self._matches[0]))
            else:
                self._show()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        if self._naming and (node := self._node) is not None:
            self._story.name(node, event.value.strip())
            self._show()
        self._line.display = False
        self._list.focus()

    def action_found(self, by: int) -> None:
        """To the next branch that the search has found."""
        if self._matches:
            here = self._node if self._node is not None else -1
            after = [node for node in self._matches if node > here] if by > 0 else []
            before = [node for node in self._matches if node < here] if by < 0 else []
            self._reveal((after or before[::-1] or self._matches[:: by if by else 1])[0])

    def _reveal(self, node: int) -> None:
        """Unfold what hides a node, and highlight it."""
        above = self._story.parent_of(node)
        while above > self._story.ground:
            self._unfolded.add(above)
            above = self._story.parent_of(above)
        self._in_trash = False
        self._show(node)

    def on_key(self, event: events.Key) -> None:
        """Escape leaves the line, and the search with it."""
        if event.key == "escape" and self._line.has_focus:
            event.stop()
            event.prevent_default()
            if not self._naming:
                self._matches = []
            self._line.value = ""
            self._line.display = False
            self._list.focus()
            self._show()
