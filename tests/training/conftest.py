"""Trainings in this process leave it as it was."""

import signal
from collections.abc import Iterator

import pytest
import torch


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """One thread, and the signals as they were."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    handlers = {
        number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)
    }
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)
    torch.set_num_threads(threads)
