from hypothesis import given
from hypothesis import strategies as st

from gpt2studio.engine.window import Window


@given(st.integers(1, 5000), st.integers(1, 100_000))
def test_the_window_holds_the_last_tokens_and_never_too_many(n_positions: int, tokens: int) -> None:
    start = Window(n_positions).start(tokens)
    assert 0 <= start < tokens
    assert tokens - start <= n_positions


@given(st.integers(1, 5000), st.integers(1, 100_000))
def test_the_window_never_moves_back_and_moves_only_when_it_must(n_positions: int, tokens: int) -> None:
    window = Window(n_positions)
    before, after = window.start(tokens), window.start(tokens + 1)
    assert after - before in (0, window.stride)
    assert (after > before) == (tokens + 1 - before > n_positions)


def test_gpt2_sees_at_least_three_quarters_of_its_positions() -> None:
    window = Window(1024)
    assert min(tokens - window.start(tokens) for tokens in range(1024, 10_000)) == 769
