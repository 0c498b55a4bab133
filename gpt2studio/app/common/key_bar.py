"""The foot of a screen: the keys that work on it."""

from textual.screen import Screen
from textual.widgets import Footer


class KeyBar(Footer):
    """The keys in a row, made anew where others work now: Textual's own is at every change of the focus."""

    def __init__(self) -> None:
        super().__init__(show_command_palette=False, compact=True)
        self._keys: list[tuple[str, str, str, str, bool]] = []

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
