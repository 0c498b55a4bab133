"""What a person does with indexes on the Models screen: makes one of their texts, adds to it, takes texts out."""

from textual.app import App

from gpt2studio.app.memory import MemoryFile
from gpt2studio.app.models.stock import ModelStock
from gpt2studio.errors import StudioError
from gpt2studio.library.installed import INDEX, InstalledModel

_SUFFIXES = (".txt", ".md")


async def index_texts(app: App[None], stock: ModelStock, memory: MemoryFile, model: InstalledModel | None) -> None:
    """Ask for texts and a name, and have them indexed; *model*: the one in view, whose name is offered."""
    from gpt2studio.app.dialogs.pick_file import Pick, PickFileScreen
    from gpt2studio.app.models.index_texts import IndexScreen

    pick = Pick(title="Index texts: files, or folders of them", suffixes=_SUFFIXES, folders=True, several=True)
    picked = await app.push_screen_wait(PickFileScreen(pick, memory))
    if not picked:
        return
    offered = model.path.name if model is not None and model.origin == INDEX else ""
    name = await app.push_screen_wait(IndexScreen(picked, stock.own_texts, offered))
    if name:
        stock.index(name, picked)


async def show_texts(app: App[None], stock: ModelStock, model: InstalledModel | None) -> None:
    """Show the texts of the index in view. Raises StudioError where it is none."""
    from gpt2studio.app.models.index_texts import KeptScreen

    if model is None or model.origin != INDEX:
        raise StudioError("That is no index of your texts.", "Choose a model stitch:NAME, or make one: A.")
    await app.push_screen_wait(KeptScreen(model.path.name, stock.own_texts))
    stock.on_stale()
