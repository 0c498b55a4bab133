"""The window bar: how much of the text the model sees, in one line."""

from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from gpt2studio.app.common import bars
from gpt2studio.app.common.wording import clipped, count, counted, fitting

LONGEST_BAR = 24
SHORTEST_BAR = 4


@dataclass(frozen=True, slots=True)
class Fill:
    """How full the model's window is."""

    tokens: int = 0
    """Of the text in all."""
    window_tokens: int = 0
    """Of those, how many the model sees."""
    n_positions: int = 0
    """How many it can see; 0 where no model is known yet."""
    words: int = 0
    held: int = 0
    """Tokens of memory and note, which the model sees beside the text."""
    selected: str = ""
    """What is selected, in words; empty where nothing is."""

    @property
    def outside(self) -> int:
        """How many tokens of the text the model does not see."""
        return max(0, self.tokens - self.window_tokens)

    def sayings(self) -> list[str]:
        """The same in words, the fullest first, for lines of less and less room; a selection before all else."""
        said = self._in_all()
        return [*(f"{self.selected} · {each}" for each in said), self.selected] if self.selected else said

    def _in_all(self) -> list[str]:
        words = counted(self.words, "word") + (f" · memory {count(self.held)}" if self.held else "")
        if not self.n_positions:
            return [words]
        if self.outside:
            seen = f"sees the last {count(self.window_tokens)} of {counted(self.tokens, 'token')}"
            short = f"{count(self.window_tokens)} of {count(self.tokens)}"
            return [
                f"{seen} · {count(self.outside)} outside · {words}",
                f"{seen} · {count(self.outside)} outside",
                f"{short} · {count(self.outside)} outside",
                short,
            ]
        used = f"{count(self.tokens + self.held)} of {count(self.n_positions)}"
        return [f"{used} tokens · {words}", f"{used} tokens", used]


class WindowBar(Widget):
    """A bar of the model's window and its exact numbers; a long text shows what stands outside."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "window-bar--seen",
        "window-bar--outside",
        "window-bar--free",
        "window-bar--words",
        "window-bar--words-outside",
    }

    DEFAULT_CSS = """
    WindowBar {
        height: 1;
        background: transparent;
        & > .window-bar--seen { color: $accent; }
        & > .window-bar--outside { color: $warning; }
        & > .window-bar--free { color: $text-disabled; }
        & > .window-bar--words { color: $text-muted; }
        & > .window-bar--words-outside { color: $text-warning; }
    }
    """

    fill: reactive[Fill] = reactive(Fill())
    """What is shown."""

    def show(
        self, tokens: int, window_tokens: int, n_positions: int, words: int, held: int = 0, selected: str = ""
    ) -> None:
        """Show a text of so many tokens and words, of which the model sees so many; n_positions 0: no model yet."""
        self.fill = Fill(tokens, min(window_tokens, tokens), n_positions, words, held, selected)

    def render_line(self, y: int) -> Strip:
        """The bar, and the fullest saying that the rest of the line has room for."""
        width, fill = self.size.width, self.fill
        least = SHORTEST_BAR + 1 if fill.n_positions else 0
        sayings = fill.sayings()
        saying = fitting(sayings, width - least) or sayings[-1]
        room = width - cell_len(saying) - 1
        bar = self._bar(min(LONGEST_BAR, room)) if fill.n_positions and room >= SHORTEST_BAR else []
        words = self._style("words-outside" if fill.outside else "words")
        text = Segment(clipped(saying, width), words)
        return Strip([*bar, text]).adjust_cell_length(width, words)

    def _bar(self, cells: int) -> list[Segment]:
        """The text from its start to its end, the seen part solid; what is free of the window comes after it."""
        fill = self.fill
        free = self._style("free")
        whole = fill.tokens if fill.outside else fill.n_positions
        seen = bars.line((fill.window_tokens + (0 if fill.outside else fill.held)) / max(1, whole), cells)
        rest = cells - len(seen)
        if fill.outside:
            return [
                Segment("┄" * rest, self._style("outside")),
                Segment("━" * len(seen), self._style("seen")),
                Segment(" ", free),
            ]
        return [Segment(seen, self._style("seen")), Segment("─" * rest, free), Segment(" ", free)]

    def _style(self, part: str) -> Style:
        return self.get_visual_style(f"window-bar--{part}").rich_style
