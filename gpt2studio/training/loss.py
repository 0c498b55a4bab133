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
        known = targets[part] >= 0
        wanted = targets[part].clamp(min=0)[:, None]
        logprobs = torch.mm(x[part], weight.t()).log_softmax(-1, dtype=torch.float32)
        loss -= (logprobs.gather(-1, wanted)[:, 0] * known).sum()
        if gradient is not None:
            slope = _slope(logprobs, wanted, known * scale).to(dtype)
            del logprobs
            gradient[part] = torch.mm(slope, weight)
            if head.requires_grad:
                _add_product(head, slope, x[part])
    return loss, gradient


def _slope(logprobs: Tensor, wanted: Tensor, scale: Tensor) -> Tensor:
    """The gradient with respect to the logits, in the place of their log-probabilities.

    It is the probability, less one for the wanted token; *scale* is each row's, (tokens,).
    """
    slope = logprobs.exp_()
    slope.scatter_add_(-1, wanted, slope.new_full((), -1.0).expand(wanted.shape))
    return slope.mul_(scale[:, None])


def _add_product(head: Tensor, slope: Tensor, x: Tensor) -> None:
    assert head.grad is not None
    if slope.dtype == head.dtype:
        head.grad.addmm_(slope.t(), x)
    else:
        head.grad += torch.mm(slope.t(), x)
