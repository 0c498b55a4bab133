"""Export as ``models`` and ``runs`` both offer it: a model by any of its names, or a LoRA run's adapter apart."""

import argparse
from pathlib import Path

from gpt2studio.cli.model_progress import shown_progress
from gpt2studio.errors import NotFoundError, UsageError
from gpt2studio.library.export import Export, export
from gpt2studio.library.shelf import Shelf
from gpt2studio.paths import places
from gpt2studio.runs.adapter import export_adapter
from gpt2studio.runs.registry import Runs


def exported(name: str, options: argparse.Namespace) -> Path:
    """Write what *name* means as the options ask; where. Raises StudioError where there is no such thing."""
    runs = Runs(places().runs)
    if options.format == "peft":
        return _adapter(name, options, runs)
    shelf = Shelf(places(), runs=runs)
    with shown_progress() as watch:
        return export(shelf.resolve(name), Export(options.to, options.format, options.dtype), shelf.elsewhere, watch)


def _adapter(name: str, options: argparse.Namespace, runs: Runs) -> Path:
    if options.dtype:
        raise UsageError("An adapter keeps its own number type.", "Leave --dtype out.")
    checkpoint = runs.resolve(name)
    if checkpoint is None:
        raise NotFoundError(f"“{name}” is no run: only those have adapters.", "See: gpt2studio runs list")
    return export_adapter(checkpoint, runs.find(name.partition("@")[0]).recipe, options.to)
