"""A choice among the models at hand, over another screen."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import OptionList

from gpt2studio.app.models.pane import ModelsPane
from gpt2studio.library.installed import InstalledModel


class ChooseModelScreen(ModalScreen[InstalledModel | None]):
    """Chooses a model; None where the person leaves without one."""

    DEFAULT_CSS = """
    ChooseModelScreen {
        align: center middle;
        & > ModelsPane {
            width: 94%;
            max-width: 96;
            height: 70%;
            background: $background;
            border: round $border;
            padding: 0 1;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Back", show=False, priority=True)]

    def __init__(self, models: Sequence[InstalledModel], current: str) -> None:
        super().__init__()
        self._models, self._current = models, current
        self._pane = ModelsPane()

    def compose(self) -> ComposeResult:
        """The models."""
        yield self._pane

    def on_mount(self) -> None:
        """Begin at the one that is chosen."""
        self._pane.border_title = "The model to begin from"
        self._pane.border_subtitle = "Enter takes · Esc leaves"
        self._pane.show(self._models, self._current)
        self._pane.query_one(OptionList).focus()

    @on(ModelsPane.Chosen)
    def _chosen(self, event: ModelsPane.Chosen) -> None:
        event.stop()  # it is not to write, only to be learned from
        self.dismiss(event.model)

    def action_leave(self) -> None:
        """Leave without one."""
        self.dismiss(None)
