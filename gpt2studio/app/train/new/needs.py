"""What a new run will take, in words and rows for the form."""

from collections.abc import Iterator
from dataclasses import dataclass

from gpt2studio.app.common.wording import count, counted, duration, percent, size
from gpt2studio.runs.counting import Counted, Looked
from gpt2studio.runs.defaults import windows_in
from gpt2studio.runs.events import Encoding, Event
from gpt2studio.runs.probe import Needs
from gpt2studio.runs.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that it takes."""

    label: str
    text: str
    fits: bool = True


UNKNOWN = tuple(Row(label, "…") for label in ("Device", "Memory", "A step", "In all", "Disk"))
"""Before anything is known."""

TIGHT = 0.9
"""The share of the memory beyond which the system itself is short of it."""


def rows(needs: Needs) -> tuple[Row, ...]:
    """What it takes, against what the machine has."""
    device, probed = needs.device, needs.probed
    speed = device.tokens_per_step / probed.seconds_per_step
    step = f"{probed.seconds_per_step:.2f} s" if probed.seconds_per_step < 10 else duration(probed.seconds_per_step)
    memory = f"{size(probed.memory)} of {size(needs.memory_there)}" if needs.memory_there else size(probed.memory)
    return (
        Row("Device", f"{device.label}, {device.dtype}"),
        Row("Memory", memory, not _tight(needs)),
        Row("A step", f"{step}, {speed:,.0f} tokens/s"),
        Row("In all", f"{counted(device.steps, 'step')}, {duration(needs.seconds)}"),
        Row("Disk", f"{size(needs.disk)} of {size(needs.disk_there)} free", needs.disk <= needs.disk_there),
    )


def advice(needs: Needs) -> Iterator[str]:
    """What does not fit, each together with what would."""
    recipe, probed = needs.recipe, needs.probed
    batch = recipe.schedule.batch_size or 1
    if needs.disk > needs.disk_there:
        one = needs.probed.checkpoint
        would = f"With Keep 1 it is {size(3 * one)}. " if recipe.keeping.last > 1 else ""
        yield f"The checkpoints do not fit on the disk. {would}Or make room."
    if _tight(needs):
        yield f"It is too much memory. {would_fit(recipe)}"
    if probed.micro_batch < batch:
        yield f"{probed.micro_batch} of {batch} windows fit at once; the result is the same."
    if probed.checkpointing and not recipe.computing.checkpointing:
        yield "It fits only with Checkpointing, a third slower."


def would_fit(recipe: Recipe) -> str:
    """What needs less memory than the recipe does."""
    ways = []
    batch = recipe.schedule.batch_size or 1
    if batch > 1 and recipe.computing.micro_batch != 1:
        ways.append(f"Micro-batch {max(1, batch // 2)}")
    if not recipe.computing.checkpointing:
        ways.append("Checkpointing")
    if recipe.optimization.trained != "lora":
        ways.append("Train: LoRA")
    if not ways:
        return "A shorter Window or a smaller model would do."
    return f"Under More, {' or '.join(ways)} {'needs' if len(ways) == 1 else 'need'} less."


def estimated(recipe: Recipe, parameters: int, training: int) -> int:
    """Bytes that the run takes by rule of thumb; *training*: all weights of the model, a window at a time."""
    # Gradients and AdamW's two memories, four bytes a weight each, are only there for what is trained.
    return training if recipe.optimization.trained == "all" else max(0, training - 12 * parameters)


def doing(event: Event | None) -> str:
    """What the probe is at."""
    if isinstance(event, Encoding):
        return f"reading the texts, {event.done / max(1, event.total):.0%}"
    return "two steps are taken to measure it"


def looked_line(looked: Looked) -> str:
    """How much there is: ``12 texts, 3.4 MB``."""
    return f"{counted(looked.files, 'file')}, {size(looked.size)}"


def counted_lines(found: Counted, recipe: Recipe) -> Iterator[str]:
    """What the text comes to, and what a person should know of it."""
    window = recipe.schedule.window or found.n_positions
    windows = counted(windows_in(found.tokens, window), "window")
    yield f"{count(found.tokens)} tokens in {windows}"
    if found.held_out_tokens:
        yield f"{count(found.held_out_tokens)} more are held out"
    else:
        yield "nothing is held out"
    if found.duplicates:
        yield f"! {counted(found.duplicates, 'text')} of {count(found.documents)} stand there twice"
    if found.overlap > 0.005:
        yield f"! {percent(found.overlap)} of what is held out is learned as well"
    for note in found.notes:
        yield f"! {note}"


def _tight(needs: Needs) -> bool:
    return needs.probed.memory > TIGHT * needs.memory_there > 0
