"""The legend of the surprise map: what its shades mean, and how perplexing the text is."""

from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from gpt2studio.app.common.wording import clipped, fitting

BANDS = 4
_FULL = 92
"""Cells that shades and perplexities take together, with room for a thousand of each."""
_HIGH = 30
"""Rows of a screen that has one to spare."""


@dataclass(frozen=True, slots=True)
class Perplexities:
    """e to the mean surprise of parts of the text; None where it is not known."""

    selection: float | None = None
    paragraph: float | None = None
    story: float | None = None
    read: float = 1.0
    """The share of the story that has been scored."""


class Legend(Widget):
    """Says what the map shows: in one line, or in two where all of it has no room in one, and the screen is high."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"legend--text", *(f"legend--{band}" for band in range(1, BANDS + 1))}

    DEFAULT_CSS = """
    Legend {
        height: auto;
        padding: 0 1;
        max-width: 112;
        display: none;
        background: $background;
        & > .legend--text { color: $text-muted; }
        & > .legend--1 { color: $ink-person; background: $surprise-1; }
        & > .legend--2 { color: $ink-person; background: $surprise-2; text-style: italic; }
        & > .legend--3 { color: $ink-person; background: $surprise-3; text-style: underline; }
        & > .legend--4 { color: $ink-person; background: $surprise-4; text-style: bold underline; }
        &.-on { display: block; }
    }
    """

    measure: reactive[str] = reactive("")
    """What the shades show."""
    words: reactive[tuple[str, ...]] = reactive(())
    """What each shade means."""
    perplexities: reactive[Perplexities] = reactive(Perplexities())
    trouble: reactive[str] = reactive("")
    """What is said in place of the rest."""

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """One line or two."""
        return 2 if width < _FULL and viewport.height >= _HIGH else 1

    def render_line(self, y: int) -> Strip:
        """The shades first, then as much of the perplexities as there is room for."""
        width, alone = self.size.width, self.size.height > 1
        text = self._style("text")
        if self.trouble:
            return Strip([Segment("" if y else clipped(self.trouble, width), text)]).adjust_cell_length(width, text)
        row = [] if y else self._shades()
        if y or not alone:
            room = width - sum(cell_len(segment.text) for segment in row) - (2 if row else 0)
            said = fitting(self.sayings(), room)
            row.append(Segment(said if y else said.rjust(room + 2), text))
        return Strip(row).adjust_cell_length(width, text)

    def _shades(self) -> list[Segment]:
        text = self._style("text")
        row = [Segment(f"{self.measure} ", text)]
        for band, words in enumerate(self.words, 1):
            row += [Segment(words, self._style(str(band))), Segment(" ", text)]
        return row

    def sayings(self) -> list[str]:
        """The perplexities in words, the fullest first."""
        ours = self.perplexities
        parts = [("selection", ours.selection), ("paragraph", ours.paragraph), ("story", ours.story)]
        known = [f"{name} {number(value)}" for name, value in parts if value is not None]
        if ours.story is None and ours.read < 1:
            known.append(f"story {ours.read:.0%} read")
        if not known:
            return []
        full = " · ".join(known)
        brief = [" · ".join(known[1:])] if len(known) > 2 else []
        return [f"perplexity: {full}", f"perplexity {full}", full, *brief, *known]

    def _style(self, part: str) -> Style:
        return self.get_visual_style(f"legend--{part}").rich_style


def number(perplexity: float) -> str:
    """A perplexity as people read it: ``8.3``, ``42``, ``1,300``."""
    return f"{perplexity:.1f}" if perplexity < 9.95 else f"{perplexity:,.0f}"
