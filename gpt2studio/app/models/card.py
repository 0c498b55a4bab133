"""The card of a model: what it is, what it costs here, where it came from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.visual import VisualType
from textual.widgets import Static

from gpt2studio.app.common.shown import shown
from gpt2studio.app.common.wording import count, duration, magnitude, size, speed
from gpt2studio.library.family import children_of, parent_of
from gpt2studio.library.figures import FiguresFile
from gpt2studio.library.installed import NETWORK, InstalledModel
from gpt2studio.library.needs import WIDTHS, Needs
from gpt2studio.library.provenance import Provenance
from gpt2studio.library.speed import tokens_per_second, usual_type

LABELS = ("Damaged", "Writing", "Training", "Size", "From", "Run", "Family", "Note", "State", "Path", "sha256", "About")
"""The lines that a card can have, in their order."""
_TIGHT = 0.9
"""Of the memory, how much may be needed before it is said that it hardly fits."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a card holds a model against."""

    models: Sequence[InstalledModel]
    """All that are at hand."""
    figures: FiguresFile
    memory: int
    """Bytes that this machine has; 0 where it does not tell."""
    verdict: str = ""
    """What was said of it when it was verified."""


class ModelCard(VerticalScroll):
    """A line for each thing that is known, beside its label; scrolls where there is no room for all."""

    HELP = "The card of the model in view. ↑ ↓ scroll."

    DEFAULT_CSS = """
    ModelCard {
        border-title-color: $text-muted;
        scrollbar-size-vertical: 1;
        &:focus { border-title-color: $foreground; }
        & > #head { height: auto; }
        & > .known { height: auto; }
        & > .known > .label { width: 10; color: $text-muted; }
        & > .known > .words { width: 1fr; height: auto; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.border_title = "Card"
        self._head = Static("", id="head", markup=False)
        self._words = {label: Static("", classes="words", markup=False) for label in LABELS}

    def compose(self) -> ComposeResult:
        """The name, then every line that there can be."""
        yield self._head
        for label, words in self._words.items():
            with Horizontal(classes="known") as row:
                row.display = False
                yield Static(label, classes="label", markup=False)
                yield words

    def show(self, model: InstalledModel, here: Surroundings) -> None:
        """Tell of this model."""
        title = model.card.title if model.card and model.card.title else model.label if not model.note else ""
        self._head.update(Content.assemble((shown(model.name), "bold"), f"  {shown(title)}" if title else ""))
        known = dict(_rows(model, here))
        for label, words in self._words.items():
            content = known.get(label)
            if content is not None and content.plain:
                words.update(content)
            if words.parent is not None:
                words.parent.display = content is not None and bool(content.plain)
        self.scroll_home(animate=False)

    def line(self, label: str) -> VisualType:
        """What stands under this label."""
        return self._words[label].content


def _rows(model: InstalledModel, here: Surroundings) -> Iterator[tuple[str, Content]]:
    """What there is to say under which label."""
    if model.note:
        yield "Damaged", Content.assemble((shown(model.note), "$text-error"))
    elif model.kind == NETWORK:
        unread = ("opens; v reads every byte of it", "$text-muted")
        yield "State", Content(shown(here.verdict)) if here.verdict else Content.assemble(unread)
    if model.shape is not None and not model.note:
        yield "Writing", _writing(model, here)
        yield "Training", _fits(model.memory_to_train, here.memory)
    yield "Size", Content(_numbers(model))
    yield from _history(model, here)
    yield "Path", Content(shown(str(model.path)))
    if model.card and model.card.about:
        yield "About", Content(shown(model.card.about))


def _numbers(model: InstalledModel) -> str:
    shape = model.shape
    parts = [
        f"{magnitude(model.parameters)} parameters" if model.parameters else "",
        f"{shape.n_layer} layers of {count(shape.n_embd)}" if shape else "",
        f"window {count(model.n_positions)}" if model.n_positions else "",
        f"{count(model.vocab_size)} tokens known" if model.vocab_size else "",
        shown(model.dtype),
        f"{size(model.size)} on disk" if model.size else "",
    ]
    return " · ".join(part for part in parts if part)


def _writing(model: InstalledModel, here: Surroundings) -> Content:
    """Memory, and how fast: estimated, and as it was measured."""
    shape = model.shape
    assert shape is not None
    measured = here.figures.of(model)
    dtype = measured.dtype if measured and measured.dtype in WIDTHS else usual_type(shape)
    parts = [_fits(Needs.of(shape, dtype).writing, here.memory)]
    bandwidth = here.figures.figures.bandwidth
    on_cpu = measured is None or measured.device in ("", "cpu")
    if bandwidth and on_cpu:
        about = speed(tokens_per_second(shape, dtype, bandwidth))
        parts.append(Content(f"about {about} in {dtype}"))
    if measured and measured.tokens_per_second:
        where = "" if on_cpu else f" on {measured.device}"
        parts.append(Content.assemble((f"measured here{where}: {speed(measured.tokens_per_second)}", "bold")))
    if measured and measured.load_seconds:
        parts.append(Content(f"loads in {duration(max(measured.load_seconds, 0.1))}"))
    return Content(" · ").join(parts)


def _fits(needed: int, memory: int) -> Content:
    """Bytes that are needed, of those that there are."""
    if not memory:
        return Content(size(needed))
    words = f"{size(needed)} of {size(memory)}"
    if needed > memory:
        return Content.assemble((f"{words}: does not fit", "$text-error"))
    if needed > _TIGHT * memory:
        return Content.assemble((f"{words}: hardly fits", "$text-warning"))
    return Content(f"{words}: fits")


def _history(model: InstalledModel, here: Surroundings) -> Iterator[tuple[str, Content]]:
    """Where it came from, and its family."""
    came = model.provenance or Provenance()
    licence = came.licence or (model.card.licence if model.card else "")
    when = datetime.fromtimestamp(came.created).strftime("%-d %B %Y") if came.created > 0 else ""
    source = came.origin.removeprefix("hub:").removeprefix("openai:").removeprefix("import:")
    how = {"hub": "the hub: ", "openai": "OpenAI: ", "import": "imported from "}.get(came.origin.partition(":")[0], "")
    parts = [how + source if source else model.origin, when, f"licence {licence}" if licence else ""]
    yield "From", Content(shown(" · ".join(part for part in parts if part)))
    if came.run:
        loss = f"best loss {came.held_out_loss:.3f}" if came.held_out_loss is not None else ""
        texts = f"texts {came.data[:12]}" if came.data else ""
        run = [f"{came.run}, step {came.step:,}", loss, texts]
        yield "Run", Content(shown(" · ".join(part for part in run if part)))
    yield "Family", Content(shown(_family(model, here.models)))
    yield "Note", Content(shown(came.note))
    yield "sha256", Content(shown(came.sha256))


def _family(model: InstalledModel, models: Sequence[InstalledModel]) -> str:
    parent, children = parent_of(model, models), children_of(model.name, models)
    parts = [f"made from {parent}" if parent else "", f"made from it: {', '.join(children)}" if children else ""]
    return " · ".join(part for part in parts if part)
