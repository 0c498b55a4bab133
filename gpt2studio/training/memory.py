"""How much memory the trainer holds, and how it holds it."""

import ctypes
import sys
from pathlib import Path

import torch

_TRIM_THRESHOLD, _MMAP_MAX = -1, -4
"""What can be set of the C library's memory (``malloc.h``)."""


def keep() -> None:
    """Keep memory that is let go of for the next step, where the C library is one that can.

    It would be given back to the system and come again as empty pages, several hundred megabytes a step.
    """
    if not sys.platform.startswith("linux"):
        return
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None:
        set_option(_TRIM_THRESHOLD, -1)
        set_option(_MMAP_MAX, 0)


def in_use(device: torch.device) -> int:
    """Bytes that the trainer holds now: on the GPU, or of this process."""
    if device.type == "cuda":
        return torch.cuda.memory_reserved(device)
    return _status("VmRSS")


def at_peak(device: torch.device) -> int:
    """The most that it has held."""
    if device.type == "cuda":
        return torch.cuda.max_memory_reserved(device)
    return _status("VmHWM") or _maximum()


def load(device: torch.device) -> float | None:
    """How busy the GPU is, from 0 to 1; None where nothing tells."""
    if device.type != "cuda":
        return None
    try:
        return torch.cuda.utilization(device) / 100
    except Exception:  # NVIDIA's library has faults of its own kinds, for a part of a GPU (MIG), say
        return None


def _status(name: str) -> int:
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def _maximum() -> int:
    if sys.platform == "win32":
        return 0
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used if sys.platform == "darwin" else used * 1024
