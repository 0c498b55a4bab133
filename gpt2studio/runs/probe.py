"""What a run will take, against what the machine has: measured by two steps before it is begun."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gpt2studio.errors import StudioError
from gpt2studio.runs.directory import RunDirectory
from gpt2studio.runs.events import Device, Event, Failed, Prepared, Probed
from gpt2studio.runs.launch import Launch, follow, last_words, start, was_killed
from gpt2studio.runs.machine import free_disk, free_memory, total_memory
from gpt2studio.runs.recipe import Recipe, write_recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a run will take, and what there is."""

    recipe: Recipe
    """Settled."""
    data: Prepared
    device: Device
    probed: Probed
    memory_there: int
    """Bytes that the device has in all."""
    disk_there: int
    """Bytes that are free."""

    @property
    def seconds(self) -> float:
        """How long all steps take."""
        return self.probed.seconds_per_step * self.device.steps

    @property
    def disk(self) -> int:
        """Bytes that the kept checkpoints take, and the one that is being written."""
        return self.probed.checkpoint * (self.recipe.keeping.last + 2)

    def advice(self) -> list[str]:
        """What does not fit, each with what would."""
        said = []
        if self.disk > self.disk_there:
            said.append(
                f"The checkpoints need {_gb(self.disk)}, and {_gb(self.disk_there)} are free: keep fewer (--keep 1), "
                "or make room."
            )
        if self.probed.memory > 0.9 * self.memory_there > 0:
            said.append(
                f"It needs {_gb(self.probed.memory)} of {_gb(self.memory_there)} of memory: --micro-batch 1, "
                "--memory-saving-gradients or --lora need less."
            )
        size = self.recipe.schedule.batch_size or 1
        if self.probed.micro_batch < size:
            said.append(f"Only {self.probed.micro_batch} of {size} windows fit at once; the result is the same.")
        if self.probed.checkpointing and not self.recipe.computing.checkpointing:
            said.append("It fits only with activations computed twice, which is a third slower.")
        return said

    def lines(self) -> list[str]:
        """For people."""
        data, device, probed = self.data, self.device, self.probed
        speed = device.tokens_per_step / probed.seconds_per_step
        return [
            f"Text     {data.tokens:,} tokens in {data.windows:,} windows, {data.held_out_tokens:,} held out",
            f"Device   {device.label}, {device.dtype}",
            f"Memory   {_gb(probed.memory)} of {_gb(self.memory_there)}",
            f"A step   {probed.seconds_per_step:.2f} s, {speed:,.0f} tokens/s",
            f"In all   {device.steps:,} steps, {_duration(self.seconds)}",
            f"Disk     {_gb(self.disk)} for checkpoints, {_gb(self.disk_there)} free",
            *self.advice(),
        ]

    def as_json(self) -> dict[str, object]:
        """What the probe event does not say."""
        return {
            "steps": self.device.steps,
            "seconds": self.seconds,
            "disk": self.disk,
            "memory_there": self.memory_there,
            "disk_there": self.disk_there,
            "tokens": self.data.tokens,
            "windows": self.data.windows,
            "held_out_tokens": self.data.held_out_tokens,
            "advice": self.advice(),
        }


class DoesNotFit(StudioError):  # noqa: N818  # a finding as much as a fault
    """The memory does not suffice for a single step."""


class Probe:
    """A trainer that takes two steps of a run that is not begun."""

    def __init__(self, recipe: Recipe, folder: Path) -> None:
        """In a directory of its own under this folder, gone when the probe is closed."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = tempfile.TemporaryDirectory(dir=folder, prefix="probe-")
        self._run = RunDirectory(Path(self._folder.name))
        write_recipe(self._run.recipe_path, recipe)
        self._process = start(self._run, Launch(probe=True))
        self.needs: Needs | None = None
        """Known when all events have come."""

    def events(self) -> Iterator[Event]:
        """What the trainer says on the way. Raises StudioError where it cannot be done, with what could be."""
        found: dict[type[Event], Event] = {}
        for event in follow(self._run, lambda: self._process.poll() is None):
            found[type(event)] = event
            yield event
        data, device, probed = found.get(Prepared), found.get(Device), found.get(Probed)
        if isinstance(data, Prepared) and isinstance(device, Device) and isinstance(probed, Probed):
            self.needs = Needs(
                recipe=self._run.recipe,
                data=data,
                device=device,
                probed=probed,
                memory_there=device.memory or total_memory(),
                disk_there=free_disk(self._run.path),
            )
            return
        raise self._fault(found.get(Failed))

    def close(self) -> None:
        """End it, whether it is done or not."""
        self._process.kill()
        self._process.wait()
        self._folder.cleanup()

    def _fault(self, failed: Event | None) -> StudioError:
        if isinstance(failed, Failed):
            return StudioError(failed.message, failed.hint)
        if was_killed(self._process):
            return DoesNotFit(
                f"There is not enough memory: {_gb(free_memory())} are free.",
                "Try --micro-batch 1, --memory-saving-gradients, --lora, or a smaller model.",
            )
        return StudioError(f"The probe ended: {last_words(self._run) or 'it said nothing'}", "Try it again.")


def probe(recipe: Recipe, folder: Path) -> Needs:
    """What the run will take. Raises StudioError where it cannot be done at all."""
    measured = Probe(recipe, folder)
    try:
        for _ in measured.events():
            pass
    finally:
        measured.close()
    assert measured.needs is not None
    return measured.needs


def _gb(size: float) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e8 else f"{size / 1e6:.0f} MB"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"
