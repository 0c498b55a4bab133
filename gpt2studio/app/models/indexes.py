"""What a person does with indexes on the Models screen: makes one of their texts, adds to it, takes texts out."""

from typing import TYPE_CHECKING

from gpt2studio.errors import StudioError
from gpt2studio.library.installed import INDEX, InstalledModel

if TYPE_CHECKING:
    from gpt2studio.app.models.screen import ModelsScreen

_SUFFIXES = (".txt", ".md")


async def index_texts(screen: "ModelsScreen", model: InstalledModel | None) -> None:
    """Ask for texts and a name, and have them indexed; *model*: the one in view, whose name is offered."""
    from gpt2studio.app.dialogs.pick_file import Pick, PickFileScreen
    from gpt2studio.app.models.index_texts import IndexScreen

    pick = Pick(title="Index texts: files, or folders of them", suffixes=_SUFFIXES, folders=True, several=True)
    picked = await screen.app.push_screen_wait(PickFileScreen(pick, screen.memory))
    if not picked:
        return
    offered = model.path.name if model is not None and model.origin == INDEX else ""
    name = await screen.app.push_screen_wait(IndexScreen(picked, screen.stock.own_texts, offered))
    if name:
        screen.stock.index(name, picked)


async def show_texts(screen: "ModelsScreen", model: InstalledModel | None) -> None:
    """Show the texts of the index in view. Raises StudioError where it is none."""
    from gpt2studio.app.models.index_texts import KeptScreen

    if model is None or model.origin != INDEX:
        raise StudioError("That is no index of your texts.", "Choose a model stitch:NAME, or make one: A.")
    await screen.app.push_screen_wait(KeptScreen(model.path.name, screen.stock.own_texts))
    screen.stock.on_stale()
