"""What was measured on this machine, kept from day to day: its memory's speed, and each model's."""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from gpt2studio.errors import WireError
from gpt2studio.files import write_whole
from gpt2studio.library.installed import InstalledModel
from gpt2studio.library.speed import processor
from gpt2studio.wire.lines import build, to_plain

_MOST = 200
"""Models that are remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """How a model did here last."""

    tokens_per_second: float = 0.0
    """0: it has not written yet."""
    load_seconds: float = 0.0
    device: str = ""
    dtype: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All that was measured on one machine."""

    processor: str = ""
    bandwidth: float = 0.0
    """Bytes a second; 0: not measured yet."""
    models: Mapping[str, Measured] = field(default_factory=dict)
    """By sha256 or, where none is known, by path."""


class FiguresFile:
    """The figures, kept on disk with every change; those of another machine count for nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.figures = _read(path)
        if self.figures.processor != (here := processor()):
            self.figures = Figures(processor=here)

    def of(self, model: InstalledModel) -> Measured | None:
        """How this model did."""
        return self.figures.models.get(_key(model))

    def note_bandwidth(self, bandwidth: float) -> None:
        """Keep it where it is higher: a machine that is busy seems slower than it is."""
        if bandwidth > self.figures.bandwidth:
            self._keep(replace(self.figures, bandwidth=bandwidth))

    def note_load(self, model: InstalledModel, device: str, dtype: str, seconds: float) -> None:
        """It was loaded; how fast it wrote elsewhere, or in another number type, holds no more."""
        before = self.of(model) or Measured()
        same = (before.device, before.dtype) == (device, dtype)
        speed = before.tokens_per_second if same else 0.0
        self._note(model, Measured(tokens_per_second=speed, load_seconds=seconds, device=device, dtype=dtype))

    def note_speed(self, model: InstalledModel, tokens_per_second: float) -> None:
        """It wrote so fast."""
        self._note(model, replace(self.of(model) or Measured(), tokens_per_second=tokens_per_second))

    def _note(self, model: InstalledModel, measured: Measured) -> None:
        models = {key: value for key, value in self.figures.models.items() if key != _key(model)}
        kept = list(models.items())[-_MOST + 1 :]
        self._keep(replace(self.figures, models={**dict(kept), _key(model): measured}))

    def _keep(self, figures: Figures) -> None:
        self.figures = figures
        with contextlib.suppress(OSError):
            write_whole(self._path, json.dumps(to_plain(figures), indent=1).encode())


def _key(model: InstalledModel) -> str:
    return model.provenance.sha256 if model.provenance and model.provenance.sha256 else str(model.path)


def _read(path: Path) -> Figures:
    try:
        figures: Figures = build(Figures, json.loads(path.read_bytes()))
    except (OSError, ValueError, RecursionError, WireError):
        return Figures()
    return figures
