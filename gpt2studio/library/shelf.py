"""The shelf: every model that is at hand, and the one that a name means."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from gpt2studio.errors import NotFoundError, StudioError
from gpt2studio.formats.checkpoint import open_checkpoint, recognise
from gpt2studio.formats.huggingface import CONFIG, find_weights
from gpt2studio.formats.mapped import read_json
from gpt2studio.formats.neighbours import cached_repositories, subfolders
from gpt2studio.formats.shape import Shape
from gpt2studio.library import installed
from gpt2studio.library.cards import CARD, Card, card_of, find
from gpt2studio.library.installed import InstalledModel
from gpt2studio.library.needs import Needs
from gpt2studio.library.provenance import read_provenance
from gpt2studio.paths import Places, shipped
from gpt2studio.wire.messages import STITCH

SHIPPED = "storyteller"
"""The model that comes with the studio."""

_FAULTS = (StudioError, OSError, ValueError)
"""What keeps a model from being opened or described."""


class TrainedModel(Protocol):
    """A checkpoint of a run: a model directory."""

    @property
    def name(self) -> str:
        """The run's."""
        ...

    @property
    def path(self) -> Path:
        """The model directory."""
        ...


class Located(Protocol):
    """Something that lies on disk."""

    @property
    def path(self) -> Path:
        """Where."""
        ...


class TrainedModels(Protocol):
    """The runs that can be written with: what the shelf asks of `gpt2studio.runs.registry.Runs`."""

    def trained_models(self) -> Sequence[TrainedModel]:
        """Every run with a checkpoint, as a model of the run's name."""
        ...

    def resolve(self, name: str) -> Located | None:
        """The checkpoint that ``RUN``, ``RUN@best``, ``RUN@last`` or ``RUN@STEP`` means; None where RUN is no run."""
        ...


class Shelf:
    """The models of one person's studio, and those that lie where it was started.

    *runs* are those whose checkpoints are models too; a front end passes them in.
    """

    def __init__(self, places: Places, started_in: Path | None = None, runs: TrainedModels | None = None) -> None:
        self._places = places
        self._started_in = Path.cwd() if started_in is None else started_in
        self._runs = runs

    @property
    def elsewhere(self) -> tuple[Path, ...]:
        """Folders of models that may lend a description or a vocabulary to one that lacks its own."""
        return self._places.models, shipped("models")

    def models(self) -> list[InstalledModel]:
        """Every model at hand, the shipped one first, each name once."""
        return [describe(name, path, origin, self.elsewhere) for name, path, origin in self._named()]

    def get(self, name: str) -> InstalledModel:
        """The model that *name* means, described. Raises NotFoundError as `resolve` does."""
        path = self.resolve(name)
        for known, where, origin in self._named():
            if where.absolute() == path:
                return describe(known, where, origin, self.elsewhere)
        origin = installed.RUN if self._run(name) else ""
        return describe(path.name if Path(name).exists() else name, path, origin, self.elsewhere)

    def resolve(self, name: str) -> Path:
        """The checkpoint that *name* means: a path first, then a model at hand, then a run.

        Raises NotFoundError with what to do: for a published model, the command that fetches it.
        """
        path = Path(name).expanduser()
        if path.is_file() or recognise(path) is not None:
            return path.absolute()
        if known := self._known(name):
            return known.absolute()
        if run := self._run(name):
            return run.path.absolute()
        raise self._missing(name, path)

    def _known(self, name: str) -> Path | None:
        """The model at hand of this name; large and small letters differ only where two would be the same."""
        wanted = {name.casefold()}
        if card := find(name):
            wanted |= {each.casefold() for each in (card.name, card.hub, *card.aliases)}
        matching = {known: path for known, path, _ in self._named() if known.casefold() in wanted}
        return matching.get(name) or next(iter(matching.values()), None)

    def _run(self, name: str) -> Located | None:
        return self._runs.resolve(name) if self._runs else None

    def _missing(self, name: str, path: Path) -> NotFoundError:
        if name.startswith(STITCH):
            hint = f"See: gpt2studio index --name {name.removeprefix(STITCH) or 'NAME'}"
            return NotFoundError(f"{name} is made of texts, and has no weights.", hint)
        if path.exists():
            return NotFoundError(f"{path} holds no model.", "A model is a folder with config.json or hparams.json.")
        if card := find(name):
            return NotFoundError(f"{card.name} is not installed.", f"Fetch it: gpt2studio models download {card.name}")
        known = ", ".join(known for known, _, _ in self._named())
        return NotFoundError(f"There is no model “{name}”.", f"At hand: {known}. A path to a model works too.")

    def _named(self) -> Iterator[tuple[str, Path, str]]:
        """The candidates, each name once; of two of one name, the second goes by its path, where that is short."""
        taken: set[str] = set()
        seen: set[Path] = set()
        for name, path, origin in self._candidates():
            place = path.resolve()
            if place in seen:
                continue
            seen.add(place)
            chosen = name
            if name.casefold() in taken and origin == installed.OLD:
                chosen = f"{path.parent.name}/{name}"
            if chosen.casefold() not in taken:
                taken.add(chosen.casefold())
                yield chosen, path, origin

    def _candidates(self) -> Iterator[tuple[str, Path, str]]:
        """Name, folder and origin of everything that looks like a model, in the order in which names are taken."""
        yield from _children(shipped("models"), installed.SHIPPED)
        yield from _children(self._places.models, installed.INSTALLED)
        for run in self._runs.trained_models() if self._runs else ():
            yield run.name, run.path, installed.RUN
        # A folder with a card is the studio's own, met again where it is started in a checkout of itself.
        for found in _children(self._started_in / "models", installed.OLD):
            if not (found[1] / CARD).exists():
                yield found
        yield from _children(self._started_in / "checkpoint", installed.OLD)
        yield from _cached()


