"""The sampling panel: every number that decides how the model goes on, a dial a row."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from textwrap import wrap
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from gpt2studio.app.sampling.dial_rows import Parts, bar_width, dial_row, idle_row, preset_row
from gpt2studio.app.sampling.dials import DIALS, LEAP, Dial, moved, neutral
from gpt2studio.app.sampling.more_dials import unfolded
from gpt2studio.app.sampling.presets import name_of
from gpt2studio.app.sampling.writing_settings import WritingSettings
from gpt2studio.errors import StudioError
from gpt2studio.wire.sampling import PRESETS, Sampling

TYPED = {**{digit: digit for digit in "0123456789"}, "full_stop": ".", "comma": ".", "minus": "-"}
"""Keys that a number is typed with."""

_ENOUGH = 14
"""Rows of dials that are enough at once: a panel that has more to show gives some to what the chosen dial does."""


class SamplingPanel(ScrollView, can_focus=True):
    """A list of dials: up and down choose one, left and right turn it, a number sets it."""

    HELP = (
        "How the next token is chosen. ↑ ↓ choose, ← → change, a number sets it; [ ] move it in the sampling order. "
        "m shows what few people turn."
    )

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *("sampling-panel--label", "sampling-panel--value", "sampling-panel--neutral", "sampling-panel--order"),
        *("sampling-panel--bar", "sampling-panel--track", "sampling-panel--chosen", "sampling-panel--typed"),
        *("sampling-panel--about", "sampling-panel--fault", "sampling-panel--idle"),
    }

    DEFAULT_CSS = """
    SamplingPanel {
        border-title-color: $text-muted;
        border-subtitle-color: $text-muted;
        height: 1fr;
        scrollbar-size: 0 1;
        background: transparent;
        & > .sampling-panel--label { color: $foreground; }
        & > .sampling-panel--value { color: $foreground; text-style: bold; }
        & > .sampling-panel--neutral { color: $text-muted; }
        & > .sampling-panel--order { color: $text-muted; }
        & > .sampling-panel--bar { color: $accent; }
        & > .sampling-panel--track { color: $text-disabled; }
        & > .sampling-panel--chosen { background: $boost; }
        & > .sampling-panel--typed { color: $background; background: $accent; }
        & > .sampling-panel--about { color: $text-muted; text-style: italic; }
        & > .sampling-panel--fault { color: $text-error; }
        & > .sampling-panel--idle { color: $text-disabled; }
        &:focus { border-title-color: $foreground; }
        &:focus > .sampling-panel--chosen { background: $block-cursor-blurred-background; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "choose(-1)", "Previous", show=False, id="sampling.previous"),
        Binding("down", "choose(1)", "Next", show=False, id="sampling.next"),
        Binding("home", "choose(-99)", "First", show=False, id="sampling.first"),
        Binding("end", "choose(99)", "Last", show=False, id="sampling.last"),
        Binding("left", "turn(-1)", "Less", show=False, id="sampling.less"),
        Binding("right", "turn(1)", "More", show=False, id="sampling.more"),
        Binding("shift+left", f"turn(-{LEAP})", "Much less", show=False, id="sampling.much-less"),
        Binding("shift+right", f"turn({LEAP})", "Much more", show=False, id="sampling.much-more"),
        # Keys of a number are bindings too: two roads would let a digit overtake an arrow on a slow line.
        *(Binding(key, f"write('{character}')", show=False) for key, character in TYPED.items()),
        Binding("escape", "give_up", "Give up the number", show=False, id="sampling.give-up"),
        Binding("enter", "type", "Type a number", show=False, id="sampling.type"),
        Binding("delete,backspace", "reset", "Back to neutral", show=False, id="sampling.reset"),
        Binding("m", "more", "More dials", show=False, id="sampling.more-dials"),
        Binding("n", "neutral", "All neutral", show=False, id="sampling.neutral"),
        Binding("p", "preset(1)", "Next preset", show=False, id="sampling.preset-next"),
        Binding("P", "preset(-1)", "Previous preset", show=False, id="sampling.preset-previous"),
        Binding("left_square_bracket", "move(-1)", "Earlier in the order", show=False, id="sampling.earlier"),
        Binding("right_square_bracket", "move(1)", "Later in the order", show=False, id="sampling.later"),
    ]

    settings: reactive[WritingSettings] = reactive(WritingSettings)
    """What the dials show; a person's turn of a dial changes it and is told by `Changed`."""
    presets: reactive[Mapping[str, Sampling]] = reactive(lambda: dict(PRESETS))
    """What `p` goes through, by name."""
    dials: reactive[tuple[Dial, ...]] = reactive(DIALS)
    """What there is to turn."""
    idle: reactive[frozenset[str]] = reactive(frozenset())
    """The fields of dials that mean nothing to the model that writes."""
    chosen: reactive[int] = reactive(1)
    """The row that keys act on; 0 is the preset."""
    typed: reactive[str | None] = reactive(None)
    """The number being typed; None when none is."""
    fault: reactive[str] = reactive("")
    """What was wrong with the last number typed."""

    @dataclass
    class Changed(Message):
        """A person has turned a dial."""

        settings: WritingSettings
        panel: "SamplingPanel"

        @property
        def control(self) -> "SamplingPanel":
            """The panel whose dial it was."""
            return self.panel

    def __init__(
        self,
        settings: WritingSettings | None = None,
        presets: Mapping[str, Sampling] | None = None,
        *,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.border_title = "Sampling"
        self.border_subtitle = "m more · p preset · n neutral"
        self.virtual_size = Size(0, len(self.dials) + 1)
        if settings is not None:
            self.set_reactive(SamplingPanel.settings, settings)
        self._given: tuple[Dial, ...] = DIALS
        self._all = False
        if presets is not None:
            self.set_reactive(SamplingPanel.presets, presets)

    # --- drawing -----------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """One line: a row while there are rows, then a word on the chosen dial, which stays in sight."""
        width, height = self.scrollable_content_region.size
        rows = self._in_sight()
        row = y + self.scroll_offset.y
        if y < rows and row <= len(self.dials):
            chosen = row == self.chosen
            segments = [Segment(text, self._style(part, chosen)) for text, part in self._parts(row, width)]
            return Strip(segments).adjust_cell_length(width, self._style("label", chosen))
        about = self._about(width, height - rows)
        line = y - rows
        text = about[line] if line < len(about) else ""
        style = self._style("fault" if self.fault else "about")
        return Strip([Segment(text, style)]).adjust_cell_length(width, style)

    def _parts(self, row: int, width: int) -> Parts:
        if row == 0:
            return preset_row(self.settings.sampling, self.presets, width)
        dial = self.dials[row - 1]
        if self._idle(row):
            return idle_row(dial, width)
        return dial_row(dial, self.settings, width, self.typed if row == self.chosen else None)

    def _about(self, width: int, room: int) -> list[str]:
        """What is said below the dials, where there is room: the fault, or what the chosen dial does."""
        text = self.fault or (self._about_dial() if self.chosen else "p and P go through the presets.")
        if room < 1:
            return []
        lines = wrap(text, max(8, width), max_lines=room, placeholder=" …")
        return lines if room <= len(lines) else ["", *lines]

    def _kept(self) -> int:
        """Rows at the foot that no dial takes, as many as the longest of their words needs; none where it is low."""
        width, height = self.content_size
        longest = max(len(wrap(dial.about, max(8, width - 1))) for dial in self.dials)  # beside a scrollbar too
        return longest if height - longest >= _ENOUGH else 0

    def _in_sight(self) -> int:
        """Rows of the panel that dials take; words on the chosen one stand below."""
        return min(len(self.dials) + 1, self.scrollable_content_region.height - self._kept())

    def _measure(self) -> None:
        self.virtual_size = Size(0, len(self.dials) + 1 + self._kept())

    def on_resize(self) -> None:
        """Keep as many rows for words as there are now."""
        self._measure()

    def _about_dial(self) -> str:
        idle = self._idle(self.chosen)
        return "This model copies: that means nothing to it." if idle else self.dials[self.chosen - 1].about

    def _style(self, part: str, chosen: bool = False) -> Style:
        parts = ("sampling-panel--chosen",) if chosen else ()
        return self.get_visual_style(*parts, f"sampling-panel--{part}").rich_style

    def turns(self, dials: tuple[Dial, ...], idle: frozenset[str] = frozenset()) -> None:
        """Have these dials, of which some are idle; the one that is chosen stays so where it is still there."""
        self._given = dials
        self._arrange(idle)

    def action_more(self) -> None:
        """Show the dials that few people turn, or only those of them that act."""
        self._all = not self._all
        self._arrange(self.idle)

    def watch_settings(self, settings: WritingSettings) -> None:
        """Show a folded dial when it acts; one that acts no more stays while there is no other reason to move."""
        if not set(self._unfolded()) <= set(self.dials):
            self._arrange(self.idle)

    def _unfolded(self) -> tuple[Dial, ...]:
        # What the stitcher has no use for is not offered to it.
        return () if self.idle else unfolded(self.settings, all_of_them=self._all)

    def _arrange(self, idle: frozenset[str]) -> None:
        before, self.idle = self.idle, idle
        dials = (*self._given, *self._unfolded())
        if (dials, idle) == (self.dials, before):
            return
        chosen = self.dials[self.chosen - 1].field if 0 < self.chosen <= len(self.dials) else ""
        self.typed = None
        self.dials = dials
        self._measure()
        fields = [dial.field for dial in dials]
        self.chosen = fields.index(chosen) + 1 if chosen in fields else min(self.chosen, 1)

    # --- acting ------------------------------------------------------------------------------------------------------

    def _change(self, settings: WritingSettings) -> None:
        self.fault = ""
        if settings != self.settings:
            self.settings = settings
            self.post_message(self.Changed(settings, self))

    def _accept(self) -> bool:
        """Whether nothing was being typed, or what was could be used; else its fault is shown."""
        typed, self.typed = self.typed, None
        if not typed:
            return True
        try:
            self._change(self.dials[self.chosen - 1].typed(self.settings, typed))
        except StudioError as error:
            self.fault = error.hint or error.message
            if self.size.height - self._in_sight() < 2:
                self.notify(self.fault, severity="warning", markup=False)
            return False
        return True

    def action_choose(self, by: int) -> None:
        """Choose another row."""
        if self._accept():
            self._choose(min(max(self.chosen + by, 0), len(self.dials)))

    def _choose(self, row: int) -> None:
        if row != self.chosen:
            self.fault = ""
        self.chosen = row
        self.scroll_to_region(Region(0, row, 1, 1 + self._kept()), animate=False)

    def action_turn(self, steps: int) -> None:
        """Turn the chosen dial."""
        if self._accept():
            self._turn(self.chosen, steps)

    def _turn(self, row: int, steps: int) -> None:
        if row == 0:
            self.action_preset(1 if steps > 0 else -1)
        elif not self._idle(row):
            self._change(self.dials[row - 1].turned(self.settings, steps))

    def action_type(self) -> None:
        """Begin to type a number for the chosen dial, or take the one typed; on the preset's row take the next."""
        if self.chosen == 0:
            self.action_preset(1)
        elif self.typed is None:
            self.fault, self.typed = "", None if self._idle(self.chosen) else ""
        else:
            self._accept()

    def action_reset(self) -> None:
        """Set the chosen dial back; while a number is typed, take back its last digit."""
        if self.typed is not None:
            self.typed = self.typed[:-1]
        elif self.chosen:
            self._change(self.dials[self.chosen - 1].reset(self.settings))

    def action_neutral(self) -> None:
        """Set every sampling stage to its neutral value."""
        self.typed = None
        self._change(neutral(self.settings))

    def action_preset(self, by: int) -> None:
        """Take the next preset, or the one before."""
        self.typed = None
        choices = self.presets
        names = list(choices)
        if not names:
            return
        name = name_of(self.settings.sampling, choices)
        here = names.index(name) if name is not None else (-1 if by > 0 else len(names))
        self._change(replace(self.settings, sampling=choices[names[(here + by) % len(names)]]))

    def action_move(self, by: int) -> None:
        """Move the chosen stage in the sampling order."""
        if self.chosen and self._accept() and (stage := self.dials[self.chosen - 1].stage):
            self._change(replace(self.settings, sampling=moved(self.settings.sampling, stage, by)))

    def action_write(self, character: str) -> None:
        """Go on with the number for the chosen dial, or begin one."""
        self.fault, self.typed = "", (self.typed or "") + character

    def action_give_up(self) -> None:
        """Give up the number being typed."""
        self.typed = None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape is the panel's own only while a number is typed, and the preset is no number."""
        if action == "give_up":
            return self.typed is not None
        return self.chosen > 0 and not self._idle(self.chosen) if action == "write" else True

    def _idle(self, row: int) -> bool:
        """Whether the dial of that row means nothing to the model that writes."""
        return row > 0 and self.dials[row - 1].field in self.idle

    def on_blur(self) -> None:
        """Take a number that was being typed."""
        self._accept()

    def _row_at(self, event: events.MouseEvent) -> int | None:
        offset = event.get_content_offset(self)
        if offset is None or not 0 <= offset.y < self._in_sight():
            return None
        row = offset.y + self.scroll_offset.y
        return row if row <= len(self.dials) else None

    def _bar_share(self, event: events.MouseEvent, row: int) -> float | None:
        """How far along its bar a row was met; None beside the bar."""
        width = self.scrollable_content_region.width
        bar = bar_width(self.dials[row - 1], width) if row and not self._idle(row) else 0
        offset = event.get_content_offset(self)
        if bar < 2 or offset is None or offset.x < width - bar:
            return None
        return (offset.x - (width - bar)) / (bar - 1)

    def on_click(self, event: events.Click) -> None:
        """Choose a row; on its bar, set it; on the preset's, take the next."""
        row = self._row_at(event)
        if row is None:
            return
        self._accept()
        again = row == self.chosen
        self._choose(row)
        if row == 0 and again:
            self.action_preset(1)
        elif (share := self._bar_share(event, row)) is not None:
            self._change(self.dials[row - 1].at(self.settings, share))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Turn the dial whose value is under the pointer; elsewhere, scroll."""
        self._wheel(event, 1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Turn the dial whose value is under the pointer; elsewhere, scroll."""
        self._wheel(event, -1)

    def _wheel(self, event: events.MouseEvent, steps: int) -> None:
        row = self._row_at(event)
        offset = event.get_content_offset(self)
        if row is None or offset is None or offset.x < self.scrollable_content_region.width // 2:
            return
        self._accept()
        self._choose(row)
        self._turn(row, steps)
        event.stop()
        event.prevent_default()
