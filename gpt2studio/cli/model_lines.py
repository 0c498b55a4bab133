"""Models as lines: tables for people, records for programs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gpt2studio.library.cards import Card
from gpt2studio.library.family import family, parent_of
from gpt2studio.library.installed import NETWORK, InstalledModel
from gpt2studio.wire.terminal import visible

if TYPE_CHECKING:
    from rich.table import Table

    from gpt2studio.library.download import Found

_ENDLESS = 10_000
"""More columns than any table needs."""


def record(model: InstalledModel, models: Sequence[InstalledModel]) -> dict[str, object]:
    """A model at hand, for programs."""
    came = model.provenance
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
        "memory_to_write": model.memory_to_write,
        "memory_to_train": model.memory_to_train,
        "parent": parent_of(model, models),
        "source": came.origin if came else "",
        "run": came.run if came else "",
        "step": came.step if came else 0,
        "held_out_loss": came.held_out_loss if came else None,
        "created": came.created if came else 0.0,
        "remark": came.note if came else "",
    }


def print_models(models: Sequence[InstalledModel]) -> None:
    """The models at hand as a table, what was made from another below it; then what is wrong with any."""
    from rich.console import Console

    table = _at_hand(models, wide=True)
    if Console(width=_ENDLESS).measure(table).maximum > Console().width:
        table = _at_hand(models, wide=False)
    _print(table)
    for model in models:
        if model.note:
            print(visible(f"{model.name}: {model.note}"))


def _at_hand(models: Sequence[InstalledModel], *, wide: bool) -> "Table":
    """The table of the models at hand; *wide*: with what each needs, and its number type."""
    table = _table("Name", right=("Size", "Disk", *(("Writing", "Training") if wide else ())))
    for heading in ("Type", "From") if wide else ("From",):
        table.add_column(heading, overflow="fold")
    for tree in family(models):
        for depth, each in tree.walk():
            name = ("  " * (depth - 1) + "└ " if depth else "") + plain(each.name)
            if each.model is None:
                table.add_row(name, *[""] * (len(table.columns) - 2), "not at hand")
                continue
            model = each.model
            size = millions(model.parameters) if model.parameters or model.kind == NETWORK else ""
            needs = [*(_memory(model, it) for it in (model.memory_to_write, model.memory_to_train)), plain(model.dtype)]
            table.add_row(name, size, shown_size(model.size), *(needs if wide else ()), plain(_about(model)))
    if wide:
        table.caption = "Writing, Training: memory that takes, estimated."
    return table


def _memory(model: InstalledModel, needed: int) -> str:
    """What a network needs; texts that are stitched need none to speak of."""
    if needed:
        return shown_size(needed)
    return "?" if model.kind == NETWORK else ""


def found_record(each: "Card | Found") -> dict[str, object]:
    """A model that can be fetched, for programs."""
    if isinstance(each, Card):
        return {
            "name": each.name,
            "repository": each.hub,
            "parameters": each.parameters,
            "size": each.weights_bytes,
            "licence": each.licence,
        }
    return {
        "name": each.repository,
        "repository": each.repository,
        "parameters": each.parameters,
        "licence": each.licence,
        "downloads": each.downloads,
        "likes": each.likes,
        "gated": each.gated,
    }


def print_found(cards: Sequence[Card], found: "Sequence[Found]") -> None:
    """What can be fetched, as a table."""
    if not cards and not found:
        print("Nothing of that name was found.")
        return
    table = _table("Name", right=("Size", "To fetch", "Fetched by"))
    table.add_column("What it is")
    for card in cards:
        table.add_row(
            plain(card.name), millions(card.parameters), shown_size(card.weights_bytes), "", plain(card.title)
        )
    for each in found:
        about = ", ".join(word for word in (each.licence, "asks for conditions" if each.gated else "") if word)
        fetched = f"{each.downloads:,}"
        table.add_row(plain(each.repository), millions(each.parameters), "", fetched, plain(about))
    _print(table)
    print("Fetch one: gpt2studio models download NAME")


def shown_size(octets: int) -> str:
    """Bytes in decimal units: ``14 MB``, ``6.2 GB``."""
    for unit, sign in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if octets >= unit:
            amount = octets / unit
            return f"{amount:.1f} {sign}" if amount < 9.95 else f"{amount:,.0f} {sign}"
    return f"{octets} bytes"


def millions(parameters: int) -> str:
    """How many numbers a model has, as models are named: ``7.1M``, ``124M``, ``1558M``."""
    if not parameters:
        return "?"
    return f"{parameters / 1e6:,.1f}M" if parameters < 9.95e6 else f"{parameters / 1e6:.0f}M"


def plain(text: str) -> str:
    """Text from a file or a server, with nothing in it that a terminal obeys and no markup."""
    from rich.markup import escape

    return escape("".join(each if each.isprintable() else "�" for each in text))


def _about(model: InstalledModel) -> str:
    """Where a model came from; what is wrong with it stands below the table, where there is room."""
    came = model.provenance
    if model.note:
        return model.label
    if came is None:
        return model.origin
    source = "imported" if came.origin.startswith("import:") else came.origin.removeprefix("openai:https://")
    trained = f"run {came.run}, step {came.step:,}" if came.run else source or model.origin
    loss = f", loss {came.held_out_loss:.3f}" if came.held_out_loss is not None else ""
    return f"{trained}{loss}" + (f" — {came.note}" if came.note else "")


def _table(first: str, right: Sequence[str]) -> "Table":
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE)
    table.add_column(first, no_wrap=True)
    for heading in right:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def _print(table: "Table") -> None:
    from rich.console import Console

    Console().print(table)
