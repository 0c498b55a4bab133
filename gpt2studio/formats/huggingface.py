"""Hugging Face's folder of a model: config, weights and vocabulary side by side."""

from pathlib import Path

from gpt2studio.errors import FormatError
from gpt2studio.formats.mapped import read_json
from gpt2studio.formats.shape import Shape

CONFIG = "config.json"

_WEIGHTS = (
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
)
_UNREADABLE = ("tf_model.h5", "flax_model.msgpack", "rust_model.ot")


def find_weights(folder: Path) -> Path | None:
    """The file of weights in the folder, or the index of several: safetensors before torch's, else the only one."""
    for name in _WEIGHTS:
        if (folder / name).is_file():
            return folder / name
    files = sorted(path for suffix in ("*.safetensors", "*.bin") for path in folder.glob(suffix) if path.is_file())
    files = [path for path in files if path.name != "training_args.bin"]
    return files[0] if len(files) == 1 else None


def require_weights(folder: Path) -> Path:
    """The same, or a FormatError that says what there is instead."""
    weights = find_weights(folder)
    if weights is not None:
        return weights
    for name in _UNREADABLE:
        if (folder / name).is_file():
            raise FormatError(f"{folder} has its weights only as {name}, which cannot be opened.", _GET)
    raise FormatError(f"{folder} has no weights in it.", _GET)


_GET = "Get model.safetensors as well."


def read_shape(config: Path) -> Shape:
    """The shape that a ``config.json`` describes."""
    return Shape.from_config(read_json(config), where=str(config.parent))
