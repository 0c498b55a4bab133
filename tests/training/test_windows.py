"""Which windows a step learns from."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gpt2studio.training.windows import IGNORED, Windows, spread, with_noise

lengths = st.integers(2, 300)


@given(lengths, st.integers(1, 40), st.integers(1, 7), st.integers(0, 99))
def test_an_epoch_predicts_every_token_once(tokens: int, window: int, size: int, seed: int) -> None:
    text = np.arange(tokens)
    windows = Windows(text, min(window, tokens - 1), seed, epochs=True)
    seen: Counter[int] = Counter()
    left = 2 * windows.count
    for step in range(-(-left // size)):
        batch = windows.of_step(step, size)
        for row in range(min(size, left)):
            known = batch.targets[row] != IGNORED
            seen.update(batch.targets[row][known].tolist())
            assert (batch.inputs[row][known] + 1 == batch.targets[row][known]).all()
        left -= size
    assert seen == Counter(dict.fromkeys(range(1, tokens), 2))


@given(lengths, st.integers(1, 40), st.integers(1, 7), st.integers(0, 99), st.integers(0, 1000))
def test_random_windows_are_whole_and_follow_from_seed_and_step(
    tokens: int, window: int, size: int, seed: int, step: int
) -> None:
    window = min(window, tokens - 1)
    text = np.arange(tokens).astype(np.uint16)
    batch = Windows(text, window, seed, epochs=False).of_step(step, size)
    assert batch.inputs.shape == (size, window)
    assert batch.tokens == size * window
    assert (batch.inputs + 1 == batch.targets).all()
    again = Windows(text, window, seed, epochs=False).of_step(step, size)
    assert (again.inputs == batch.inputs).all()


def test_random_windows_come_from_everywhere() -> None:
    windows = Windows(np.arange(12), 4, 0, epochs=False)
    starts = {int(start) for step in range(200) for start in windows.of_step(step, 4).inputs[:, 0]}
    assert starts == set(range(8))


@given(lengths, st.integers(1, 40), st.integers(1, 20))
def test_held_out_windows_do_not_overlap_and_reach_both_ends(tokens: int, window: int, most: int) -> None:
    batch = spread(np.arange(tokens), window, most)
    known = batch.targets[batch.targets != IGNORED]
    assert len(set(known.tolist())) == len(known)
    assert len(batch.inputs) <= most
    assert 1 in known
    if most > 1:
        assert tokens - 1 in known


def test_noise_replaces_about_its_share_of_the_inputs_alone() -> None:
    batch = Windows(np.arange(5000) % 100, 1000, 0, epochs=False).of_step(0, 4)
    noisy = with_noise(batch, 0.2, 100, (1, 2))
    changed = (noisy.inputs != batch.inputs).mean()
    assert 0.17 < changed < 0.23
    assert (noisy.targets == batch.targets).all()
    assert (with_noise(batch, 0.2, 100, (1, 2)).inputs == noisy.inputs).all()
