"""How many threads compute a step."""

from collections.abc import Iterator

import pytest
import torch

from gpt2studio.engine.threads import LITTLE, threads_for


@pytest.fixture
def three() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("three")
def test_little_is_computed_by_one_thread_and_much_by_all() -> None:
    with threads_for(LITTLE - 1):
        assert torch.get_num_threads() == 1
    with threads_for(LITTLE):
        assert torch.get_num_threads() == 3


@pytest.mark.usefixtures("three")
def test_whatever_happens_all_are_there_again_afterwards() -> None:
    with pytest.raises(ZeroDivisionError), threads_for(1):
        raise ZeroDivisionError
    assert torch.get_num_threads() == 3
