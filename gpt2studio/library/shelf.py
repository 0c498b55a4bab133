"""The shelf: every model that is at hand, and the one that a name means."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from gpt2studio.errors import NotFoundError, StudioError
from gpt2studio.formats.checkpoint import recognise
from gpt2studio.formats.shape import Shape
from gpt2studio.library.cards import card_of, find
from gpt2studio.library.installed import InstalledModel
from gpt2studio.paths import Places, shipped

SHIPPED = "storyteller"
"""The model that comes with the studio."""


class Shelf:
    """The models of one person's studio, and those that lie where it was started."""

    def __init__(self, places: Places, started_in: Path | None = None) -> None:
        self._places = places
        self._started_in = Path.cwd() if started_in is None else started_in

    def models(self) -> list[InstalledModel]:
        """Every model at hand, the shipped one first, each name once."""
        found: dict[str, InstalledModel] = {}
        for name, path, origin in self._candidates():
            if name not in found:
                found[name] = describe(name, path, origin)
        return list(found.values())

    def resolve(self, name: str) -> Path:
        """The checkpoint that *name* means: a path first, then an installed model.

        Raises NotFoundError with what to do: for a published model, the command that fetches it.
        """
        path = Path(name).expanduser()
        if path.exists() and (path.is_file() or recognise(path) is not None):
            return path.absolute()
        wanted = {name.casefold()}
        if card := find(name):
            wanted |= {each.casefold() for each in (card.name, card.hub, *card.aliases)}
        for known, where, _ in self._candidates():
            if known.casefold() in wanted:
                return where.absolute()
        if path.exists():
            raise NotFoundError(f"{path} holds no model.", "A model is a folder with config.json or hparams.json.")
        if card:
            raise NotFoundError(
                f"{card.name} is not installed.",
                f"Fetch it: hf download {card.hub} config.json model.safetensors vocab.json merges.txt",
            )
        known_names = ", ".join(model.name for model in self.models())
        raise NotFoundError(f"There is no model “{name}”.", f"At hand: {known_names}. A path to a model works too.")

    def _candidates(self) -> Iterator[tuple[str, Path, str]]:
        """Name, folder and origin of everything that looks like a model, in the order in which names are taken."""
        yield from _children(shipped("models"), "shipped")
        yield from _children(self._places.models, "installed")
        yield from _children(self._started_in / "models", "2019 folder")
        yield from _children(self._started_in / "checkpoint", "2019 folder")
        yield from _cached()


def describe(name: str, path: Path, origin: str) -> InstalledModel:
    """What can be told of the model in *path* from its small files."""
    model = InstalledModel(name=name, path=path, origin=origin)
    try:
        card = card_of(path)
        shape, dtype = _shape(path)
    except (StudioError, OSError, ValueError) as error:
        return replace(model, note=str(error), label="damaged")
    size = sum(file.stat().st_size for file in path.iterdir() if file.is_file())
    model = replace(model, size=size, card=card, label=card.title if card else "", dtype=dtype)
    if shape is None:
        return model
    return replace(model, parameters=shape.parameters, n_positions=shape.n_positions, vocab_size=shape.vocab_size)


def _shape(path: Path) -> tuple[Shape | None, str]:
    """The shape and number type that a model's configuration names."""
    config, hparams = path / "config.json", path / "hparams.json"
    if config.is_file():
        data = json.loads(config.read_text(encoding="utf-8"))
        return Shape.from_config(data), str(data.get("dtype") or data.get("torch_dtype") or "float32")
    if hparams.is_file():
        return Shape.from_hparams(json.loads(hparams.read_text(encoding="utf-8"))), "float32"
    return None, "float32"


def _children(folder: Path, origin: str) -> Iterator[tuple[str, Path, str]]:
    try:
        paths = sorted(path for path in folder.iterdir() if path.is_dir())
    except OSError:
        return
    for path in paths:
        if recognise(path) is not None:
            yield path.name, path, origin


def _cached() -> Iterator[tuple[str, Path, str]]:
    """GPT-2s that other programs have left in Hugging Face's cache."""
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    hub = Path(os.environ.get("HF_HUB_CACHE") or home / "hub")
    for repository in sorted(hub.glob("models--*")):
        snapshots = sorted((repository / "snapshots").glob("*"), key=lambda path: path.stat().st_mtime)
        if snapshots and recognise(snapshots[-1]) is not None:
            name = repository.name.removeprefix("models--").replace("--", "/")
            yield name, snapshots[-1], "Hugging Face cache"
