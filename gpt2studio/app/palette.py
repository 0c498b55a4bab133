"""The palette: every command by name, carried out on the screen that it belongs to."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.app import SystemCommand
from textual.command import DiscoveryHit, Hit, Hits
from textual.system_commands import SystemCommandsProvider

from gpt2studio.app.commands import (
    BY_ID,
    EVERYWHERE,
    STOCK,
    STOCKING,
    TRAIN,
    TRAINING,
    Command,
    key_name,
    keys_in_force,
)
from gpt2studio.app.common.shown import shown

if TYPE_CHECKING:
    from gpt2studio.app.studio import Studio

_UNLISTED = ("palette", "leave")
"""What nobody needs to look up in the palette itself."""

_MOST = 5
"""Commands that are remembered as used last."""

_NEEDS: Mapping[str, str] = {
    "pause": "a run that is running",
    "go_on": "a run that is paused",
    "resume": "a run that has ended",
    "write_with": "a run that is under way, or has a checkpoint",
    "sample_now": "a run that is under way",
    "save_now": "a run that is under way",
    "stop_run": "a run that is under way",
    "change_rate": "a run that is under way",
    "remove_run": "a run that is not under way",
    "sample_previous": "a run with samples",
    "sample_next": "a run with samples",
    "open_sample": "a run with samples",
    "log_axis": "a run",
    "zoom": "a run",
    "begin_run": "a run that waits, or has not begun",
    "queue_run": "a run that is not under way, and not complete",
    "queue_first": "a run that waits",
    "compare": "two runs",
}
"""What a command of the Train screen can be done with."""


class StudioCommands(SystemCommandsProvider):
    """Lists the studio's commands as they come, most likely first; Textual's own list is by the alphabet."""

    async def discover(self) -> Hits:
        """Every command, before anything is typed."""
        for name, words, callback, _ in self.app.get_system_commands(self.screen):
            yield DiscoveryHit(name, callback, help=words)

    async def search(self, query: str) -> Hits:
        """What the words fit; what fits as well elsewhere comes after what can be done here."""
        matcher = self.matcher(query)
        for (name, words, callback, _), elsewhere in _ranked(cast("Studio", self.app)):
            if (fit := matcher.match(name)) > 0:
                yield Hit(fit / 2 if elsewhere else fit, matcher.highlight(name), callback, help=words)


def entries(studio: "Studio") -> Iterable[SystemCommand]:
    """What the palette lists, each with the keys that do it too: used last, of this screen, of all, of others."""
    return (entry for entry, _ in _ranked(studio))


def _ranked(studio: "Studio") -> Iterable[tuple[SystemCommand, bool]]:
    """Each entry, and whether it is carried out on another screen."""
    here = _screen_of(studio.current_mode)

    def rank(row: tuple[Command, tuple[str, ...]]) -> int:
        command = row[0].id
        if command in studio.used_last:
            return studio.used_last.index(command) - _MOST
        return 0 if _place(command) == here else 1 if command in EVERYWHERE else 2

    for command, keys in sorted(keys_in_force(studio.keys), key=rank):
        if command.id not in _UNLISTED:
            names = " · ".join(key_name(key) for key in keys)
            elsewhere = _place(command.id) if _place(command.id) not in ("", here) else ""
            words = "  ".join(each for each in (command.help, names, f"({elsewhere})" if elsewhere else "") if each)
            yield SystemCommand(command.label, words, _runner(studio, command.id)), bool(elsewhere)
    yield SystemCommand("Theme", "Choose the colours.", studio.action_change_theme), False


def _screen_of(mode: str) -> str:
    return {"models": "Models", "train": "Train"}.get(mode, "Write")


def _place(command: str) -> str:
    """The screen that a command belongs to; empty where it belongs to all."""
    if command in EVERYWHERE:
        return ""
    return {STOCKING: "Models", TRAIN: "Train"}.get(BY_ID[command].group, "Write")


def _runner(studio: "Studio", command: str) -> Callable[[], Awaitable[None]]:
    return partial(carry_out, studio, command)


async def carry_out(studio: "Studio", command: str) -> None:
    """Do this, where it is done."""
    studio.used_last = [command, *(each for each in studio.used_last if each != command)][:_MOST]
    if command in EVERYWHERE:
        await studio.run_action(command)
    elif command in TRAINING:
        await studio.switch_mode("train")  # until it is there: which run is in view decides what can be done
        if not await studio.run_action(command, studio.train):
            studio.notify(_reason(studio, command), title=f"{BY_ID[command].label}: not with this run", markup=False)
    elif command in STOCK:
        studio.action_models()
        await studio.models.run_action(command)
    else:
        studio.action_write()
        await studio.write.run_action(command)


def _reason(studio: "Studio", command: str) -> str:
    """Why a command of the Train screen has nothing to do, and what a person can do about it."""
    needs = f"It takes {_NEEDS.get(command, 'a run')}."
    run = studio.train.run_in_view
    if run is None:
        return f"{needs} There is no run yet: n begins one, F2 goes back to writing."
    what = "waiting" if run.waits else run.standing.value
    return f"{needs} {shown(run.name)} is {what}. ↑ ↓ choose another run, F2 goes back to writing."
