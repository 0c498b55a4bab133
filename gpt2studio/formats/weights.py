"""A file of weights, recognised by its first bytes, or an index of several."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gpt2studio.errors import FormatError, NotFoundError
from gpt2studio.formats.mapped import AGAIN, map_file, read_json
from gpt2studio.formats.pytorch import looks_like_pytorch, read_pytorch
from gpt2studio.formats.safetensors import looks_like_safetensors, read_safetensors
from gpt2studio.formats.tensor import StoredTensor

INDEX = ".index.json"
"""How the name of an index of shards ends."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Tensors by the names in their file, and what kind of file that is."""

    format: str
    """``huggingface`` (safetensors) or ``pytorch`` (torch.save)."""
    tensors: Mapping[str, StoredTensor]


def read_weights(path: Path) -> Weights:
    """Every tensor of the file, or of all the files that an index of shards names."""
    return _read_shards(path) if path.name.endswith(INDEX) else _read_file(path)


def weights_format(path: Path) -> str | None:
    """What kind of file that is, by its first bytes; None where it is none that holds weights."""
    if path.name.endswith(INDEX):
        return "pytorch" if ".bin." in path.name else "huggingface"
    try:
        with path.open("rb") as file:
            return _kind(file.read(64))
    except OSError:
        return None


def _kind(start: bytes) -> str | None:
    if looks_like_pytorch(start):
        return "pytorch"
    return "huggingface" if looks_like_safetensors(start) else None


def _read_file(path: Path) -> Weights:
    kind = _kind(bytes(map_file(path)[:64]))
    if kind == "huggingface":
        return Weights(kind, read_safetensors(path))
    if kind == "pytorch":
        return Weights(kind, read_pytorch(path))
    raise FormatError(f"{path} is not a file of weights that can be read.", AGAIN)


def _read_shards(path: Path) -> Weights:
    """The shards' tensors; each must stand in the shard that the index names, and none twice."""
    places = read_json(path).get("weight_map")
    if not isinstance(places, dict) or not places or not all(isinstance(file, str) for file in places.values()):
        raise FormatError(f"{path} is damaged: it does not say which file holds which tensor.", AGAIN)
    tensors: dict[str, StoredTensor] = {}
    kind = ""
    for file in sorted(set(places.values())):
        shard = _read_file(_beside(path, file))
        kind = shard.format
        for name, tensor in shard.tensors.items():
            if name in tensors:
                raise FormatError(f"“{name}” stands in two of the files that {path} names.", AGAIN)
            if places.get(name, file) != file:
                raise FormatError(f"{path} says that “{name}” is in {places[name]}, but it is in {file}.", AGAIN)
            tensors[name] = tensor
    for name, file in places.items():
        if name not in tensors:
            raise FormatError(f"{path} says that “{name}” is in {file}, but it is not there.", AGAIN)
    return Weights(kind, tensors)


def _beside(path: Path, file: str) -> Path:
    """The shard in the index's own folder: an index may not name files elsewhere."""
    if file in ("", ".", "..") or "/" in file or "\\" in file or "\0" in file or ":" in file:
        raise FormatError(f"{path} names a file outside its folder, “{file}”.", "Do not trust this model.")
    shard = path.parent / file
    if not shard.is_file():
        raise NotFoundError(f"{shard} is missing: the model is in several files.", "Download or copy all of them.")
    return shard
