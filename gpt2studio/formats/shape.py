"""The shape of a GPT-2: the numbers that say which tensors it has and how they are put together."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from gpt2studio.errors import FormatError

ACTIVATIONS = ("gelu_new", "gelu", "relu", "silu", "gelu_pytorch_tanh")
"""The activation functions that the network computes, by their names in ``config.json``."""

OPENAI_END_TOKEN = 50256
"""``<|endoftext|>`` in OpenAI's vocabulary, and what a ``config.json`` that says nothing means."""

_AGAIN = "Its description is damaged: get the model again."
_ONLY = "Only GPT-2 can be opened."
_OTHER = "Use another GPT-2: the text of this one would come out wrong."
_REFUSED = {
    "scale_attn_by_inverse_layer_idx": "attention scaled by the layer's number",
    "reorder_and_upcast_attn": "reordered attention in float32",
    "add_cross_attention": "cross-attention",
}
_LIMITS = {"vocab_size": 1 << 24, "n_positions": 1 << 24, "n_embd": 1 << 17, "n_layer": 1 << 10, "n_head": 1 << 12}
"""Beyond any model there is: a number above them is damage, and would cost memory to believe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The shape of a GPT-2, and those settings that change its mathematics."""

    vocab_size: int
    n_positions: int
    n_embd: int
    n_layer: int
    n_head: int
    layer_norm_epsilon: float = 1e-5
    activation: str = "gelu_new"
    """One of `ACTIVATIONS`."""
    n_inner: int | None = None
    """Width of the hidden layer of each block's MLP; None: four times ``n_embd``."""
    end_token: int | None
    """The id that ends a document; None where the model has none."""
    scale_attn_weights: bool = True
    """Whether attention scores are divided by the square root of the head's width."""

    @property
    def inner(self) -> int:
        """The width of the hidden layer of each block's MLP."""
        return 4 * self.n_embd if self.n_inner is None else self.n_inner

    @property
    def parameters(self) -> int:
        """How many numbers the model has, the head, which is the token embedding again, counted once."""
        wide, inner = self.n_embd, self.inner
        attention = 3 * wide * wide + 3 * wide + wide * wide + wide
        mlp = 2 * wide * inner + inner + wide
        block = attention + mlp + 4 * wide
        return (self.vocab_size + self.n_positions) * wide + self.n_layer * block + 2 * wide

    @classmethod
    def from_config(cls, config: Mapping[str, Any], where: str = "The model") -> Self:
        """The shape that a Hugging Face ``config.json`` describes; *where* names the model in errors.

        Raises FormatError for another architecture, and for settings that the network does not compute.
        """
        _check_architecture(config, where)
        for setting, meaning in _REFUSED.items():
            if config.get(setting):
                raise FormatError(f"{where} uses {meaning} ({setting}), which is not supported.", _OTHER)
        if config.get("quantization_config"):
            raise FormatError(f"{where} is quantized, which is not supported.", "Use the original model.")
        activation = config.get("activation_function", "gelu_new")
        if activation not in ACTIVATIONS:
            raise FormatError(
                f"{where} uses the activation function “{activation}”, which is not supported.",
                f"Supported are: {', '.join(ACTIVATIONS)}.",
            )
        positions = "n_positions" if "n_positions" in config or "n_ctx" not in config else "n_ctx"
        vocab_size = _count(config, "vocab_size", where)
        return cls._checked(
            where,
            vocab_size=vocab_size,
            n_positions=_count(config, positions, where, "n_positions"),
            n_embd=_count(config, "n_embd", where),
            n_layer=_count(config, "n_layer", where),
            n_head=_count(config, "n_head", where),
            layer_norm_epsilon=_epsilon(config, where),
            activation=activation,
            n_inner=None if config.get("n_inner") is None else _count(config, "n_inner", where, "n_embd"),
            end_token=_end_token(config.get("eos_token_id", OPENAI_END_TOKEN), vocab_size),
            scale_attn_weights=config.get("scale_attn_weights") is not False,
        )

    @classmethod
    def from_hparams(cls, hparams: Mapping[str, Any], where: str = "The model") -> Self:
        """The shape that OpenAI's ``hparams.json`` describes; *where* names the model in errors."""
        vocab_size = _count(hparams, "n_vocab", where, "vocab_size")
        return cls._checked(
            where,
            vocab_size=vocab_size,
            n_positions=_count(hparams, "n_ctx", where, "n_positions"),
            n_embd=_count(hparams, "n_embd", where),
            n_layer=_count(hparams, "n_layer", where),
            n_head=_count(hparams, "n_head", where),
            end_token=_end_token(OPENAI_END_TOKEN, vocab_size),
        )

    @classmethod
    def _checked(cls, where: str, **values: Any) -> Self:
        shape = cls(**values)
        if shape.n_embd % shape.n_head:
            raise FormatError(f"{where} cannot split {shape.n_embd} features into {shape.n_head} heads.", _AGAIN)
        return shape

    def to_config(self) -> dict[str, Any]:
        """The shape as a ``config.json`` that transformers opens."""
        return {
            "model_type": "gpt2",
            "architectures": ["GPT2LMHeadModel"],
            "vocab_size": self.vocab_size,
            "n_positions": self.n_positions,
            "n_ctx": self.n_positions,
            "n_embd": self.n_embd,
            "n_layer": self.n_layer,
            "n_head": self.n_head,
            "n_inner": self.n_inner,
            "activation_function": self.activation,
            "layer_norm_epsilon": self.layer_norm_epsilon,
            "scale_attn_weights": self.scale_attn_weights,
            "bos_token_id": self.end_token,
            "eos_token_id": self.end_token,
            "tie_word_embeddings": True,
            "initializer_range": 0.02,
            "resid_pdrop": 0.1,
            "embd_pdrop": 0.1,
            "attn_pdrop": 0.1,
        }

    def to_hparams(self) -> dict[str, int]:
        """The shape as OpenAI's ``hparams.json``. Raises FormatError where that has no word for a setting."""
        plain = (self.layer_norm_epsilon, self.activation, self.inner, self.scale_attn_weights)
        if plain != (1e-5, "gelu_new", 4 * self.n_embd, True):
            raise FormatError("OpenAI's format has no place for this model's settings.", "Export it for Hugging Face.")
        return {
            "n_vocab": self.vocab_size,
            "n_ctx": self.n_positions,
            "n_embd": self.n_embd,
            "n_head": self.n_head,
            "n_layer": self.n_layer,
        }


