"""The screen of two branches side by side, of which Enter takes one."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from gpt2studio.app.branches.comparison import Comparison
from gpt2studio.app.common.shown import shown
from gpt2studio.app.common.wording import clipped, counted
from gpt2studio.stories.story import Story


class SideBySideScreen(ModalScreen[int | None]):
    """Compares two nodes of a story; the one that is taken, or None."""

    CSS_PATH = "side_by_side.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,c", "leave", "Back", show=False, id="comparison.leave"),
        Binding("enter", "take", "Take it", show=False, id="comparison.take"),
    ]

    def __init__(self, story: Story, left: int, right: int) -> None:
        super().__init__()
        self._story = story
        self._compared = left, right
        self._both = Comparison(story.text_of(left), story.text_of(right))
        self._heads = Static(markup=False, classes="head"), Static(markup=False, classes="head")

    def compose(self) -> ComposeResult:
        """A head for each, the texts, the keys."""
        with Container(id="both") as pane:
            pane.border_title = "Side by side"
            differing = self._both.differences
            pane.border_subtitle = f"{counted(differing, 'paragraph')} different" if differing else "no difference"
            with Horizontal(id="heads"):
                yield from self._heads
            yield self._both
        yield Static("← → choose · Enter takes it · ↑ ↓ scroll both · n N differences · Esc", id="keys", markup=False)

    def on_mount(self) -> None:
        """Begin at the first difference."""
        self._both.focus()
        self.watch(self._both, "side", self._chosen)

    def on_resize(self) -> None:
        """Keep the heads over their columns."""
        self.call_after_refresh(self._chosen)

    def _chosen(self) -> None:
        """Say which is which, and which one would be taken."""
        for side, (head, node) in enumerate(zip(self._heads, self._compared, strict=True)):
            view = self._story.node(node)
            name = shown(view.name or view.excerpt) or "the beginning"
            name = f"{'▸' if side == self._both.side else ' '} {'now: ' if view.current else ''}{name}"
            head.styles.width = self._both.column + (3 if side == 0 else 0)
            head.update(Content(clipped(name, self._both.column)))
            head.set_class(side == self._both.side, "-chosen")

    def action_take(self) -> None:
        """Go to the chosen one."""
        self.dismiss(self._compared[self._both.side])

    def action_leave(self) -> None:
        """Take none."""
        self.dismiss(None)
