"""What is found out of a new run while a person fills in its form: the text is counted, then two steps are measured."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from textual.worker import Worker

from gpt2studio.app.train.new.draft import facts_of
from gpt2studio.app.train.new.needs import TIGHT, estimated
from gpt2studio.app.train.new.probing import Found, Probing
from gpt2studio.errors import StudioError
from gpt2studio.runs.counting import Counted, Counting, Looked, counted
from gpt2studio.runs.defaults import settled
from gpt2studio.runs.events import Event
from gpt2studio.runs.machine import total_memory
from gpt2studio.runs.probe import DoesNotFit, Needs
from gpt2studio.runs.recipe import Recipe

_CALM = 0.6
"""Seconds without a change after which two steps are measured."""

Spawn = Callable[[Coroutine[Any, Any, None]], Worker[None]]


class Study:
    """Follows a recipe as it changes; what is known of it stands here, and *changed* is told of more.

    *spawn* has work done beside the app's own; *later* calls a function in the app's own, from any thread.
    """

    def __init__(self, folder: Path, spawn: Spawn, later: Callable[..., object], changed: Callable[[], None]) -> None:
        self._spawn = spawn
        self._later = later
        self._changed = changed
        self._probing = Probing(folder, self._told)
        self._worker: Worker[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._key: object = None
        self._measured: Recipe | None = None
        """What was measured last, or is being measured."""
        self.training_memory = 0
        """Bytes that training all of the model takes by rule of thumb; 0 where that is not known."""
        self.recipe: Recipe | None = None
        """The last that made sense."""
        self.looked: Looked | None = None
        self.counting: Counting | None = None
        self.counted: Counted | None = None
        self.fault: StudioError | None = None
        """Why the text cannot be learned from."""
        self.event: Event | None = None
        """The last that a probe has said."""
        self.needs: Needs | None = None
        self.unfit: StudioError | None = None
        """Why it could not be measured."""

    @property
    def whole(self) -> Recipe | None:
        """The recipe with nothing left open, once the text is counted."""
        if self.recipe is None or self.counted is None:
            return None
        with contextlib.suppress(StudioError):
            return settled(self.recipe, facts_of(self.counted))
        return None

    def take(self, recipe: Recipe) -> None:
        """This is the recipe now."""
        self.recipe = recipe
        key = recipe.texts, recipe.model
        if key != self._key:
            self._key = key
            self._forget()
            if self._worker is not None:
                self._worker.cancel()
            self._worker = self._spawn(self._count(recipe))
        elif self.counted is not None:
            self._measure_soon()

    def stop(self) -> None:
        """Find out no more."""
        if self._worker is not None:
            self._worker.cancel()
        self._key, self._measured = None, None
        self._end_probe()

    def _forget(self) -> None:
        self.looked, self.counting, self.counted, self.fault = None, None, None, None
        self._measured = None
        self._end_probe()

    def _end_probe(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self.event, self.needs, self.unfit = None, None, None
        self._probing.stop()

    async def _count(self, recipe: Recipe) -> None:
        try:
            async with contextlib.aclosing(counted(recipe.texts, Path(recipe.model))) as answers:
                async for answer in answers:
                    match answer:
                        case Looked():
                            self.looked = answer
                        case Counting():
                            self.counting = answer
                        case Counted():
                            self.counted = answer
                    self._changed()
        except StudioError as error:
            self.fault = error
            self._changed()
        if self.counted is not None:
            self._measure_soon()

    def _measure_soon(self) -> None:
        assert self.recipe is not None
        assert self.counted is not None
        try:
            whole = settled(self.recipe, facts_of(self.counted))
        except StudioError as error:
            self._end_probe()
            self.unfit, self._measured = error, None
            self._changed()
            return
        if whole == self._measured:
            return
        self._measured = whole
        self._end_probe()
        needed, there = estimated(whole, self.counted.parameters, self.training_memory), total_memory()
        if needed > TIGHT * there > 0 and whole.computing.device in ("auto", "cpu") and not _gpu():
            self.unfit = DoesNotFit(f"{needed / 1e9:.1f} GB of memory, about: there are {there / 1e9:.1f} GB.")
        else:
            recipe = self.recipe
            self._timer = asyncio.get_running_loop().call_later(_CALM, lambda: self._probing.start(recipe))
        self._changed()

    def _told(self, number: int, found: Found) -> None:
        self._later(self._take, number, found)

    def _take(self, number: int, found: Found) -> None:
        if number != self._probing.number:
            return
        match found:
            case Needs():
                self.needs = found
            case StudioError():
                self.unfit = found
            case _:
                self.event = found
        self._changed()


def _gpu() -> bool:
    """Whether there may be another memory than the machine's own: told without asking a driver."""
    return any(Path(path).exists() for path in ("/dev/nvidia0", "/proc/driver/nvidia/version"))