def _openai(n_embd: int, n_layer: int, n_head: int) -> Shape:
    return Shape(
        vocab_size=50257,
        n_positions=1024,
        n_embd=n_embd,
        n_layer=n_layer,
        n_head=n_head,
        end_token=OPENAI_END_TOKEN,
    )


PUBLISHED: Mapping[str, Shape] = {
    "124M": _openai(768, 12, 12),
    "355M": _openai(1024, 24, 16),
    "774M": _openai(1280, 36, 20),
    "1558M": _openai(1600, 48, 25),
    "distilgpt2": _openai(768, 6, 12),
}
"""The published models that share OpenAI's vocabulary, by name."""


def _check_architecture(config: Mapping[str, Any], where: str) -> None:
    kind = config.get("model_type")
    if kind is None:
        # Files of 2019 have no model_type; n_embd and n_layer are GPT-2's own words.
        if "n_embd" in config and "n_layer" in config:
            return
        raise FormatError(f"{where} is no GPT-2: its config.json does not describe one.", _ONLY)
    if kind != "gpt2":
        raise FormatError(f"{where} is a model of the kind “{kind}”, not a GPT-2.", _ONLY)


def _count(values: Mapping[str, Any], key: str, where: str, limit: str = "") -> int:
    value = values.get(key)
    if type(value) is not int or not 0 < value <= _LIMITS[limit or key]:
        raise FormatError(f"{where} does not say its {key} as a number that makes sense.", _AGAIN)
    return value


def _epsilon(config: Mapping[str, Any], where: str) -> float:
    value = config.get("layer_norm_epsilon", 1e-5)
    # A whole number can be larger than every float.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= sys.float_info.max:
        raise FormatError(f"{where} has a layer_norm_epsilon that is no positive number.", _AGAIN)
    return float(value)


def _end_token(value: Any, vocab_size: int) -> int | None:
    """The first end token that the vocabulary has: a config may name several, or the default beyond its vocabulary."""
    for token in value if isinstance(value, list) else [value]:
        if type(token) is int and 0 <= token < vocab_size:
            return token
    return None
