"""Whether a model is whole: its files have the sums they had when they came, and make a GPT-2 with a vocabulary."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gpt2studio.errors import FormatError
from gpt2studio.formats.checkpoint import open_checkpoint
from gpt2studio.library.progress import Progress, Watch, unwatched
from gpt2studio.library.provenance import read_provenance, sha256_of
from gpt2studio.library.vocabulary import check_vocabulary

_BLOB = re.compile(r"[0-9a-f]{64}")
_AGAIN = "Remove it and get it again; what was trained from it is not harmed."


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was held against what; a model that is not whole raises instead."""

    summed: tuple[str, ...]
    """Files that have the sha256 that was noted of them."""
    tensors: int
    """Tensors that were found, each of the right size, and intact where their format says."""

    @property
    def sentence(self) -> str:
        """For people."""
        if self.summed:
            return f"Whole: {', '.join(self.summed)} as it came, {self.tensors} tensors."
        return f"As far as can be told: {self.tensors} tensors of the right sizes; no checksum of it was ever noted."


def verify(model: Path, elsewhere: Sequence[Path] = (), watch: Watch = unwatched) -> Verdict:
    """Read every byte of a model. Raises FormatError, naming the file or tensor, where it is damaged."""
    known = _known_sums(model) if model.is_dir() else {}
    for name in known:
        if not (model / name).is_file():
            raise FormatError(f"{model / name} is missing.", _AGAIN)
    check_sums([model / name for name in known], watch)
    checkpoint = open_checkpoint(model, elsewhere=elsewhere)
    checkpoint.verify()
    check_vocabulary(checkpoint)
    return Verdict(tuple(known), len(checkpoint.tensors))


def check_sums(files: Sequence[Path], watch: Watch = unwatched) -> None:
    """Read those of a folder's files of which a sum was noted. Raises FormatError, naming it, where one has another."""
    known = _known_sums(files[0].parent) if files else {}
    summed = [file for file in files if file.name in known and file.is_file()]
    total, done = sum(file.stat().st_size for file in summed), 0

    def read(octets: int) -> None:
        nonlocal done
        done += octets
        watch(Progress("checking", done, total))

    for file in summed:
        if sha256_of(file, read) != known[file.name]:
            raise FormatError(f"{file} is damaged: it is not as it came.", _AGAIN)


def _known_sums(folder: Path) -> Mapping[str, str]:
    """The sha256 of files by name: as the studio noted them, or as Hugging Face's cache names its large files."""
    if provenance := read_provenance(folder):
        whole = {"model.safetensors": provenance.sha256} if provenance.sha256 else {}
        return provenance.files or whole
    blobs = {path.name: path.readlink().name for path in sorted(folder.iterdir()) if path.is_symlink()}
    return {name: blob for name, blob in blobs.items() if _BLOB.fullmatch(blob)}
