"""What a run's model wrote along the way: the samples of one step, and the way to the others."""

from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from gpt2studio.app.common.wording import count, counted, percent
from gpt2studio.runs.events import Sampled
from gpt2studio.wire.terminal import visible


class RunSamples(VerticalScroll):
    """The samples of the last step, until a person goes back to earlier ones."""

    HELP = "Samples: the same prompts and seeds along the run. ← → go from step to step."

    DEFAULT_CSS = """
    RunSamples {
        border: round $border-blurred;
        border-title-color: $text-muted;
        border-subtitle-color: $text-muted;
        padding: 0 1;
        background: transparent;
        scrollbar-size-vertical: 1;
        &:focus { border: round $border; border-title-color: $foreground; }
        & > Static { width: 1fr; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "earlier", "Earlier", show=False),
        Binding("right", "later", "Later", show=False),
    ]

    @dataclass
    class Turned(Message):
        """The samples of another step are shown."""

        step: int | None

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.border_title = "Samples"
        self._text = Static("", markup=False)
        self._samples: list[list[Sampled]] = []
        """Of each step, the steps ascending."""
        self._chosen: int | None = None
        """The step that a person went to; None: the last."""
        self._said: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        """The texts."""
        yield self._text

    def show(self, samples: list[Sampled], run: str) -> None:
        """Show these samples of the run of this name."""
        if self._said[:1] != (run,):
            self._chosen = None
        ordered = sorted(samples, key=lambda each: each.step)
        self._samples = [list(group) for _, group in groupby(ordered, key=lambda each: each.step)]
        self._draw(run)

    @property
    def shown_samples(self) -> list[Sampled]:
        """The samples that can be read now."""
        index = self._index
        return self._samples[index] if index is not None else []

    @property
    def _index(self) -> int | None:
        if not self._samples:
            return None
        steps = [group[0].step for group in self._samples]
        return steps.index(self._chosen) if self._chosen in steps else len(steps) - 1

    def action_earlier(self) -> None:
        """The samples of the step before."""
        self.turn(-1)

    def action_later(self) -> None:
        """The samples of the step after."""
        self.turn(1)

    def turn(self, by: int) -> None:
        """Go so many steps with samples on; at the last one, along with the run."""
        index = self._index
        if index is None:
            return
        index = min(max(index + by, 0), len(self._samples) - 1)
        self._chosen = self._samples[index][0].step if index < len(self._samples) - 1 else None
        self._draw(str(self._said[0]))

    def _draw(self, run: str) -> None:
        index, samples = self._index, self.shown_samples
        said = (run, samples[0].step if samples else None, len(samples), len(self._samples))
        if said == self._said:
            return
        turned = said[:3] != self._said[:3]
        self._said = said
        self.border_title = Content(_title(samples, (index or 0) + 1, len(self._samples))).markup
        self.border_subtitle = Content(copying(samples)).markup
        if turned:
            self._text.update(_texts(samples))
            self.scroll_home(animate=False)
            self.post_message(self.Turned(samples[0].step if samples else None))


def _title(samples: list[Sampled], number: int, of: int) -> str:
    if not samples:
        return "Samples"
    return f"Sample at step {count(samples[0].step)}  ({number} of {of})"


def _texts(samples: list[Sampled]) -> Content:
    """Prompts in the person's ink, what the model made of them in its own."""
    if not samples:
        return Content.styled("What the model writes along the run appears here.", "$text-muted")
    parts: list[Content] = []
    for number, sample in enumerate(samples):
        gap = "\n\n" if number else ""
        text = visible(sample.text).strip("\n") or "(nothing: the model ended the text at once)"
        parts.append(Content.assemble(gap, (visible(sample.prompt), "$ink-person"), (text, "$ink-model")))
    return Content("").join(parts)


def copying(samples: list[Sampled]) -> str:
    """How much of the samples stands word for word in the training texts; empty where that was not measured."""
    measured = [each for each in samples if each.copied_share is not None]
    if not measured:
        return ""
    share = sum(each.copied_share or 0.0 for each in measured) / len(measured)
    longest = max(each.copied_tokens or 0 for each in measured)
    return f"copied {percent(share)} · longest {counted(longest, 'token')}"
