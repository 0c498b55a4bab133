"""Networks of random weights, here and in transformers, for the engine's tests."""

from collections.abc import Mapping, Sequence
from functools import cache

import pytest
import torch
from torch import Tensor
from transformers import GPT2Config, GPT2LMHeadModel

from gpt2studio.engine import attention
from gpt2studio.engine.attention import CachedAttention, Piece
from gpt2studio.engine.cache import Cache, Slot
from gpt2studio.engine.language import Language
from gpt2studio.engine.load import Model, load, model_of, opened, tensor_of
from gpt2studio.engine.model import GPT2
from gpt2studio.formats.checkpoint import open_checkpoint
from gpt2studio.formats.names import tensor_shapes
from gpt2studio.formats.shape import Shape
from gpt2studio.paths import shipped
from gpt2studio.text.tokenizer import Tokenizer

STORYTELLER = shipped("models") / "storyteller"
CPU = torch.device("cpu")


def small_shape(n_positions: int = 24, **settings: object) -> Shape:
    """A network of two narrow layers over the storyteller's vocabulary."""
    values = {"vocab_size": 8192, "n_embd": 32, "n_layer": 2, "n_head": 4, "end_token": 0, **settings}
    return Shape(n_positions=n_positions, **values)  # type: ignore[arg-type]


def random_tensors(shape: Shape, seed: int = 0) -> dict[str, Tensor]:
    """Weights as a trained network might have them: neither all alike nor huge."""
    generator = torch.Generator().manual_seed(seed)
    tensors = {}
    for name, size in tensor_shapes(shape):
        noise = torch.randn(size, generator=generator)
        if name.endswith("wte.weight"):
            tensors[name] = noise * 0.15
        elif "ln_" in name and name.endswith("weight"):
            tensors[name] = 1 + 0.2 * noise
        else:
            tensors[name] = noise * (0.1 if name.endswith("bias") else 0.05)
    return tensors


@cache
def language() -> Language:
    """The storyteller's tokens."""
    return Language(Tokenizer.of_folder(STORYTELLER))


@cache
def storyteller() -> Model:
    """The model that ships, in float32."""
    return storyteller_in(torch.float32)


def storyteller_in(dtype: torch.dtype) -> Model:
    """The model that ships."""
    return load(opened(STORYTELLER), dtype, CPU, lambda done, total: None)


@cache
def storyteller_tensors() -> Mapping[str, Tensor]:
    """Its weights by name."""
    return {name: tensor_of(stored).float() for name, stored in open_checkpoint(STORYTELLER).tensors.items()}


def random_model(n_positions: int = 24, dtype: torch.dtype = torch.float32) -> Model:
    """A small model of random weights that reads and writes with the storyteller's tokens."""
    shape = small_shape(n_positions)
    return model_of(shape, random_tensors(shape), language(), dtype)


def transformer(shape: Shape, tensors: Mapping[str, Tensor]) -> GPT2LMHeadModel:
    """The same network in transformers."""
    config = GPT2Config(**{**shape.to_config(), "attn_pdrop": 0.0, "embd_pdrop": 0.0, "resid_pdrop": 0.0})
    with torch.device("meta"):
        model = GPT2LMHeadModel(config)
    state = {f"transformer.{name}": tensor for name, tensor in tensors.items()}
    model.load_state_dict({**state, "lm_head.weight": tensors["wte.weight"]}, assign=True)
    return model.eval()


@torch.inference_mode()
def logits_of(network: GPT2, shape: Shape, tokens: Sequence[int], parts: Sequence[int] | None = None) -> Tensor:
    """The logits at every token, (tokens, vocab_size), computed in parts of these lengths over one cache."""
    cache = Cache(shape, 1, CPU, torch.float32)
    rows = []
    begin = 0
    for length in parts or [len(tokens)]:
        rows.append(network.logits(computed(network, cache, cache.slots[0], tokens[begin : begin + length])))
        begin += length
    return torch.cat(rows)


def computed(network: GPT2, cache: Cache, slot: Slot, tokens: Sequence[int]) -> Tensor:
    """The features of these tokens, which come after those in the slot."""
    piece = Piece(slot, list(tokens))
    positions = torch.arange(piece.start, piece.end)
    features = network(torch.tensor(piece.tokens), positions, CachedAttention(cache, [piece]))
    slot.tokens.extend(piece.tokens)
    return features


def as_on_a_mac(patch: pytest.MonkeyPatch) -> None:
    """Have torch's own attention compute nonsense, and the CPU be such a device as Apple's are."""

    def wrong(query: Tensor, *others: object, **settings: object) -> Tensor:
        return torch.full_like(query, torch.nan)

    patch.setattr(attention, "PLAIN", ("cpu",))
    patch.setattr(torch.nn.functional, "scaled_dot_product_attention", wrong)
