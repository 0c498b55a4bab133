"""What this machine can compute with, and which number type serves best there."""

import os

import torch

from gpt2studio.errors import EngineError
from gpt2studio.wire.messages import Device

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
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
    return DTYPES[name]


def _best(device: torch.device, parameters: int) -> torch.dtype:
    return torch.float32


def _memory() -> int:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return 0
