"""An engine for one command: started, loaded with progress on a terminal, and let go."""

import argparse
import contextlib
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass

from gpt2studio.cli.streams import on_last_line
from gpt2studio.library.cards import Card, card_of
from gpt2studio.library.shelf import SHIPPED, Shelf
from gpt2studio.paths import places
from gpt2studio.runs.registry import Runs
from gpt2studio.settings import Settings, read_settings
from gpt2studio.wire.messages import STITCH, Load, Loaded, Loading
from gpt2studio.wire.process import EngineProcess, command_for
from gpt2studio.wire.terminal import visible


@dataclass(frozen=True, slots=True)
class Held:
    """An engine that holds a model."""

    engine: EngineProcess
    loaded: Loaded
    card: Card | None


def settings_in_force() -> Settings:
    """The person's settings; what cannot be used in them is told on standard error."""
    settings, complaints = read_settings(places().settings)
    for complaint in complaints:
        print(f"gpt2studio: {visible(complaint)}", file=sys.stderr)
    return settings


def load_request(options: argparse.Namespace, request_id: str) -> Load:
    """What to load: the options, else the settings, else the model that ships."""
    here = places()
    settings = settings_in_force()
    name = options.model or settings.model or SHIPPED
    return Load(
        id=request_id,
        model=name if name.startswith(STITCH) else str(Shelf(here, runs=Runs(here.runs)).resolve(name)),
        dtype=options.dtype or settings.dtype,
        device=options.device or settings.device,
    )


@contextlib.asynccontextmanager
async def held_model(request: Load) -> AsyncIterator[Held]:
    """The model that is asked for, held by an engine until the block ends."""
    engine = EngineProcess.start(command=command_for(request.model))
    try:
        loaded = await _load(engine, request)
        yield Held(engine, loaded, card_of_path(request.model))
    finally:
        await engine.close()


async def _load(engine: EngineProcess, request: Load) -> Loaded:
    loaded: Loaded | None = None
    async for answer in engine.ask(request):
        if isinstance(answer, Loaded):
            loaded = answer
        elif isinstance(answer, Loading) and answer.total:
            on_last_line(f"Loading the model… {100 * answer.done // answer.total} %")
    on_last_line()
    assert loaded is not None
    return loaded


def card_of_path(model: str) -> Card | None:
    """The card of the model at this path, where it has one."""
    from pathlib import Path

    if model.startswith(STITCH):
        return None
    path = Path(model)
    return card_of(path if path.is_dir() else path.parent)
