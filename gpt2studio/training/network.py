"""GPT-2 as it learns: one pass over windows of equal length, and the way back through its two ends.

Token embedding and output layer are one matrix, the largest of all. Both ends are differentiated by hand, so that
its gradient is summed up in one place and the logits of the vocabulary never lie in memory for a whole batch.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from gpt2studio.engine.attention import attention
from gpt2studio.engine.model import ACTIVATIONS
from gpt2studio.formats.shape import Shape
from gpt2studio.training.lora import Adapter
from gpt2studio.training.loss import head_loss
from gpt2studio.training.product import product


@dataclass(slots=True)
class Mode:
    """What holds for a pass and is no weight."""

    dropout: float = 0.0
    checkpointing: bool = False
    """Whether the inside of each block is computed again on the way back."""
    dtype: torch.dtype = torch.float32
    """Of the matrix products."""


class Network:
    """A GPT-2 over weights in float32, named as in the checkpoint."""

    def __init__(self, shape: Shape, tensors: Mapping[str, Tensor], adapters: Mapping[str, Adapter]) -> None:
        """Small matrices stand beside the weights that they are named after."""
        self.shape = shape
        self.tensors = dict(tensors)
        self.adapters = dict(adapters)
        self.mode = Mode()
        self._act = ACTIVATIONS[shape.activation]
        self._scale = None if shape.scale_attn_weights else 1.0

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.tensors["wte.weight"].device

    def learn(self, inputs: Tensor, targets: Tensor, scale: float) -> Tensor:
        """Add this batch's gradients, times *scale*, to the weights' own; the sum of its losses, in nats.

        *inputs* and *targets* are (windows, tokens) on the weights' device; a target below 0 is ignored. Gradients
        of the embeddings are added to what is there, so there must be some, zeros to begin with.
        """
        embedded = self._embedded(inputs).requires_grad_()
        features = self._features(embedded, inputs.shape[0], self.mode.dropout)
        head = self.tensors["wte.weight"]
        loss, gradient = head_loss(features.detach(), head, targets.flatten(), scale, self.mode.dtype)
        assert gradient is not None
        # The gradient of this number is just that gradient; handing it over as such would make torch load sympy.
        torch.autograd.backward((features * gradient).sum())
        assert embedded.grad is not None
        if head.requires_grad:
            positions = self.tensors["wpe.weight"]
            assert head.grad is not None
            assert positions.grad is not None
            head.grad.index_add_(0, inputs.flatten(), embedded.grad)
            positions.grad[: inputs.shape[1]] += embedded.grad.view(*inputs.shape, -1).sum(0)
        return loss

    @torch.no_grad()
    def measure(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """The sum of the losses, nothing learned."""
        features = self._features(self._embedded(inputs), inputs.shape[0], 0.0)
        return head_loss(features, self.tensors["wte.weight"], targets.flatten(), 0.0, self.mode.dtype)[0]

    @torch.no_grad()
    def merged(self) -> dict[str, Tensor]:
        """All weights by their names, the small matrices multiplied out into those they stand beside."""
        return {
            name: self.adapters[name].merged(tensor) if name in self.adapters else tensor.detach()
            for name, tensor in self.tensors.items()
        }

    @torch.no_grad()
    def _embedded(self, inputs: Tensor) -> Tensor:
        """(windows, tokens) to (windows · tokens, n_embd), without a way back."""
        tokens = functional.embedding(inputs, self.tensors["wte.weight"])
        return (tokens + self.tensors["wpe.weight"][: inputs.shape[1]]).flatten(0, 1)

    def _features(self, stream: Tensor, windows: int, dropout: float) -> Tensor:
        """What the head is given: (windows · tokens, n_embd)."""
        stream = functional.dropout(stream, dropout) if dropout else stream
        for layer in range(self.shape.n_layer):
            if self.mode.checkpointing and torch.is_grad_enabled():
                stream = checkpoint(self._block, stream, layer, windows, dropout, use_reentrant=False)
            else:
                stream = self._block(stream, layer, windows, dropout)
        return self._norm(stream, "ln_f")

    def _block(self, stream: Tensor, layer: int, windows: int, dropout: float) -> Tensor:
        """The stream after this layer."""
        attn, mlp = f"h.{layer}.attn", f"h.{layer}.mlp"
        x = self._product(self._norm(stream, f"h.{layer}.ln_1"), f"{attn}.c_attn")
        x = self._product(self._attend(x, windows, dropout), f"{attn}.c_proj")
        stream = stream + (functional.dropout(x, dropout) if dropout else x)
        x = self._act(self._product(self._norm(stream, f"h.{layer}.ln_2"), f"{mlp}.c_fc"))
        x = self._product(x, f"{mlp}.c_proj")
        return stream + (functional.dropout(x, dropout) if dropout else x)

    def _attend(self, x: Tensor, windows: int, dropout: float) -> Tensor:
        """Query, key and value side by side, (tokens, 3 · n_embd), to what each token gathers from its window."""
        heads = self.shape.n_head
        query, key, value = x.view(windows, -1, 3, heads, self.shape.n_embd // heads).permute(2, 0, 3, 1, 4)
        attended = attention(query, key, value, causal=True, scale=self._scale, dropout=dropout)
        return attended.transpose(1, 2).reshape(-1, self.shape.n_embd)

    def _norm(self, x: Tensor, name: str) -> Tensor:
        weight, bias = self.tensors[f"{name}.weight"], self.tensors[f"{name}.bias"]
        return functional.layer_norm(x, weight.shape, weight, bias, self.shape.layer_norm_epsilon)

    def _product(self, x: Tensor, name: str) -> Tensor:
        y = product(x, self.tensors[f"{name}.weight"], self.tensors[f"{name}.bias"], self.mode.dtype)
        adapter = self.adapters.get(f"{name}.weight")
        return y if adapter is None else y + adapter(x.to(y.dtype))
