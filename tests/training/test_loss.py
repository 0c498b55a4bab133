"""The loss over a large vocabulary, a few rows at a time."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import cross_entropy

from gpt2studio.training import loss
from gpt2studio.training.loss import head_loss


@given(
    st.integers(1, 20),
    st.integers(2, 30),
    st.integers(1, 800),
    st.integers(1, 800),
    st.integers(0, 1000),
    st.floats(0.1, 10),
)
def test_loss_and_gradients_are_those_of_all_logits_at_once(
    tokens: int, words: int, at_once: int, few: int, seed: int, scale: float
) -> None:
    generator = torch.Generator().manual_seed(seed)
    features = torch.randn(tokens, 8, generator=generator, requires_grad=True)
    head = torch.randn(words, 8, generator=generator, requires_grad=True)
    targets = torch.randint(-1, words, (tokens,), generator=generator)
    expected = cross_entropy(features @ head.t(), targets, ignore_index=-1, reduction="sum")
    torch.autograd.backward(expected * scale)
    ours = head.detach().requires_grad_()
    ours.grad = torch.zeros_like(ours)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loss, "AT_ONCE", at_once)
        patch.setattr(loss, "FEW", few)
        found, gradient = head_loss(features.detach(), ours, targets, scale, torch.float32)
    assert gradient is not None
    torch.testing.assert_close(found, expected.detach(), rtol=1e-5, atol=1e-4)
    torch.testing.assert_close(gradient, features.grad, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(ours.grad, head.grad, rtol=1e-4, atol=1e-4)


def test_measuring_computes_no_gradient() -> None:
    head = torch.randn(5, 4, requires_grad=True)
    _, gradient = head_loss(torch.randn(3, 4), head, torch.tensor([0, 1, -1]), 0.0, torch.float32)
    assert gradient is None
    assert head.grad is None


def test_short_numbers_come_near() -> None:
    generator = torch.Generator().manual_seed(1)
    features, head = torch.randn(6, 16, generator=generator), torch.randn(50, 16, generator=generator)
    targets = torch.arange(6)
    exact, _ = head_loss(features, head, targets, 0.0, torch.float32)
    near, _ = head_loss(features, head, targets, 0.0, torch.bfloat16)
    torch.testing.assert_close(near, exact, rtol=0.02, atol=0.1)


def test_what_the_model_holds_to_be_impossible_has_a_finite_loss() -> None:
    head = torch.tensor([[200.0], [0.0]], requires_grad=True)
    head.grad = torch.zeros_like(head)
    found, gradient = head_loss(torch.ones(1, 1), head, torch.tensor([1]), 1.0, torch.float32)
    assert 80 < found < 200
    torch.testing.assert_close(gradient, torch.tensor([[200.0]]))
    torch.testing.assert_close(head.grad, torch.tensor([[1.0], [-1.0]]))
