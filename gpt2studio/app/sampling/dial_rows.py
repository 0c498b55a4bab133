"""The rows of the sampling panel: what is written in each, with the part that says how it is drawn."""

from collections.abc import Mapping

from rich.cells import cell_len

from gpt2studio.app.common import bars
from gpt2studio.app.common.wording import clipped
from gpt2studio.app.sampling.dials import Dial, stage_number
from gpt2studio.app.sampling.presets import name_of
from gpt2studio.app.sampling.writing_settings import WritingSettings
from gpt2studio.wire.sampling import Sampling

Parts = list[tuple[str, str]]
"""Texts from left to right, each with its part: label, value, neutral, order, bar, track or typed."""

NUMBER = 2
"""Cells of a row before its label: the stage's number in the sampling order."""
VALUE = 17
"""Cells of label and value together, the narrowest."""
LONGEST_BAR = 12


def bar_width(dial: Dial, width: int) -> int:
    """Cells of a dial's bar in a row of this width; 0 where there is no room, or nothing to show."""
    return max(0, min(LONGEST_BAR, width - NUMBER - VALUE - 1)) if len(dial.stops) > 1 else 0


def preset_row(sampling: Sampling, presets: Mapping[str, Sampling], width: int) -> Parts:
    """The name of the preset in force, after a word on what it is where there is room for both."""
    name = name_of(sampling, presets)
    shown = clipped(name or "your own", max(1, width - NUMBER))
    room = max(0, width - NUMBER - cell_len(shown))
    label = "preset".ljust(room) if room > len("preset") else " " * room
    return [(" " * NUMBER + label, "label"), (shown, "neutral" if name is None else "value")]


def dial_row(dial: Dial, settings: WritingSettings, width: int, typed: str | None = None) -> Parts:
    """The order's number, label, value and bar of one dial; *typed* stands for the value while it is typed."""
    neutral = dial.is_neutral(settings)
    bar = bar_width(dial, width)
    room = width - NUMBER - (bar + 1 if bar else 0)
    number = stage_number(settings.sampling, dial.stage) if dial.stage else None
    value = dial.shown(settings) if typed is None else f"{typed}▏"
    label = dial.label if cell_len(dial.label) + cell_len(value) < room else dial.label.split()[-1]
    value = clipped(value, max(1, room - cell_len(label) - 1))
    return [
        (f"{number or '–'} " if dial.stage else " " * NUMBER, "order"),
        (label + " " * max(0, room - cell_len(label) - cell_len(value)), "neutral" if neutral else "label"),
        (value, "typed" if typed is not None else "neutral" if neutral else "value"),
        *(_bar(dial.share(settings), bar, neutral) if bar else ()),
    ]


def idle_row(dial: Dial, width: int) -> Parts:
    """The label of a dial that means nothing to the model, and no value."""
    room = max(1, width - NUMBER - 2)
    return [(" " * NUMBER, "order"), (clipped(dial.label, room).ljust(room) + " –", "idle")]


def _bar(share: float, width: int, neutral: bool) -> Parts:
    filled = bars.line(share, width)
    return [(" ", "track"), (filled, "track" if neutral else "bar"), ("─" * (width - len(filled)), "track")]
