"""The source line: where the word at the cursor was copied from."""

from textual.content import Content
from textual.widgets import Static

from gpt2studio.app.common.shown import shown
from gpt2studio.app.common.wording import clipped
from gpt2studio.app.texts.own_texts import Passage

NONE = "Every stitched word has a source: it is shown here."
OWN = "your own words"


class SourceLine(Static):
    """One line below the manuscript, there while the stitcher writes; a click opens the passage."""

    DEFAULT_CSS = """
    SourceLine {
        display: none; height: 1; padding: 0 2; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis;
        &.-on { display: block; }
        &:hover { color: $foreground; }
    }
    """

    def show(self, passage: Passage | None, note: str = NONE) -> None:
        """Show this passage, or a note where there is none."""
        content = Content(note) if passage is None else _line(passage, max(20, self.size.width - 4))
        if self.content != content:
            self.update(content)

    def on_click(self) -> None:
        """Open the passage."""
        self.run_worker(self.app.run_action("screen.source"))


def _line(passage: Passage, width: int) -> Content:
    """The place, then the words around it, the copied ones in the middle."""
    place = f"{clipped(shown(passage.file), 32)}, line {passage.line:,}" if passage.file else "this story"
    room = width - len(place) - 2
    found = _flat(passage.found).strip()
    side = max(0, (room - len(found) - 2) // 2)
    if not found or side < 4:
        return Content(place)
    before = _flat(passage.text[max(0, passage.offset - side) : passage.offset])
    after = _flat(passage.text[passage.offset + passage.length : passage.offset + passage.length + side])
    return Content.assemble(
        place, "  ", "…", before.lstrip(), (_flat(passage.found), "$foreground bold"), after.rstrip(), "…"
    )


def _flat(text: str) -> str:
    return shown(text.replace("\n", " "))
