"""Several trainer processes on one run: each computes its share of a batch, and they add up what they found.

They are started by torchrun. One process alone is the same without anybody to talk to.
"""

import os
from collections.abc import Sequence
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import Tensor

BUCKET = 1 << 24
"""How many numbers are summed up in one go."""


class Workers:
    """All processes of a run, as one of them sees them."""

    def __init__(self, rank: int, count: int) -> None:
        self.rank = rank
        self.count = count

    @classmethod
    def meet(cls, device: torch.device) -> "Workers":
        """Find the others that torchrun has started; without it there are none."""
        count = int(os.environ.get("WORLD_SIZE", "1"))
        if count == 1:
            return cls(0, 1)
        # A pause may last a night: nobody is given up while waiting.
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=timedelta(days=30))
        return cls(dist.get_rank(), count)

    def part(self) -> None:
        """Leave the others."""
        if self.count > 1:
            dist.destroy_process_group()

    @property
    def leads(self) -> bool:
        """Whether this one keeps the log, the checkpoints and the contact with people."""
        return self.rank == 0

    def share(self, windows: int) -> tuple[int, int]:
        """Which of a step's windows are this one's: the first, and the one behind the last."""
        return windows * self.rank // self.count, windows * (self.rank + 1) // self.count

    def add_up(self, tensors: Sequence[Tensor]) -> None:
        """Put the sum over all processes into each tensor, many small ones at once."""
        if self.count == 1:
            return
        bucket: list[Tensor] = []
        for tensor in tensors:
            if bucket and sum(each.numel() for each in bucket) + tensor.numel() > BUCKET:
                _add_up(bucket)
                bucket = []
            bucket.append(tensor)
        if bucket:
            _add_up(bucket)

    def any(self, true: bool, device: torch.device) -> bool:
        """Whether it is true for any of them."""
        if self.count == 1:
            return true
        flag = torch.tensor([float(true)], device=device)
        dist.all_reduce(flag, dist.ReduceOp.MAX)
        return bool(flag.item())

    def told(self, numbers: Sequence[float], device: torch.device) -> list[float]:
        """What the leading process says."""
        if self.count == 1:
            return list(numbers)
        said = torch.tensor(list(numbers), dtype=torch.float64, device=device)
        dist.broadcast(said, 0)
        return [float(number) for number in said.tolist()]


def _add_up(bucket: Sequence[Tensor]) -> None:
    flat = torch.cat([tensor.flatten() for tensor in bucket])
    dist.all_reduce(flat)
    for tensor, total in zip(bucket, torch.split(flat, [each.numel() for each in bucket]), strict=True):
        tensor.copy_(total.view_as(tensor))
