"""A model from disk, ready to go on with texts."""

import mmap
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from gpt2studio.engine.device import DTYPES
from gpt2studio.engine.language import Language
from gpt2studio.engine.model import ACTIVATIONS, GPT2, MLP, Attention, Block, LayerNorm
from gpt2studio.engine.products import Product, head_of, product_of
from gpt2studio.engine.score import Scorer
from gpt2studio.engine.window import Window
from gpt2studio.errors import FormatError
from gpt2studio.formats.checkpoint import Checkpoint, open_checkpoint
from gpt2studio.formats.shape import Shape
from gpt2studio.formats.tensor import StoredTensor
from gpt2studio.text.tokenizer import Tokenizer
from gpt2studio.text.vocabulary import Vocabulary

Progress = Callable[[int, int], None]
"""Told how many bytes of weights are placed so far, and of how many."""

_WORK_A_STEP = 32_000_000_000
"""Multiplications that a CPU does in about half a second: a step of a long prompt holds up other texts so long."""

_READ_AHEAD = 32 << 20
"""Bytes of a file that may lie in memory beside the weights that were made of them."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A model whose files have been opened and checked, its weights not yet read."""

    checkpoint: Checkpoint
    language: Language


@dataclass(frozen=True, slots=True)
class Model:
    """A model in memory."""

    shape: Shape
    network: GPT2
    language: Language
    device: torch.device
    dtype: torch.dtype
    """The number type of the matrix products."""
    scorer: Scorer
    tokens_a_step: int
    """How many tokens of prompts one step computes at most."""

    @property
    def window(self) -> Window:
        """What it sees of a text."""
        return Window(self.shape.n_positions)

    @property
    def weights(self) -> int:
        """Bytes of memory that the weights take."""
        return sum(product.nbytes for product in self.network.products())

    @property
    def stream(self) -> torch.dtype:
        """The number type of everything but the products."""
        return self.network.ln_f.weight.dtype


def opened(path: Path) -> Opened:
    """The model at *path*. Raises NotFoundError or FormatError, saying what is wrong with its files."""
    checkpoint = open_checkpoint(path)
    files = checkpoint.vocabulary
    vocabulary = Vocabulary.load(files.encoder, files.merges)
    known, size = len(vocabulary), checkpoint.shape.vocab_size
    if known > size:
        raise FormatError(
            f"{files.encoder} has {known:,} tokens, but the model knows {size:,} only.",
            "Use the vocabulary that came with the model.",
        )
    return Opened(checkpoint, Language(Tokenizer(vocabulary)))


def load(model: Opened, dtype: torch.dtype, device: torch.device, progress: Progress) -> Model:
    """Its weights in memory, made ready tensor by tensor, so that they never lie there twice."""
    stored = _Stored(model.checkpoint.tensors, device, progress)
    loaded = model_of(model.checkpoint.shape, stored, model.language, dtype)
    for tensor in model.checkpoint.tensors.values():
        _let_go(tensor.data.obj)
    return loaded


def model_of(shape: Shape, tensors: Mapping[str, Tensor], language: Language, dtype: torch.dtype) -> Model:
    """The model of these tensors, by their names in the checkpoint, on the device where they lie.

    Each tensor is asked for once.
    """
    network = network_of(shape, tensors, dtype)
    device = network.wte.device
    tokens_a_step = max(32, min(512, _WORK_A_STEP // shape.parameters)) if device.type == "cpu" else 512
    scorer = Scorer(network.exact(), shape, max(tokens_a_step // 2, 32))
    return Model(shape, network, language, device, dtype, scorer, tokens_a_step)


def network_of(shape: Shape, tensors: Mapping[str, Tensor], dtype: torch.dtype) -> GPT2:
    """The network of these tensors, its products in this number type."""
    wte, wpe = tensors["wte.weight"], tensors["wpe.weight"]
    on_cpu = wte.device.type == "cpu"
    # Sums over many tokens want float32; on a CPU they cost nothing beside the products.
    stream = torch.float32 if on_cpu else dtype
    if dtype == torch.float32 or not on_cpu:
        wte = wte.to(dtype)

    def norm(name: str) -> LayerNorm:
        weight, bias = tensors[f"{name}.weight"].to(stream), tensors[f"{name}.bias"].to(stream)
        return LayerNorm(weight, bias, shape.layer_norm_epsilon)

    def product(name: str) -> Product:
        return product_of(tensors[f"{name}.weight"], tensors[f"{name}.bias"].float(), dtype)

    def block(name: str) -> Block:
        return Block(
            ln_1=norm(f"{name}.ln_1"),
            attn=Attention(product(f"{name}.attn.c_attn"), product(f"{name}.attn.c_proj")),
            ln_2=norm(f"{name}.ln_2"),
            mlp=MLP(product(f"{name}.mlp.c_fc"), ACTIVATIONS[shape.activation], product(f"{name}.mlp.c_proj")),
        )

    return GPT2(
        wte=wte,
        wpe=wpe.to(stream),
        h=tuple(block(f"h.{layer}") for layer in range(shape.n_layer)),
        ln_f=norm("ln_f"),
        head=head_of(wte, dtype),
    )


class _Stored(Mapping[str, Tensor]):
    """The tensors of a checkpoint, each placed when it is asked for."""

    def __init__(self, stored: Mapping[str, StoredTensor], device: torch.device, progress: Progress) -> None:
        self._stored = stored
        self._device = device
        self._progress = progress
        self._done = self._since = 0
        self._total = sum(tensor.data.nbytes for tensor in stored.values())

    def __getitem__(self, name: str) -> Tensor:
        stored = self._stored[name]
        tensor = tensor_of(stored).to(self._device)
        self._done += stored.data.nbytes
        self._since += stored.data.nbytes
        if self._since > _READ_AHEAD:
            self._since = 0
            _let_go(stored.data.obj)
        self._progress(self._done, self._total)
        return tensor

    def __iter__(self) -> Iterator[str]:
        return iter(self._stored)

    def __len__(self) -> int:
        return len(self._stored)


def _let_go(file: object) -> None:
    """Give back the memory of the file's pages read so far; those that are still wanted are read again."""
    if sys.platform != "win32" and isinstance(file, mmap.mmap):
        file.madvise(mmap.MADV_DONTNEED)


def tensor_of(stored: StoredTensor) -> Tensor:
    """The stored numbers in place: to read, never to write."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns that the bytes are not to be written, which is meant
        flat = torch.frombuffer(stored.data, dtype=DTYPES.get(stored.dtype, torch.float64))
    tensor = flat.view(stored.shape)
    return tensor.float() if stored.dtype == "float64" else tensor
