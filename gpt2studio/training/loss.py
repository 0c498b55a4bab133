"""Cross-entropy over a large vocabulary, a few rows of logits at a time, with its gradients."""

import torch
from torch import Tensor

LOGITS = 1 << 24
"""How many logits lie in memory at once: 64 MB of them."""


def head_loss(
    features: Tensor, head: Tensor, targets: Tensor, scale: float, dtype: torch.dtype
) -> tuple[Tensor, Tensor | None]:
    """The sum of the cross-entropies in nats, and its gradient with respect to the features, scaled.

    Where *scale* is 0, nothing but the loss is computed.
    *features* is (tokens, n_embd), *head* (vocab_size, n_embd), *targets* (tokens,) with what is below 0 ignored.
    The head's own gradient is added to ``head.grad`` where it takes one. Products are computed in *dtype*, softmax
    and loss in float32.
    """
    learns = scale != 0
    weight = head.detach().to(dtype)
    x = features.to(dtype)
    loss = torch.zeros((), device=features.device)
    gradient = torch.empty_like(features) if learns else None
    rows = max(1, LOGITS // len(head))
    for start in range(0, len(x), rows):
        part = slice(start, start + rows)
        logits = torch.mm(x[part], weight.t()).float()
        known = targets[part] >= 0
        wanted = targets[part].clamp(min=0)[:, None]
        norms = logits.logsumexp(-1, keepdim=True)
        loss += ((norms - logits.gather(-1, wanted))[:, 0] * known).sum()
        if gradient is not None:
            slope = _slope(logits, norms, wanted, known, scale).to(dtype)
            gradient[part] = torch.mm(slope, weight)
            if head.requires_grad:
                _add_product(head, slope, x[part])
    return loss, gradient


def _slope(logits: Tensor, norms: Tensor, wanted: Tensor, known: Tensor, scale: float) -> Tensor:
    """The gradient with respect to the logits, in their place: probability less one for the wanted token."""
    slope = logits.sub_(norms).exp_()
    slope.scatter_add_(-1, wanted, slope.new_full((), -1.0).expand(wanted.shape))
    return slope.mul_((known * scale)[:, None])


def _add_product(head: Tensor, slope: Tensor, x: Tensor) -> None:
    assert head.grad is not None
    if slope.dtype == head.dtype:
        head.grad.addmm_(slope.t(), x)
    else:
        head.grad += torch.mm(slope.t(), x)
