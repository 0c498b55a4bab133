"""``gpt2studio models``: what is at hand."""

import argparse
import json

from gpt2studio.library.installed import InstalledModel
from gpt2studio.library.shelf import Shelf
from gpt2studio.paths import places


def run(options: argparse.Namespace) -> int:
    """List the models at hand."""
    models = Shelf(places()).models()
    if options.json:
        for model in models:
            print(json.dumps(_record(model)))
    else:
        _table(models)
    return 0


def _record(model: InstalledModel) -> dict[str, object]:
    return {
        "name": model.name,
        "path": str(model.path),
        "parameters": model.parameters,
        "size": model.size,
        "dtype": model.dtype,
        "window": model.n_positions,
        "vocabulary": model.vocab_size,
        "origin": model.origin,
        "note": model.note,
    }


def _table(models: list[InstalledModel]) -> None:
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=box.SIMPLE)
    table.add_column("Name")
    for heading in ("Parameters", "On disk", "Window"):
        table.add_column(heading, justify="right")
    table.add_column("Type")
    table.add_column("From")
    for model in models:
        table.add_row(
            escape(model.name),
            f"{model.parameters / 1e6:,.0f} million" if model.parameters else "?",
            f"{model.size / 1e6:,.0f} MB",
            f"{model.n_positions:,}" if model.n_positions else "?",
            model.dtype,
            escape(model.note or model.origin),
        )
    Console().print(table)
