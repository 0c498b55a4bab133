"""Which model is to write, and who can hold it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from gpt2studio.paths import Places, shipped
from gpt2studio.wire.messages import STITCH
from gpt2studio.wire.process import ENGINE, STITCHER


class Kind(StrEnum):
    """What a model is made of."""

    FILES = "files"
    """Weights on disk, for an engine."""
    STITCHED = "stitched"
    """A person's texts, for the stitcher."""
    LIVE = "live"
    """The weights of a run as they are at the moment, in its trainer."""


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Which model to hold, and how."""

    name: str
    """As people call it."""
    path: Path
    """Where its files lie; of a stitched model, its index; of live weights, the run."""
    dtype: str = "auto"
    device: str = "auto"
    kind: Kind = Kind.FILES

    @classmethod
    def stitched(cls, name: str, here: Places) -> "ModelChoice":
        """The model that ``stitch:NAME`` means."""
        return cls(name, here.indexes / name.removeprefix(STITCH), kind=Kind.STITCHED)

    @classmethod
    def live(cls, run: Path) -> "ModelChoice":
        """The weights of the run in this directory, as they are at the moment."""
        return cls(run.name, run, kind=Kind.LIVE)

    def lives_in(self, run: Path) -> bool:
        """Whether it is the weights of the run in this directory, as they are at the moment."""
        return self.kind is Kind.LIVE and self.path == run

    @property
    def model(self) -> str:
        """What a process is asked to load."""
        return self.name if self.kind is Kind.STITCHED else str(self.path)

    @property
    def command(self) -> Sequence[str] | None:
        """The command that starts the process which can hold it; None: that process runs already."""
        return {Kind.FILES: ENGINE, Kind.STITCHED: STITCHER, Kind.LIVE: None}[self.kind]

    @property
    def vocabulary(self) -> Path:
        """The folder of the vocabulary whose tokens it counts in."""
        match self.kind:
            case Kind.FILES:
                return self.path
            case Kind.STITCHED:
                return shipped("models") / "storyteller"
            case Kind.LIVE:
                return self.path / "data"
