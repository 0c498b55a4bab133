"""The model line: which model writes, on what, and how fast."""

from textual.content import Content
from textual.widgets import Static


class ModelLine(Static):
    """One line of plain text at the foot, right-aligned."""

    DEFAULT_CSS = """
    ModelLine { width: auto; height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def show(self, text: str) -> None:
        """Say this; nothing is drawn again when it was said already."""
        if self.content != Content(text):
            self.update(Content(text))
