"""What this machine can compute with, and which number type serves best there."""

import os
import sys
import time

import torch

from gpt2studio.engine.products.int8 import multiplies_int8
from gpt2studio.errors import EngineError
from gpt2studio.wire.messages import Device

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16, "int8": torch.int8}
"""The number types of the matrix products, by name."""

SMALL = 64 << 20
"""Bytes of float32 weights below which a CPU gains nothing from shorter numbers."""


def devices() -> tuple[Device, ...]:
    """Everything that can be computed with, the best first."""
    found = []
    for number in range(torch.cuda.device_count()):
        properties = torch.cuda.get_device_properties(number)
        found.append(Device(name=f"cuda:{number}", label=properties.name, memory=properties.total_memory))
    memory = _memory()
    if torch.backends.mps.is_available():
        found.append(Device(name="mps", label="Apple GPU", memory=memory))
    count = torch.get_num_threads()
    threads = f"{count} thread" if count == 1 else f"{count} threads"
    return (*found, Device(name="cpu", label=f"CPU, {threads}", memory=memory))


def device_of(name: str) -> torch.device:
    """The device of this name; ``auto``: the best there is. Raises EngineError where there is none such."""
    known = [device.name for device in devices()]
    wanted = known[0] if name == "auto" else "cuda:0" if name == "cuda" else name
    if wanted not in known:
        raise EngineError(f"There is no device “{name}” here.", f"Use one of: {', '.join(known)}.")
    return torch.device(wanted)


def dtype_of(name: str, device: torch.device, parameters: int) -> torch.dtype:
    """The number type of this name; ``auto``: the fastest that is as good on the device, for so many parameters."""
    if name == "auto":
        return _best(device, parameters)
    if name not in DTYPES:
        raise EngineError(f"There is no number type “{name}”.", f"Use auto, {', '.join(DTYPES)}.")
    if name == "int8" and (device.type != "cpu" or not multiplies_int8()):
        raise EngineError(f"There are no products in int8 for {_called(device)} here.", "Use float16, or auto.")
    return DTYPES[name]


def _called(device: torch.device) -> str:
    return "this CPU" if device.type == "cpu" else str(device)


def _best(device: torch.device, parameters: int) -> torch.dtype:
    """On a GPU float16: eight times finer than bfloat16, and as quick.

    On a CPU float16 too, since one row is bound by what must be read (measured: half the time of float32 and less, the
    perplexity of a held-out book the same to four digits); float32 where the weights are few, or where this machine
    has no quick product in float16.
    """
    if device.type == "cpu" and (4 * parameters < SMALL or not _quick_in_halves()):
        return torch.float32
    return torch.float16


def _quick_in_halves() -> bool:
    """Whether this CPU has a product in float16 that gains, where memory is the bound, by reading half as much.

    By one thread, which is done before a busy machine takes the processor away: the answer must not change with that.
    """
    weight, row = torch.ones(1024, 1024), torch.ones(1024)
    threads = torch.get_num_threads()

    def seconds(weight: torch.Tensor, row: torch.Tensor) -> float:
        took = []
        for _ in range(32):
            began = time.perf_counter()
            torch.mv(weight, row)
            took.append(time.perf_counter() - began)
        return min(took)

    torch.set_num_threads(1)
    try:
        return seconds(weight.half(), row.half()) < 2 * seconds(weight, row)
    finally:
        torch.set_num_threads(threads)


def _memory() -> int:
    if sys.platform == "win32":
        return 0
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0
