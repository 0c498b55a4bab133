"""Models that lie near another one, and may lend it the description or the vocabulary that it lacks."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from gpt2studio.errors import StudioError
from gpt2studio.formats.huggingface import CONFIG, read_shape
from gpt2studio.formats.mapped import read_json
from gpt2studio.formats.openai import HPARAMS
from gpt2studio.formats.shape import PUBLISHED, Shape
from gpt2studio.formats.vocabulary import Vocabulary, find_vocabulary


@dataclass(frozen=True, slots=True)
class Neighbour:
    """What a folder can lend."""

    shape: Shape
    vocabulary: Vocabulary | None


def described(folder: Path) -> Shape | None:
    """The shape that the folder's own ``hparams.json`` or ``config.json`` describes, where it has one."""
    if (folder / HPARAMS).is_file():
        return Shape.from_hparams(read_json(folder / HPARAMS), where=str(folder))
    return read_shape(folder / CONFIG) if (folder / CONFIG).is_file() else None


def neighbours(folder: Path, elsewhere: Sequence[Path]) -> Iterator[Neighbour]:
    """The models near *folder*, the likeliest to fit first.

    In the order: ``models/NAME`` of the 2019 tools beside the run, *elsewhere* (each a model, or a folder of
    models), what Hugging Face's tools keep.
    """
    for candidate in _folders(folder.absolute(), elsewhere):
        try:
            shape = described(candidate)
            neighbour = None if shape is None else Neighbour(shape, find_vocabulary(candidate))
        except (StudioError, OSError):
            continue  # a neighbour that is damaged or locked lends nothing
        if neighbour is not None:
            yield neighbour


def completed(shape: Shape, around: Iterable[Neighbour]) -> Shape | None:
    """The neighbour's or published shape that agrees in all that *shape*, measured from tensors, can tell."""
    for known in chain((neighbour.shape for neighbour in around), PUBLISHED.values()):
        if replace(known, n_head=1, end_token=shape.end_token) == replace(shape, n_head=1):
            return known
    return None


def lent_vocabulary(shape: Shape, around: Iterable[Neighbour]) -> Vocabulary | None:
    """The vocabulary of a model of the same shape, or, among the published ones, of any: they have all the same."""
    published = shape in PUBLISHED.values()
    for neighbour in around:
        same = neighbour.shape == shape or (published and neighbour.shape in PUBLISHED.values())
        if same and neighbour.vocabulary is not None:
            return neighbour.vocabulary
    return None


def _folders(folder: Path, elsewhere: Sequence[Path]) -> Iterator[Path]:
    # models/345M-mine and checkpoint/run1 alike: the 2019 tools were started in a folder that has both.
    for parent in list(folder.parents)[:3]:
        yield from subfolders(parent / "models")
    for place in elsewhere:
        yield place
        yield from subfolders(place)
    for model in sorted(cached_repositories(), key=_openai_first):
        yield from subfolders(model / "snapshots")


def subfolders(folder: Path) -> list[Path]:
    """The folders in it, by name, as far as they can be seen: one that is locked does not hide the others."""
    try:
        return [path for path in sorted(folder.iterdir()) if _is_folder(path)]
    except OSError:
        return []


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def cached_repositories() -> list[Path]:
    """The folders of models in Hugging Face's cache, by name."""
    return [path for cache in _hub_caches() for path in subfolders(cache) if path.name.startswith("models--")]


def _openai_first(model: Path) -> tuple[bool, str]:
    return not model.name.startswith(("models--openai-community--", "models--gpt2", "models--distilgpt2")), model.name


def _hub_caches() -> Iterator[Path]:
    """Hugging Face's cache, where its own tools would look for it."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface"
    home = Path(os.environ.get("HF_HOME") or cache)
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if os.environ.get(name):
            yield Path(os.environ[name]).expanduser()
            return
    yield home.expanduser() / "hub"
