"""The model line: which model writes, on what, and how fast."""

from textual.content import Content
from textual.widgets import Static


class ModelLine(Static):
    """One line of plain text at the foot, right-aligned."""

    DEFAULT_CSS = """
    ModelLine { width: auto; height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    _said = Content()

    def show(self, text: str) -> None:
        """Say this: nothing is drawn again when it was said already, and nothing laid out anew where it is as long."""
        said, now = self._said, Content(text)
        if now != said:
            self._said = now
            self.update(now, layout=now.cell_length != said.cell_length)
