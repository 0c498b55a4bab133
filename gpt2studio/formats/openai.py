"""OpenAI's folder of a model, and the run folders that the tools of 2019 wrote in the same manner."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from gpt2studio.errors import FormatError
from gpt2studio.formats.mapped import AGAIN
from gpt2studio.formats.shape import Shape
from gpt2studio.formats.tensor import StoredTensor
from gpt2studio.formats.tensorflow import INDEX, Bundle, is_bundle_index

HPARAMS = "hparams.json"

_TENSOR = re.compile(r"model/(?:h(0|[1-9]\d{0,3})/)?((?:attn|mlp)/c_[a-z]+|ln_[12f]|wte|wpe)(?:/([wgb]))?")
_LATEST = re.compile(r'^\s*model_checkpoint_path\s*:\s*"([^"]*)"', re.MULTILINE)
_NUMBERED = re.compile(r"model-(\d+)\.index")
_PART = re.compile(r"(.+)\.(?:index|meta|data-\d{5}-of-\d{5})")


def find_index(path: Path) -> Path | None:
    """The index of the checkpoint that *path* means: a folder, one of its files, or its name without an ending."""
    if path.is_dir():
        candidates = _in_folder(path)
    elif path.name == "checkpoint" and path.is_file():
        candidates = _in_folder(path.parent)
    else:
        part = _PART.fullmatch(path.name)
        candidates = iter([path.with_name((part[1] if part else path.name) + INDEX)])
    return next((index for index in candidates if index.is_file()), None)


def read_openai(index: Path) -> dict[str, StoredTensor]:
    """The model's tensors by the studio's names; what else was saved (an optimizer's, the step) is left out."""
    bundle = Bundle(index)
    tensors: dict[str, StoredTensor] = {}
    for stored in bundle.entries:
        name = studio_name(stored)
        if name is None:
            continue
        tensor = bundle.tensor(stored)
        # The weights of convolutions of width 1: the first axis is that width.
        shape = tensor.shape[1:] if len(tensor.shape) == 3 and tensor.shape[0] == 1 else tensor.shape
        tensors[name] = replace(tensor, name=name, shape=shape)
    if "wte.weight" not in tensors:
        raise FormatError(f"{index} is a TensorFlow checkpoint, but not of a GPT-2.", "Only GPT-2 can be opened.")
    return tensors


def studio_name(stored: str) -> str | None:
    """``h.3.attn.c_attn.weight`` for ``model/h3/attn/c_attn/w``; None for what is no weight of GPT-2."""
    match = _TENSOR.fullmatch(stored)
    if match is None:
        return None
    layer, module, last = match.groups()
    kind = "bias" if last == "b" else "weight"
    return f"h.{layer}.{module.replace('/', '.')}.{kind}" if layer else f"{module}.{kind}"


def openai_name(name: str) -> str:
    """``model/h3/attn/c_attn/w`` for ``h.3.attn.c_attn.weight``."""
    *modules, kind = name.split(".")
    place = "/".join(modules).replace("h/", "h", 1) if modules[0] == "h" else "/".join(modules)
    if modules[-1] in ("wte", "wpe"):
        return f"model/{place}"
    return f"model/{place}/{'b' if kind == 'bias' else 'g' if modules[-1].startswith('ln_') else 'w'}"


def measured(index: Path, tensors: dict[str, StoredTensor]) -> Shape:
    """The shape as far as the tensors tell: how many heads there are, they do not, and it says one."""
    layers = {int(name.split(".")[1]) for name in tensors if name.startswith("h.")}
    try:
        (vocab_size, n_embd), (n_positions, _) = tensors["wte.weight"].shape, tensors["wpe.weight"].shape
    except (KeyError, ValueError):
        raise FormatError(f"{index} lacks a GPT-2's embeddings.", AGAIN) from None
    numbers = {"n_vocab": vocab_size, "n_ctx": n_positions, "n_embd": n_embd, "n_layer": len(layers), "n_head": 1}
    return Shape.from_hparams(numbers, where=str(index))


def _in_folder(folder: Path) -> Iterator[Path]:
    """Where the newest checkpoint may be: as TensorFlow noted, as the counter says, the highest number, the only one.

    The note often has an absolute path of another machine: its last part alone is looked for, in this folder.
    """
    indexes = {path.name: path for path in folder.glob(f"*{INDEX}")}
    noted = _LATEST.search(_text(folder / "checkpoint"))
    latest = re.split(r"[/\\]", noted[1])[-1] if noted else ""
    counter = _text(folder / "counter").strip()
    numbered = [(int(match[1]), name) for name in indexes if (match := _NUMBERED.fullmatch(name))]
    highest = [name for _, name in sorted(numbered, reverse=True)]
    # What stands in the files can be any text: it is compared with names that there are, not made a path of.
    for name in (f"{latest}{INDEX}", f"model-{counter}{INDEX}", *highest, f"model.ckpt{INDEX}"):
        if name in indexes:
            yield indexes[name]
    if len(indexes) == 1:
        yield from filter(is_bundle_index, indexes.values())


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(1 << 16).decode("utf-8", errors="replace")
    except OSError:
        return ""
