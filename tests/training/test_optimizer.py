"""The rules by which weights change, against torch's own."""

import subprocess
import sys
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from gpt2studio.errors import FormatError
from gpt2studio.runs.recipe import Optimization
from gpt2studio.training import optimizer as optimizers
from gpt2studio.training.optimizer import Optimizer
from tests.training.small import ROOT

ADAMW = Optimization(betas=(0.8, 0.95), epsilon=1e-6, weight_decay=0.1)
SGD = Optimization(optimizer="sgd", momentum=0.9, weight_decay=0.0)


def weights() -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(1)
    sizes = {"wte.weight": (9, 4), "h.0.w": (4, 5), "h.0.b": (5,)}
    return {name: torch.randn(size, generator=generator, requires_grad=True) for name, size in sizes.items()}


def slopes(step: int) -> list[Tensor]:
    generator = torch.Generator().manual_seed(100 + step)
    return [torch.randn(weight.shape, generator=generator) for weight in weights().values()]


def torch_adamw(of: dict[str, Tensor]) -> torch.optim.Optimizer:
    wide = [weight for weight in of.values() if weight.dim() > 1]
    narrow = [weight for weight in of.values() if weight.dim() == 1]
    groups = [{"params": wide, "weight_decay": 0.1}, {"params": narrow, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=0.0, betas=(0.8, 0.95), eps=1e-6)


def torch_sgd(of: dict[str, Tensor]) -> torch.optim.Optimizer:
    return torch.optim.SGD(of.values(), lr=0.0, momentum=0.9)


@pytest.mark.parametrize(("how", "reference"), [(ADAMW, torch_adamw), (SGD, torch_sgd)])
def test_the_weights_change_as_under_torchs_own_rule(
    how: Optimization, reference: Callable[[dict[str, Tensor]], torch.optim.Optimizer]
) -> None:
    ours, theirs = weights(), weights()
    optimizer, rule = Optimizer(ours, how), reference(theirs)
    for step in range(12):
        rate = 0.1 / (step + 1)
        for one, other, slope in zip(ours.values(), theirs.values(), slopes(step), strict=True):
            one.grad, other.grad = slope.clone(), slope.clone()
        optimizer.step(rate)
        for group in rule.param_groups:
            group["lr"] = rate
        rule.step()
    for name in ours:
        torch.testing.assert_close(ours[name], theirs[name], rtol=1e-5, atol=1e-6)


def test_gradients_are_clipped_where_torchs_kernel_passes_a_scale_over(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel: Callable[..., None] = torch._fused_adamw_

    def as_on_a_mac(*tensors: list[Tensor], grad_scale: Tensor | None, **values: float) -> None:
        kernel(*tensors, grad_scale=None, **values)

    clipped, wanted = weights(), weights()
    of_mac, of_others = Optimizer(clipped, ADAMW), Optimizer(wanted, ADAMW)
    for step in range(4):
        for weight, other, slope in zip(clipped.values(), wanted.values(), slopes(step), strict=True):
            weight.grad, other.grad = slope.clone(), slope.clone()
        of_others.step(0.1, 1 / (step + 1))
        with monkeypatch.context() as mac:
            mac.setattr(torch, "_fused_adamw_", as_on_a_mac)
            mac.setattr(optimizers, "SCALES", ())
            of_mac.step(0.1, 1 / (step + 1))
    for name in wanted:
        torch.testing.assert_close(clipped[name], wanted[name], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("how", [ADAMW, SGD])
def test_what_it_remembered_makes_another_go_on_alike(how: Optimization) -> None:
    first = weights()
    optimizer = Optimizer(first, how)
    second: dict[str, Tensor] = {}
    for step in range(6):
        if step == 3:
            second = {name: weight.detach().clone().requires_grad_() for name, weight in first.items()}
            successor = Optimizer(second, how)
            successor.recall({name: tensor.clone() for name, tensor in optimizer.memory.items()})
        for of, taker in ((first, optimizer), (second, successor if second else None)):
            for weight, slope in zip(of.values(), slopes(step), strict=False):
                weight.grad = slope.clone()
            if taker:
                taker.step(0.01)
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_the_memory_of_another_rule_is_refused() -> None:
    with pytest.raises(FormatError, match="does not fit"):
        Optimizer(weights(), ADAMW).recall(Optimizer(weights(), SGD).memory)


def test_gradients_that_are_summed_by_hand_begin_at_zero() -> None:
    of = weights()
    optimizer = Optimizer(of, ADAMW)
    for weight in of.values():
        weight.grad = torch.ones_like(weight)
    optimizer.forget()
    assert of["wte.weight"].grad is not None
    assert not of["wte.weight"].grad.any()
    assert of["h.0.w"].grad is None


def test_training_does_not_load_torchs_compiler() -> None:
    code = (
        "import sys, torch\n"
        "from gpt2studio.runs.recipe import Optimization\n"
        "import gpt2studio.training.trainer\n"
        "from gpt2studio.training.optimizer import Optimizer\n"
        "weight = torch.zeros(2, 2, requires_grad=True)\n"
        "optimizer = Optimizer({'h.0.w': weight}, Optimization())\n"
        "weight.grad = torch.ones(2, 2)\n"
        "optimizer.step(0.1)\n"
        "sys.exit('torch._dynamo' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
