"""What the app was asked to open, and with what."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class StudioOptions:
    """The command line's say; None leaves a choice to the settings, then to what was used last."""

    model: str | None = None
    """A model's name or path."""
    story: str | None = None
    """A story's id or title."""
    file: Path | None = None
    """A plain text file to edit in place."""
    dtype: str | None = None
    device: str | None = None
