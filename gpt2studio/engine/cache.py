"""Keys and values remembered between tokens, and which texts they belong to."""

import contextlib
import math
import mmap
import os
import sys
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from gpt2studio.formats.shape import Shape

MOST_SLOTS = 16
"""How many texts are gone on with at once, at most; more wait."""

_SHARE = 0.25
"""How much of the memory that is free may go to the cache."""


@dataclass(slots=True, eq=False)
class Slot:
    """Room in the cache for one text."""

    number: int
    tokens: list[int] = field(default_factory=list)
    """The tokens whose keys and values lie here, from the first position on."""
    busy: bool = False
    used: int = 0
    """When it was last given out: higher is later."""


class Cache:
    """Room for the keys and values of several texts, allocated once.

    On a CPU the system gives memory only to the pages that are written.
    """

    def __init__(self, shape: Shape, slots: int, device: torch.device, dtype: torch.dtype) -> None:
        size = (shape.n_layer, slots, shape.n_head, shape.n_positions, shape.n_embd // shape.n_head)
        self.keys, self.values = _zeros(size, device, dtype), _zeros(size, device, dtype)
        self.slots = [Slot(number) for number in range(slots)]
        self.scale = None if shape.scale_attn_weights else 1.0
        """What attention scores are multiplied by; None: one by the square root of the head's width."""
        self._clock = 0

    def take(self, tokens: list[int]) -> Slot | None:
        """A slot that holds as much of the text's beginning as any slot does; None while all are busy.

        The last token is never among what it holds: what comes after it must still be computed.
        """
        free = [slot for slot in self.slots if not slot.busy]
        if not free:
            return None

        def claim(slot: Slot) -> tuple[int, int]:
            """How fit: one that loses little by it, then the one longest out of use, to be copied into."""
            shared = common(slot.tokens, tokens)
            return shared if len(slot.tokens) <= 2 * shared else 0, -slot.used

        slot = max(free, key=claim)
        self._clock += 1
        slot.busy, slot.used = True, self._clock
        self.reuse(slot, tokens)
        return slot

    def reuse(self, slot: Slot, tokens: list[int]) -> None:
        """Leave in the slot the longest beginning of the text that this slot or another one holds."""
        source = max(self.slots, key=lambda each: (common(each.tokens, tokens), each is slot))
        length = min(common(source.tokens, tokens), len(tokens) - 1)
        if source is not slot:
            for kind in (self.keys, self.values):
                kind[:, slot.number, :, :length] = kind[:, source.number, :, :length]
        slot.tokens = tokens[:length]

    def clear(self, slot: Slot) -> None:
        """Have nothing left of what lies in the slot, behind its tokens either: no text may be the worse for it."""
        slot.tokens = []
        for kind in (self.keys, self.values):
            kind[:, slot.number].zero_()


def common(one: list[int], other: list[int]) -> int:
    """How many tokens two texts begin with together."""
    if one == other[: len(one)]:
        return len(one)
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def slots_that_fit(shape: Shape, dtype: torch.dtype, device: torch.device) -> int:
    """For how many texts there is memory, at least 1."""
    each = 2 * shape.n_layer * shape.n_positions * shape.n_embd * dtype.itemsize
    return max(1, min(MOST_SLOTS, int(_SHARE * _free_memory(device)) // each))


def _zeros(size: tuple[int, ...], device: torch.device, dtype: torch.dtype) -> Tensor:
    """Zeros: what lies behind a short text's end is read, and multiplied by 0, so it must not be infinite."""
    if device.type != "cpu" or dtype != torch.float32:
        return torch.zeros(size, device=device, dtype=dtype)
    # From the system, untouched, unlike torch's own.
    if sys.platform != "linux" or not hasattr(mmap, "MADV_NOHUGEPAGE"):
        return torch.from_numpy(np.zeros(size, dtype=np.float32))
    # A text of a few words touches a few small pages of each head. NumPy would ask for large ones, which are all of it.
    room = mmap.mmap(-1, math.prod(size) * dtype.itemsize, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    room.madvise(mmap.MADV_NOHUGEPAGE)
    return torch.frombuffer(room, dtype=dtype).view(size)


def _free_memory(device: torch.device) -> int:
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    if sys.platform != "win32":
        with contextlib.suppress(OSError, ValueError):  # not known on this system
            return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return 4 << 30
