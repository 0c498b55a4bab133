"""The foot of a screen: the keys that work on it."""

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

from gpt2studio.app.commands import on_keyboard


class KeyBar(Footer):
    """The keys in a row, made anew where others work now: Textual's own is at every change of the focus."""

    def __init__(self) -> None:
        super().__init__(show_command_palette=False, compact=True)
        self._keys: list[tuple[str, str, str, str, bool]] = []
        self._width = 0
        """Cells that there were for the keys that are shown."""

    def compose(self) -> ComposeResult:
        """The keys that there is room for, whole; the last, help, is always there."""
        keys = [key for key in super().compose() if not isinstance(key, FooterKey) or on_keyboard(key.key)]
        self._width = self.app.size.width
        room = self._width + 1 - sum(map(_cells, keys[-1:]))
        for key in keys[:-1]:
            room -= _cells(key)
            if room < 0:
                break
            yield key
        yield from keys[-1:]

    def on_resize(self, event: events.Resize) -> None:
        """Show those that there is room for now."""
        if self._keys and self._width != self.app.size.width:
            self.call_after_refresh(self.recompose)

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Show the keys that work now."""
        if not (screen.app.app_focus and self.is_attached and screen is self.screen):
            return
        keys = [
            (binding.key, self.app.get_key_display(binding), binding.description, binding.action, enabled)
            for _, binding, enabled, _ in screen.active_bindings.values()
            if binding.show
        ]
        if keys != self._keys:
            self._keys = keys
            super().bindings_changed(screen)


def _cells(key: Widget) -> int:
    """The room that a key takes, with the space after it."""
    return cell_len(f"{key.key_display} {key.description} ") if isinstance(key, FooterKey) else 0
