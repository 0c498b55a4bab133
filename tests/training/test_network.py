"""The network as it learns, against transformers."""

from dataclasses import replace

import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel

from gpt2studio.formats.shape import Shape
from gpt2studio.runs.recipe import Optimization
from gpt2studio.training.lora import new_adapters
from gpt2studio.training.network import Network
from gpt2studio.training.optimizer import trained_weights
from tests.engine.networks import as_on_a_mac
from tests.training.small import SHAPE


def reference(shape: Shape) -> GPT2LMHeadModel:
    torch.manual_seed(0)
    config = {**shape.to_config(), "resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0}
    return GPT2LMHeadModel(GPT2Config(**config)).train()


def network_of(model: GPT2LMHeadModel, shape: Shape) -> Network:
    weights = {
        name.removeprefix("transformer."): parameter.detach().clone().requires_grad_()
        for name, parameter in model.named_parameters()
    }
    for weight in weights.values():
        weight.grad = torch.zeros_like(weight)
    return Network(shape, weights, {})


def texts(windows: int = 3, length: int = 20) -> tuple[torch.Tensor, torch.Tensor]:
    tokens = torch.randint(0, SHAPE.vocab_size, (windows, length + 1), generator=torch.Generator().manual_seed(5))
    return tokens[:, :-1], tokens[:, 1:]


@pytest.mark.parametrize("checkpointing", [False, True])
@pytest.mark.parametrize("activation", ["gelu_new", "gelu", "relu"])
def test_loss_and_every_gradient_are_those_of_transformers(checkpointing: bool, activation: str) -> None:
    shape = replace(SHAPE, activation=activation)
    model = reference(shape)
    network = network_of(model, shape)
    network.mode.checkpointing = checkpointing
    inputs, targets = texts()
    loss = torch.nn.functional.cross_entropy(model(inputs).logits.flatten(0, 1), targets.flatten())
    torch.autograd.backward(loss)
    ours = network.learn(inputs, targets, 1 / targets.numel()) / targets.numel()
    torch.testing.assert_close(ours, loss.detach(), rtol=1e-6, atol=1e-6)
    for name, parameter in model.named_parameters():
        gradient = network.tensors[name.removeprefix("transformer.")].grad
        torch.testing.assert_close(gradient, parameter.grad, rtol=1e-4, atol=1e-6, msg=name)
    torch.testing.assert_close(network.measure(inputs, targets) / targets.numel(), ours)


def test_it_learns_alike_by_attention_of_plain_products(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, plain = network_of(reference(SHAPE), SHAPE), network_of(reference(SHAPE), SHAPE)
    inputs, targets = texts()
    wanted, measured = ours.learn(inputs, targets, 0.01), ours.measure(inputs, targets)
    as_on_a_mac(monkeypatch)
    torch.testing.assert_close(plain.learn(inputs, targets, 0.01), wanted)
    torch.testing.assert_close(plain.measure(inputs, targets), measured)
    for name, tensor in ours.tensors.items():
        torch.testing.assert_close(plain.tensors[name].grad, tensor.grad, msg=name)


def test_gradients_of_parts_add_up_to_those_of_the_whole() -> None:
    model = reference(SHAPE)
    whole, parts = network_of(model, SHAPE), network_of(model, SHAPE)
    inputs, targets = texts(4)
    whole.learn(inputs, targets, 0.01)
    for start in range(4):
        parts.learn(inputs[start : start + 1], targets[start : start + 1], 0.01)
    for name, weight in whole.tensors.items():
        torch.testing.assert_close(parts.tensors[name].grad, weight.grad, rtol=1e-4, atol=1e-6)


def test_what_is_ignored_teaches_nothing() -> None:
    network = network_of(reference(SHAPE), SHAPE)
    inputs, targets = texts(1)
    loss = network.learn(inputs, torch.full_like(targets, -100), 1.0)
    assert loss == 0
    assert all(weight.grad is not None and not weight.grad.any() for weight in network.tensors.values())


def test_dropout_is_there_while_learning_and_not_while_measuring() -> None:
    network = network_of(reference(SHAPE), SHAPE)
    inputs, targets = texts()
    exact = network.measure(inputs, targets)
    network.mode.dropout = 0.3
    torch.manual_seed(1)
    first = network.learn(inputs, targets, 1.0)
    torch.manual_seed(1)
    assert torch.equal(network.learn(inputs, targets, 1.0), first)
    assert not torch.equal(first, exact)
    assert torch.equal(network.measure(inputs, targets), exact)


def test_short_numbers_come_near_and_leave_float32_gradients() -> None:
    model = reference(SHAPE)
    exact, near = network_of(model, SHAPE), network_of(model, SHAPE)
    near.mode.dtype = torch.bfloat16
    inputs, targets = texts()
    torch.testing.assert_close(near.learn(inputs, targets, 0.01), exact.learn(inputs, targets, 0.01), rtol=0.02, atol=0)
    for name, weight in exact.tensors.items():
        ours = near.tensors[name].grad
        assert ours is not None
        assert weight.grad is not None
        assert ours.dtype == torch.float32
        assert (ours - weight.grad).norm() <= 0.05 * weight.grad.norm() + 1e-4


def test_new_adapters_change_nothing_and_alone_take_gradients() -> None:
    how = Optimization(trained="lora", lora_rank=4)
    plain = network_of(reference(SHAPE), SHAPE)
    frozen = {name: weight.detach() for name, weight in plain.tensors.items()}
    adapted = Network(SHAPE, frozen, new_adapters(SHAPE, how, 1, torch.device("cpu")))
    inputs, targets = texts()
    torch.testing.assert_close(adapted.measure(inputs, targets), plain.measure(inputs, targets))
    weights = trained_weights(adapted, how)
    assert len(weights) == 2 * 4 * SHAPE.n_layer
    adapted.learn(inputs, targets, 0.01)
    assert not any(weight.requires_grad for weight in adapted.tensors.values())
    ups = [weight for name, weight in weights.items() if name.endswith("up")]
    assert all(weight.grad is not None and weight.grad.any() for weight in ups)


def test_a_merged_adapter_computes_the_same() -> None:
    how = Optimization(trained="lora", lora_rank=4, lora_alpha=3.0)
    frozen = {name: weight.detach() for name, weight in network_of(reference(SHAPE), SHAPE).tensors.items()}
    adapters = new_adapters(SHAPE, how, 1, torch.device("cpu"))
    generator = torch.Generator().manual_seed(2)
    for adapter in adapters.values():
        adapter.up.normal_(std=0.1, generator=generator)
    adapted = Network(SHAPE, frozen, adapters)
    inputs, targets = texts()
    merged = Network(SHAPE, adapted.merged(), {})
    torch.testing.assert_close(merged.measure(inputs, targets), adapted.measure(inputs, targets))
    assert not torch.allclose(adapted.measure(inputs, targets), Network(SHAPE, frozen, {}).measure(inputs, targets))
