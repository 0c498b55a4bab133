"""A model that is here already renamed, given a note or removed: what is asked of a person first, then done."""

import asyncio
from typing import TYPE_CHECKING

from textual.screen import Screen

from gpt2studio.app.common.wording import size
from gpt2studio.app.dialogs.ask import AskScreen
from gpt2studio.app.dialogs.confirm import ConfirmScreen
from gpt2studio.library.installed import InstalledModel

if TYPE_CHECKING:
    from gpt2studio.app.models.stock import ModelStock


async def rename_model(screen: Screen[None], model: InstalledModel, stock: "ModelStock") -> str:
    """Give the model another name; that, or nothing where it keeps its own. Raises StudioError."""
    from gpt2studio.library.keeping import rename, require_own

    require_own(model, "renamed")
    await _require_unneeded(model, stock)
    name = await screen.app.push_screen_wait(AskScreen("The model's name", model.name, "Enter · Esc"))
    if not name or name == model.name:
        return ""
    rename(model, name, stock.places)
    return name


async def note_model(screen: Screen[None], model: InstalledModel) -> bool:
    """Keep some words with the model; whether they were given. Raises StudioError."""
    from gpt2studio.library.keeping import annotate, require_own

    require_own(model, "given a note")
    before = model.provenance.note if model.provenance else ""
    note = await screen.app.push_screen_wait(AskScreen(f"A note on {model.name}", before, "Enter · Esc"))
    if note is not None:
        annotate(model, note)
    return note is not None


async def remove_model(screen: Screen[None], model: InstalledModel, stock: "ModelStock") -> bool:
    """Take the model away for good, when the person has seen what that means; whether it went. Raises StudioError."""
    from gpt2studio.library.keeping import removal, remove

    would = removal(model, stock.models)
    await _require_unneeded(model, stock)
    words = f"Removing {model.name} frees {size(would.frees)}. It cannot be taken back."
    if would.children:
        words += f"\nMade from it, and whole without it: {', '.join(would.children)}."
    if model.name == stock.current:
        words += "\nIt is the model that writes now."
    confirmed = await screen.app.push_screen_wait(ConfirmScreen("Remove", words, "removes it"))
    if confirmed:
        remove(model)
    return bool(confirmed)


async def _require_unneeded(model: InstalledModel, stock: "ModelStock") -> None:
    """Raise StudioError where a run cannot go on without the model, looked for in a thread, since disks can be slow."""
    from gpt2studio.runs.registry import Runs

    await asyncio.to_thread(Runs(stock.places.runs).require_unneeded, model.path, model.name)
