"""Cross-entropy over a large vocabulary, a few rows of logits at a time, with its gradients."""

from collections.abc import Iterator

import torch
from torch import Tensor

AT_ONCE = 1 << 27
"""Bytes of logits that lie in memory at once."""

FEW = 1 << 25
"""Bytes of them that are float32 while their probabilities are computed."""

_LEAST = torch.finfo(torch.float32).tiny


def head_loss(
    features: Tensor, head: Tensor, targets: Tensor, scale: float, dtype: torch.dtype
) -> tuple[Tensor, Tensor | None]:
    """The sum of the cross-entropies in nats, and its gradient with respect to the features, scaled.

    Where *scale* is 0, nothing but the loss is computed.
    *features* is (tokens, n_embd), *head* (vocab_size, n_embd), *targets* (tokens,) with what is below 0 ignored.
    The head's own gradient is added to ``head.grad`` where it takes one. Products are computed in *dtype*, softmax
    and loss in float32; a token that is all but impossible counts as 87 nats.
    """
    weight = head.detach().to(dtype)
    x = features.to(dtype)
    loss = torch.zeros((), device=features.device)
    gradient = torch.empty_like(features) if scale else None
    for part in _parts(len(x), AT_ONCE // (len(head) * dtype.itemsize)):
        logits = torch.mm(x[part], weight.t())
        loss += _loss(logits, targets[part], scale)
        if gradient is not None:
            gradient[part] = torch.mm(logits, weight)
            if head.requires_grad:
                _add_product(head, logits, x[part])
    return loss, gradient


def _loss(logits: Tensor, targets: Tensor, scale: float) -> Tensor:
    """The sum of the losses; the logits become the gradient with respect to them, unless *scale* is 0.

    It is the probability, less one for the wanted token.
    """
    loss = torch.zeros((), device=logits.device)
    for part in _parts(len(logits), FEW // (4 * logits.shape[1])):
        known = targets[part] >= 0
        wanted = targets[part].clamp(min=0)[:, None]
        probabilities = logits[part].softmax(-1, dtype=torch.float32)
        of_wanted = probabilities.gather(-1, wanted)
        loss -= (of_wanted.clamp(min=_LEAST).log()[:, 0] * known).sum()
        if scale:
            probabilities.scatter_(-1, wanted, of_wanted - 1)
            torch.mul(probabilities, (known * scale)[:, None], out=logits[part])
    return loss


def _parts(rows: int, most: int) -> Iterator[slice]:
    """All rows in parts of nearly one size, none with more than *most*, unless that is less than one."""
    count = -(-rows // max(1, most))
    for number in range(count):
        yield slice(rows * number // count, rows * (number + 1) // count)


def _add_product(head: Tensor, slope: Tensor, x: Tensor) -> None:
    assert head.grad is not None
    if slope.dtype == head.dtype:
        head.grad.addmm_(slope.t(), x)
    else:
        head.grad += torch.mm(slope.t(), x)
