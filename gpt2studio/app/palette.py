"""The palette: every command by name, carried out on the screen that it belongs to."""

from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from textual.app import SystemCommand

from gpt2studio.app.commands import EVERYWHERE, STOCK, TRAINING, key_name, keys_in_force

if TYPE_CHECKING:
    from gpt2studio.app.studio import Studio

_UNLISTED = ("palette", "leave")
"""What nobody needs to look up in the palette itself."""


def entries(studio: "Studio") -> Iterable[SystemCommand]:
    """What the palette lists, each with the keys that do it too."""
    for command, keys in keys_in_force(studio.keys):
        if command.id not in _UNLISTED:
            names = " · ".join(key_name(key) for key in keys)
            yield SystemCommand(command.label, f"{command.help}  {names}", _runner(studio, command.id))
    yield SystemCommand("Theme", "Choose the colours.", studio.action_change_theme)


def _runner(studio: "Studio", command: str) -> Callable[[], Awaitable[None]]:
    return partial(carry_out, studio, command)


async def carry_out(studio: "Studio", command: str) -> None:
    """Do this, where it is done."""
    if command in EVERYWHERE:
        await studio.run_action(command)
    elif command in TRAINING:
        studio.action_train()
        if not await studio.run_action(command, studio.train):
            studio.notify("The run in view is not such that this can be done.", markup=False)
    elif command in STOCK:
        studio.action_models()
        await studio.models.run_action(command)
    else:
        studio.action_write()
        await studio.write.run_action(command)
