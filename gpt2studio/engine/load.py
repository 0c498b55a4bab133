"""A model from disk, ready to go on with texts."""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from gpt2studio.engine.cache import Cache
from gpt2studio.engine.device import DTYPES, device_of, dtype_of
from gpt2studio.engine.language import Language
from gpt2studio.engine.model import ACTIVATIONS, GPT2, MLP, Attention, Block, LayerNorm
from gpt2studio.engine.products import Float32
from gpt2studio.engine.score import Scorer
from gpt2studio.engine.window import Window
from gpt2studio.formats.checkpoint import Checkpoint, open_checkpoint
from gpt2studio.formats.shape import Shape
from gpt2studio.formats.tensor import StoredTensor
from gpt2studio.text.tokenizer import Tokenizer
from gpt2studio.text.vocabulary import Vocabulary

Progress = Callable[[int, int], None]
"""Told how many bytes of weights are placed so far, and of how many."""


_WORK_A_STEP = 32_000_000_000
"""Multiplications that a CPU does in about half a second: other texts wait so long for a step of a long prompt."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A model whose files have been opened and checked, its weights not yet read."""

    path: Path
    checkpoint: Checkpoint
    language: Language


@dataclass(frozen=True, slots=True)
class Model:
    """A model in memory."""

    path: Path
    shape: Shape
    network: GPT2
    language: Language
    device: torch.device
    dtype: torch.dtype
    window: Window
    tokens_a_step: int
    """How many tokens of prompts one step computes at most."""
    cache_dtype: torch.dtype
    scorer: Scorer
    weights: int
    """Bytes that the weights take."""


def opened(path: Path) -> Opened:
    """The model at *path*. Raises NotFoundError or FormatError, saying what is wrong with its files."""
    checkpoint = open_checkpoint(path)
    files = checkpoint.vocabulary
    return Opened(path, checkpoint, Language(Tokenizer(Vocabulary.load(files.encoder, files.merges))))


def load(model: Opened, dtype: str, device: str, progress: Progress) -> Model:
    """Its weights in memory, tensor by tensor, so that they never lie there twice."""
    shape = model.checkpoint.shape
    place = device_of(device)
    kind = dtype_of(dtype, place, shape.parameters)
    network = network_of(shape, _placed(model.checkpoint.tensors, place, progress))
    most = max(32, min(512, _WORK_A_STEP // shape.parameters)) if place.type == "cpu" else 512
    exact = Cache(shape, 1, place, torch.float32)
    return Model(
        path=model.path,
        shape=shape,
        network=network,
        language=model.language,
        device=place,
        dtype=kind,
        window=Window(shape.n_positions),
        tokens_a_step=most,
        cache_dtype=torch.float32,
        scorer=Scorer(network, exact, shape.n_positions, most),
        weights=4 * shape.parameters,
    )


def network_of(shape: Shape, tensors: Mapping[str, Tensor]) -> GPT2:
    """The network of these tensors, by their names in the checkpoint."""

    def norm(name: str) -> LayerNorm:
        return LayerNorm(tensors[f"{name}.weight"], tensors[f"{name}.bias"], shape.layer_norm_epsilon)

    def product(name: str) -> Float32:
        return Float32(tensors[f"{name}.weight"], tensors[f"{name}.bias"])

    def block(name: str) -> Block:
        return Block(
            ln_1=norm(f"{name}.ln_1"),
            attn=Attention(product(f"{name}.attn.c_attn"), product(f"{name}.attn.c_proj")),
            ln_2=norm(f"{name}.ln_2"),
            mlp=MLP(product(f"{name}.mlp.c_fc"), ACTIVATIONS[shape.activation], product(f"{name}.mlp.c_proj")),
        )

    wte = tensors["wte.weight"]
    return GPT2(
        wte=wte,
        wpe=tensors["wpe.weight"],
        h=tuple(block(f"h.{layer}") for layer in range(shape.n_layer)),
        ln_f=norm("ln_f"),
        head=Float32(wte.t(), wte.new_zeros(())),
    )


def _placed(tensors: Mapping[str, StoredTensor], device: torch.device, progress: Progress) -> dict[str, Tensor]:
    total = sum(tensor.data.nbytes for tensor in tensors.values())
    done = 0
    placed: dict[str, Tensor] = {}
    for name, stored in tensors.items():
        placed[name] = tensor_of(stored).to(device, torch.float32)
        done += stored.data.nbytes
        progress(done, total)
    return placed


def tensor_of(stored: StoredTensor) -> Tensor:
    """The stored numbers in place: to read, never to write."""
    kind = DTYPES.get(stored.dtype, torch.float64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns that the bytes are not to be written, which is meant
        return torch.frombuffer(stored.data, dtype=kind).view(stored.shape)
