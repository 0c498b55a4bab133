"""A model from elsewhere into ``models/NAME``: fetched beside it, checked, then put into place."""

import json
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from gpt2studio.errors import FormatError
from gpt2studio.files import move
from gpt2studio.formats.checkpoint import Checkpoint, open_checkpoint
from gpt2studio.formats.mapped import let_go, read_json
from gpt2studio.formats.room import check_room
from gpt2studio.formats.shape import Shape
from gpt2studio.formats.vocabulary import find_vocabulary, vocabulary_bytes
from gpt2studio.library.fetch import PART, Line, RemoteFile, fetch
from gpt2studio.library.names import check_free, check_name
from gpt2studio.library.progress import Progress, Watch, unwatched
from gpt2studio.library.provenance import Provenance, sha256_of, write_provenance
from gpt2studio.library.staging import held
from gpt2studio.library.vocabulary import check_vocabulary
from gpt2studio.paths import Places, shipped
from gpt2studio.text.vocabulary import Vocabulary
from gpt2studio.wire.lines import to_plain

DOWNLOADS = ".downloads"
"""The folder, among the models, of what is under way."""

WEIGHTS = (".safetensors", ".bin", ".data-00000-of-00001")
LIST, ASKED = "files.json", "asked.json"
"""Beside what has come: which files there are to be, and what a person asked for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asked for, as it takes to ask again."""

    model: str
    """A card's name, or a repository."""
    source: str = "hub"
    """``hub`` or ``openai``."""
    revision: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A model that can be fetched: its files, and what is known of it."""

    name: str
    """What it is called where it lies."""
    files: tuple[RemoteFile, ...]
    """The small ones first: they tell whether the large ones are worth having."""
    provenance: Provenance
    line: Line = field(default_factory=Line)
    asked: Asked | None = None
    """How to ask for it again; None where that cannot be said."""

    @property
    def size(self) -> int:
        """Bytes to fetch, as far as they are known."""
        return sum(file.size or 0 for file in self.files)


def install(offer: Offer, name: str, places: Places, watch: Watch = unwatched) -> Path:
    """Fetch what is offered and put it into ``models/NAME``; its folder.

    Whatever ends it (an exception from *watch*, Ctrl+C, a cut line), what has come is kept, and the next try goes on
    there; nothing half-done is ever seen among the models. Raises StudioError with one sentence for a person.
    """
    check_name(name)
    check_free(name, places)
    under_way = places.models / DOWNLOADS / name
    with held(under_way, f"{name} is being downloaded already."):
        _keep_what_fits(under_way, offer.files)
        if offer.asked is not None:
            (under_way / ASKED).write_text(json.dumps(to_plain(offer.asked)))
        here = sum(path.stat().st_size for path in under_way.iterdir())
        check_room(under_way, max(0, offer.size - here))
        digests = _fetch_all(offer, under_way, watch)
        _check(under_way, summed=any(file.sha256 for file in offer.files if file.name.endswith(WEIGHTS)))
        write_provenance(under_way, _with_digests(offer.provenance, digests))
        for record in (LIST, ASKED):
            (under_way / record).unlink(missing_ok=True)
        check_free(name, places)
        move(under_way, places.models / name)
    return places.models / name


def installed_size(name: str, places: Places) -> int:
    """Bytes of an earlier try to fetch *name* that are here already."""
    folder = places.models / DOWNLOADS / name
    try:
        return sum(path.stat().st_size for path in folder.iterdir() if path.name not in (LIST, ASKED))
    except OSError:
        return 0


def discard(name: str, places: Places) -> None:
    """Throw away what an unfinished download has left."""
    check_name(name)
    shutil.rmtree(places.models / DOWNLOADS / name, ignore_errors=True)


def _keep_what_fits(folder: Path, files: Sequence[RemoteFile]) -> None:
    """Drop what an earlier try brought of another version, and note what is to come."""
    wanted = {file.name: [file.size, file.sha256 or file.git_blob or file.url] for file in files}
    try:
        before = json.loads((folder / LIST).read_bytes())
    except (OSError, ValueError):
        before = {}
    for path in folder.iterdir():
        name = path.name.removesuffix(PART)
        if name not in wanted or not isinstance(before, dict) or before.get(name) != wanted[name]:
            path.unlink()
    (folder / LIST).write_text(json.dumps(wanted))


def _fetch_all(offer: Offer, folder: Path, watch: Watch) -> dict[str, str]:
    """Every file, in order; the sha256 of each."""
    digests: dict[str, str] = {}
    done = 0
    for file in offer.files:
        watched = _watched(file, done, offer.size, watch)
        if file.name.endswith(WEIGHTS):
            _check_words(folder)
        if (folder / file.name).exists():
            digests[file.name] = sha256_of(folder / file.name)
        else:
            digests[file.name] = fetch(file, folder, offer.line, watched)
        done += (folder / file.name).stat().st_size
        watched((folder / file.name).stat().st_size)
        if file.name in ("config.json", "hparams.json"):
            _check_shape(folder / file.name)
    return digests


def _watched(file: RemoteFile, before: int, total: int, watch: Watch) -> Callable[[int], None]:
    return lambda here: watch(Progress(file.name, before + here, total))


def _check_shape(path: Path) -> None:
    """Raise FormatError where the description is of no GPT-2: before the weights are fetched for nothing."""
    data = read_json(path)
    if path.name == "config.json":
        Shape.from_config(data)
    else:
        Shape.from_hparams(data)


def _check_words(folder: Path) -> None:
    """Raise FormatError where the vocabulary that came is none; drop it then, so that the next try asks for it anew."""
    files = find_vocabulary(folder)
    if files is None:
        return
    try:
        Vocabulary.load(files.encoder, files.merges)
    except FormatError:
        files.encoder.unlink()
        files.merges.unlink(missing_ok=True)  # of a tokenizer.json, the same file
        raise


def _check(folder: Path, summed: bool) -> None:
    """Raise where what came is no model; drop the weights then, since the same would come again.

    Where their checksum was not published (*summed* is false), that in the file itself is held against them.
    """
    try:
        checkpoint = _opened(folder, summed)
    except FormatError as error:
        let_go(error)
        for path in folder.iterdir():
            if path.name.endswith(WEIGHTS):
                path.unlink()
        raise
    check_vocabulary(checkpoint)
    if find_vocabulary(folder) is None:
        encoder, merges = vocabulary_bytes(checkpoint.vocabulary)
        (folder / "vocab.json").write_bytes(encoder)
        (folder / "merges.txt").write_bytes(merges)


def _opened(folder: Path, summed: bool) -> Checkpoint:
    checkpoint = open_checkpoint(folder, elsewhere=[folder.parent.parent, shipped("models")])
    if not summed:
        checkpoint.verify()
    return checkpoint


def _with_digests(provenance: Provenance, digests: dict[str, str]) -> Provenance:
    weights = [digest for name, digest in digests.items() if name.endswith(WEIGHTS)]
    return replace(
        provenance, created=time.time(), files=digests, sha256=weights[0] if len(weights) == 1 else provenance.sha256
    )
