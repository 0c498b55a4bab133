"""Memory as torch allocates it: how the want of it shows on each device, and how what is left over is given back."""

import torch

_WORDS = (
    "out of memory",  # Metal
    "Invalid buffer size",  # Metal, where one tensor alone is too large
    "CUBLAS_STATUS_ALLOC_FAILED",
    "can't allocate memory",  # a CPU
    "not enough memory",  # a CPU, under Windows
)


def ran_out(error: BaseException) -> bool:
    """Whether that was an allocation that failed."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _WORDS)


def give_back() -> None:
    """Return to the system what torch keeps of a GPU's memory for later."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()
