"""The way from a command line to a studio on screen: the engine first, since it takes longest to come up."""

import asyncio
import gc
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from gpt2studio.app.engine.link import EngineLink
from gpt2studio.app.engine.model_choice import ModelChoice
from gpt2studio.app.memory import MemoryFile
from gpt2studio.app.options import StudioOptions
from gpt2studio.errors import NotFoundError, StudioError
from gpt2studio.paths import Places, places, shipped
from gpt2studio.settings import Settings, read_settings
from gpt2studio.wire.messages import STITCH
from gpt2studio.wire.process import EngineProcess
from gpt2studio.wire.terminal import visible

if TYPE_CHECKING:
    from gpt2studio.stories.story import Story

_SETTLED = 2.0
"""Seconds after which what is there is there to stay."""

_SWITCH = 0.001
"""Seconds after which a thread that computes lets another go on: one waits that reads keys, another paints."""

_SHIPPED = "storyteller"
"""The model that comes with the studio."""


Start = Callable[[Sequence[str], Sequence[str]], EngineProcess]
"""Starts an engine with these arguments, by this command."""


async def open_studio(options: StudioOptions, start: Start = EngineProcess.start) -> int:
    """Start the engine, load the rest while it comes up, and run the app; the exit status."""
    gc.disable()  # it would look through all that is being imported, in vain, and later again at every full collection
    asyncio.get_running_loop().call_later(_SETTLED, _collect_again)
    sys.setswitchinterval(_SWITCH)
    here = places()
    control = here.state / f"engine-{os.getpid()}.json"
    link = EngineLink(partial(start, ("--listen", str(control))), control=control)
    keeping = asyncio.create_task(link.run())
    try:
        settings, complaints = read_settings(here.settings)
        memory = MemoryFile(here.state / "app.json")
        link.choose(_model(options, settings, memory, here, complaints))
        await asyncio.sleep(0)  # the request to load goes out before anything heavy is imported

        from gpt2studio.app.studio import Opening, Studio
        from gpt2studio.app.write.desk import open_story  # late: the engine is on its way by now

        story = open_story(
            here.stories,
            here.files,
            story=options.story or "",
            file=options.file,
            last=memory.memory.story,
        )
        studio = Studio(Opening(here, settings, memory, link, story, tuple(complaints)))
        try:
            await studio.run_async()
        finally:
            # Whoever leaves reads it in the terminal: the screen that could have said it is gone.
            trouble = studio.put_away()
            if parting := f"{trouble.message} {trouble.hint}" if trouble else parting_word(studio.desk.story):
                print(parting, file=sys.stderr)
            await studio.serving.stop()
        return studio.return_code or 0
    finally:
        gc.enable()
        keeping.cancel()
        await link.close()
        with suppress(OSError):  # on a disk that can only be read there is none, and that is no reason to fail
            control.unlink(missing_ok=True)  # an engine that was killed could not


def parting_word(story: "Story") -> str:
    """What a person should know who leaves this story; empty where all is where they expect it."""
    if story.path is None or not story.unsaved:
        return ""
    return f"{visible(story.path.name)} is not saved. Nothing is lost: open it again, and Ctrl+S saves it."


def _collect_again() -> None:
    """From now on collect garbage, among what comes from now on."""
    gc.freeze()
    gc.enable()


def _model(
    options: StudioOptions, settings: Settings, memory: MemoryFile, here: Places, complaints: list[str]
) -> ModelChoice:
    """The model that was asked for; a setting or a memory that means nothing any more is complained of."""
    dtype, device = options.dtype or settings.dtype, options.device or settings.device
    if options.model:
        return _choice(options.model, here, dtype, device)
    for name in (settings.model, memory.memory.model):
        try:
            if name:
                return _choice(name, here, dtype, device)
        except StudioError as error:
            complaints.append(f"{error.message} {_SHIPPED} writes instead.")
    return _choice(_SHIPPED, here, dtype, device)


def _choice(name: str, here: Places, dtype: str, device: str) -> ModelChoice:
    """The model of this name. Raises StudioError where there is none."""
    if name.startswith(STITCH):
        return _stitched(name, here)
    return ModelChoice(_name(name), _resolve(name, here), dtype, device)


def _stitched(name: str, here: Places) -> ModelChoice:
    """The model made of these texts. Raises NotFoundError where there are none of that name any more."""
    texts = name.removeprefix(STITCH)
    if texts not in ("", "example") and not (here.indexes / texts).is_dir() and not Path(texts).exists():
        raise NotFoundError(f"There is no index “{texts}”.", "Make one: gpt2studio index TEXTS… --name NAME")
    return ModelChoice.stitched(name, here)


def _resolve(name: str, here: Places) -> Path:
    """Where the model lies. For one of the studio's own folders that takes no look into files."""
    for path in (Path(name), shipped("models") / name, here.models / name):
        if path.is_absolute() and (path / "config.json").is_file():
            return path
    # Late: it knows all formats, and most starts need none of them.
    from gpt2studio.library.shelf import Shelf
    from gpt2studio.runs.registry import Runs

    return Shelf(here, runs=Runs(here.runs)).resolve(name)


def _name(name: str) -> str:
    """The model's name, which may be given as a path; a run's checkpoint is called by the run and its step."""
    if "/" not in name and "\\" not in name:
        return name
    path = Path(name)
    step = path.name.removeprefix("step-")
    if path.parent.name == "checkpoints" and step.isdecimal():
        return f"{path.parent.parent.name}@{int(step)}"
    return path.name
