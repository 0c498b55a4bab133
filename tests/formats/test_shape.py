import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import GPT2Config, GPT2LMHeadModel

from gpt2studio.errors import FormatError
from gpt2studio.formats.names import tensor_shapes
from gpt2studio.formats.shape import ACTIVATIONS, PUBLISHED, Shape
from tests.formats.tiny import SHAPE


@st.composite
def shapes(draw: st.DrawFn) -> Shape:
    heads = draw(st.integers(1, 16))
    vocab_size = draw(st.integers(1, 100_000))
    return Shape(
        vocab_size=vocab_size,
        n_positions=draw(st.integers(1, 4096)),
        n_embd=heads * draw(st.integers(1, 64)),
        n_layer=draw(st.integers(1, 100)),
        n_head=heads,
        layer_norm_epsilon=draw(st.floats(1e-12, 1.0)),
        activation=draw(st.sampled_from(ACTIVATIONS)),
        n_inner=draw(st.none() | st.integers(1, 8192)),
        end_token=draw(st.none() | st.integers(0, vocab_size - 1)),
        scale_attn_weights=draw(st.booleans()),
    )


def test_the_published_models_have_the_published_sizes() -> None:
    assert {name: shape.parameters for name, shape in PUBLISHED.items()} == {
        "124M": 124_439_808,
        "355M": 354_823_168,
        "774M": 774_030_080,
        "1558M": 1_557_611_200,
        "distilgpt2": 81_912_576,
    }


@given(shapes())
def test_a_shape_survives_its_config(shape: Shape) -> None:
    assert Shape.from_config(json.loads(json.dumps(shape.to_config()))) == shape


@given(shapes())
def test_parameters_are_those_of_the_tensors(shape: Shape) -> None:
    total = 0
    for _, (rows, *columns) in tensor_shapes(shape):
        total += rows * (columns[0] if columns else 1)
    assert shape.parameters == total


def test_a_shape_survives_its_hparams() -> None:
    for name in ("124M", "1558M"):
        assert Shape.from_hparams(PUBLISHED[name].to_hparams()) == PUBLISHED[name]


def test_hparams_have_no_place_for_other_settings() -> None:
    shape = Shape.from_config(SHAPE.to_config() | {"activation_function": "relu"})
    with pytest.raises(FormatError, match="no place for"):
        shape.to_hparams()


@pytest.mark.parametrize("inner", [None, 24])
def test_transformers_agrees_on_config_and_tensors(inner: int | None) -> None:
    shape = Shape.from_config(SHAPE.to_config() | {"n_inner": inner})
    config = GPT2Config(**shape.to_config())
    network = GPT2LMHeadModel(config)
    assert dict(tensor_shapes(shape)) == {
        name: tuple(tensor.shape) for name, tensor in network.transformer.state_dict().items()
    }
    assert shape.parameters == network.num_parameters()
    assert Shape.from_config(config.to_dict()) == shape


def test_a_config_of_2019_without_a_model_type_is_read() -> None:
    config = SHAPE.to_config()
    del config["model_type"], config["n_positions"]
    assert Shape.from_config(config) == SHAPE


@pytest.mark.parametrize("value", [None, 50_256, -1, "0", True, [], [99, 50_256]])
def test_an_end_token_that_the_vocabulary_lacks_is_none(value: object) -> None:
    assert Shape.from_config(SHAPE.to_config() | {"eos_token_id": value}).end_token is None


def test_of_several_end_tokens_the_first_counts() -> None:
    assert Shape.from_config(SHAPE.to_config() | {"eos_token_id": [7, 3]}).end_token == 7


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"model_type": "llama"}, "“llama”, not a GPT-2"),
        ({"model_type": ["gpt2"]}, "not a GPT-2"),
        ({"activation_function": "mish"}, "“mish”, which is not supported"),
        ({"activation_function": ["gelu"]}, "which is not supported"),
        ({"add_cross_attention": True}, "cross-attention"),
        ({"scale_attn_by_inverse_layer_idx": True}, "scaled by the layer's number"),
        ({"reorder_and_upcast_attn": True}, "reordered attention"),
        ({"quantization_config": {"bits": 4}}, "quantized"),
        ({"n_head": 3}, "cannot split 8 features into 3 heads"),
        ({"n_head": 0}, "n_head"),
        ({"n_layer": 10**9}, "n_layer"),
        ({"n_embd": "8"}, "n_embd"),
        ({"n_embd": True}, "n_embd"),
        ({"vocab_size": None}, "vocab_size"),
        ({"n_positions": 12.0}, "n_positions"),
        ({"n_inner": -1}, "n_inner"),
        ({"layer_norm_epsilon": 0}, "layer_norm_epsilon"),
        ({"layer_norm_epsilon": float("nan")}, "layer_norm_epsilon"),
        ({"layer_norm_epsilon": "small"}, "layer_norm_epsilon"),
        ({"layer_norm_epsilon": float("inf")}, "layer_norm_epsilon"),
        ({"layer_norm_epsilon": 10**400}, "layer_norm_epsilon"),
    ],
)
def test_a_config_that_cannot_be_honoured_is_refused(change: dict[str, object], said: str) -> None:
    with pytest.raises(FormatError, match=said):
        Shape.from_config(SHAPE.to_config() | change)


def test_a_config_of_something_else_is_refused() -> None:
    with pytest.raises(FormatError, match="no GPT-2"):
        Shape.from_config({"hidden_size": 768})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(sorted(SHAPE.to_config())), json_values)
def test_any_value_of_any_setting_is_understood_or_refused(setting: str, value: object) -> None:
    try:
        shape = Shape.from_config(SHAPE.to_config() | {setting: value})
    except FormatError:
        return
    assert shape.n_layer <= 1024
    assert shape.activation in ACTIVATIONS
