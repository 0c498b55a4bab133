"""``gpt2studio doctor``: what this machine has, and what the studio will use."""

import argparse
import asyncio
import json
import os
import platform
import shutil
import sys
from importlib import metadata
from pathlib import Path

from gpt2studio import __version__
from gpt2studio.cli.engine import load_request
from gpt2studio.errors import StudioError
from gpt2studio.library.shelf import Shelf
from gpt2studio.paths import Places, nearest, places
from gpt2studio.runs.registry import Runs
from gpt2studio.settings import read_settings
from gpt2studio.wire.messages import Greeting, Hello, Loaded
from gpt2studio.wire.process import EngineProcess, command_for

PACKAGES = ("torch", "textual", "rich", "numpy", "regex", "safetensors", "huggingface-hub", "starlette", "uvicorn")


def run(options: argparse.Namespace) -> int:
    """Look, try, and tell; status 1 where the studio cannot write on this machine."""
    report = {**_system(), **_terminal(), **_folders()}
    engine, works = asyncio.run(_engine(options))
    report.update(engine)
    if options.json:
        print(json.dumps(report))
    else:
        width = max(map(len, report))
        for name, value in report.items():
            print(f"{name:<{width}}  {', '.join(value) if isinstance(value, list) else value}")
    return 0 if works else 1


def _system() -> dict[str, str | list[str]]:
    return {
        "gpt2studio": __version__,
        "python": f"{platform.python_version()} ({sys.executable})",
        "system": platform.platform(),
        "packages": [f"{name} {_version(name)}" for name in PACKAGES],
    }


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "missing"


def _terminal() -> dict[str, str | list[str]]:
    size = shutil.get_terminal_size()
    inside = [name for name, sign in (("tmux", "TMUX"), ("screen", "STY"), ("SSH", "SSH_TTY")) if os.environ.get(sign)]
    colours = os.environ.get("COLORTERM") or "256 or fewer"
    return {
        "terminal": f"{os.environ.get('TERM', 'unknown')}, {size.columns}×{size.lines}, colours: {colours}",
        "inside": inside or "no multiplexer",
        "encoding": sys.stdout.encoding,
    }


def _folders() -> dict[str, str | list[str]]:
    here = places()
    models = Shelf(here, runs=Runs(here.runs)).models()
    return {
        "data": f"{here.data} ({_room(here.data)})",
        "settings": [f"{here.settings}{'' if here.settings.exists() else ' (none: defaults)'}", *_mistakes(here)],
        "logs": str(here.logs),
        "models": [f"{model.name}{f' ({model.note})' if model.note else ''}" for model in models],
    }


def _mistakes(here: Places) -> list[str]:
    """What cannot be used of the person's settings, presets and themes."""
    from gpt2studio.app.own_files import read_own_files  # late: other commands have no keys and no themes

    settings, complaints = read_settings(here.settings)
    return [*complaints, *read_own_files(here, settings).faults]


def _room(folder: Path) -> str:
    """How much fits there, and whether one may write."""
    there = nearest(folder)
    if not there.exists():
        return f"{there} is not there"
    free = f"{shutil.disk_usage(there).free / 1e9:,.0f} GB free"
    return free if os.access(there, os.W_OK) else f"{free}, but it cannot be written to"


async def _engine(options: argparse.Namespace) -> tuple[dict[str, str | list[str]], bool]:
    """What the engine says of itself, and whether it holds the model that would be used."""
    try:
        load = load_request(options, "load")
    except StudioError as error:
        return {"engine": f"{error.message} {error.hint}"}, False
    engine = EngineProcess.start(command=command_for(load.model))
    try:
        greeting = await engine.call(Hello(id=engine.new_id()))
        assert isinstance(greeting, Greeting)
        report: dict[str, str | list[str]] = {
            "engine": greeting.backend,
            "devices": [f"{device.name}: {device.label}" for device in greeting.devices],
        }
        loaded = await engine.call(load)
        assert isinstance(loaded, Loaded)
        report["will use"] = (
            f"{Path(loaded.model).name} on {loaded.device} in {loaded.dtype} (loaded in {loaded.seconds:.1f} s)"
        )
        return report, True
    except StudioError as error:
        return {"engine": f"{error.message} {error.hint}"}, False
    finally:
        await engine.close()