def describe(name: str, path: Path, origin: str, elsewhere: Sequence[Path] = ()) -> InstalledModel:
    """What can be told of the model in *path* from its small files."""
    model = InstalledModel(name=name, path=path, origin=origin, provenance=read_provenance(path))
    try:
        model = replace(model, size=size_of(path))
        card = card_of(path) or _card_of(model)
        shape, dtype = _shape(path, elsewhere)
    except _FAULTS as error:
        return replace(model, note=_said(error), label="damaged")
    needs, fault = Needs.of(shape), _fault(path, elsewhere)
    return replace(
        model,
        card=card,
        note=fault,
        label="damaged" if fault else card.title if card else "",
        dtype=dtype,
        parameters=shape.parameters,
        n_positions=shape.n_positions,
        vocab_size=shape.vocab_size,
        memory_to_write=needs.writing,
        memory_to_train=needs.training,
        shape=shape,
    )


def _fault(path: Path, elsewhere: Sequence[Path]) -> str:
    """What keeps it from being opened, as far as the beginnings of its files tell; its weights are not read."""
    try:
        _ = open_checkpoint(path, elsewhere=elsewhere).vocabulary
    except _FAULTS as error:
        return _said(error)
    return ""


def _said(fault: Exception) -> str:
    return fault.message if isinstance(fault, StudioError) else str(fault)


def size_of(path: Path) -> int:
    """Bytes on disk of a model's folder, or of its one file."""
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.iterdir() if file.is_file())


def _card_of(model: InstalledModel) -> Card | None:
    """The card of the published model that this one is, by its name on the hub."""
    hub = model.provenance.origin.removeprefix("hub:") if model.provenance else ""
    if model.origin == installed.CACHED:
        hub = model.name
    return find(hub) if hub else None


def _shape(path: Path, elsewhere: Sequence[Path]) -> tuple[Shape, str]:
    """The shape and number type that a model's configuration names, or its tensors where it has none."""
    config, hparams = path / "config.json", path / "hparams.json"
    if config.is_file():
        data = read_json(config)
        return Shape.from_config(data), str(data.get("dtype") or data.get("torch_dtype") or "float32")
    if hparams.is_file():
        return Shape.from_hparams(read_json(hparams)), "float32"
    checkpoint = open_checkpoint(path, elsewhere=elsewhere)
    return checkpoint.shape, checkpoint.tensors["wte.weight"].dtype


def _children(folder: Path, origin: str) -> Iterator[tuple[str, Path, str]]:
    for path in subfolders(folder):
        # What begins with a dot is under way: a download, a model half-written.
        if not path.name.startswith(".") and (recognise(path) is not None or _claims(path)):
            yield path.name, path, origin


def _claims(folder: Path) -> bool:
    """Whether it has all the files of a model, whatever is in them: it is listed, with what is wrong."""
    try:
        return (folder / CONFIG).is_file() and find_weights(folder) is not None
    except OSError:
        return False


def _cached() -> Iterator[tuple[str, Path, str]]:
    """GPT-2s that other programs have left in Hugging Face's cache."""
    for repository in cached_repositories():
        snapshot = _newest(repository)
        if snapshot is not None and _is_gpt2(snapshot):
            name = repository.name.removeprefix("models--").replace("--", "/")
            yield name, snapshot, installed.CACHED


def _newest(repository: Path) -> Path | None:
    """The snapshot that the cache calls its main one, else the last that was made."""
    snapshots = {path.name: path for path in subfolders(repository / "snapshots")}
    try:
        main = (repository / "refs" / "main").read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        main = ""
    return snapshots.get(main) or max(snapshots.values(), key=lambda path: path.stat().st_mtime, default=None)


def _is_gpt2(folder: Path) -> bool:
    """Whether it is a model of the one kind that can be opened: caches hold many others."""
    if recognise(folder) is None:
        return False
    try:
        return str(read_json(folder / "config.json").get("model_type", "gpt2")) == "gpt2"
    except StudioError:
        return True  # damaged, perhaps: it is listed, with what is wrong
