"""Recipes, and what is settled where they leave something open."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2studio.errors import FormatError, NotFoundError, StudioError
from gpt2studio.runs.defaults import Facts, learning_rate, settled, windows_in
from gpt2studio.runs.recipe import Optimization, Recipe, Schedule, Texts, read_recipe, write_recipe

OPEN = Recipe(model="/models/124M", parent="124M", texts=Texts(paths=("/texts/novel.txt",)))

facts = st.builds(
    Facts,
    parameters=st.integers(1_000, 2_000_000_000),
    n_positions=st.integers(1, 2048),
    n_embd=st.integers(8, 1600),
    tokens=st.integers(2, 10**9),
    held_out_tokens=st.integers(0, 10**6),
)
schedules = st.builds(
    Schedule,
    steps=st.none() | st.integers(1, 10_000),
    epochs=st.none() | st.floats(0.1, 50),
    batch_size=st.none() | st.integers(1, 20),
    accumulate=st.integers(1, 8),
)


def test_a_recipe_comes_back_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "recipe.json"
    recipe = replace(OPEN, optimization=Optimization(learning_rate=3e-4, betas=(0.8, 0.95)), seed=7)
    write_recipe(path, recipe)
    assert read_recipe(path) == recipe


def test_a_damaged_recipe_is_said(tmp_path: Path) -> None:
    path = tmp_path / "recipe.json"
    with pytest.raises(NotFoundError):
        read_recipe(path)
    path.write_text('{"model": 5}')
    with pytest.raises(FormatError, match="“model” must be a string"):
        read_recipe(path)
    path.write_text("{")
    with pytest.raises(FormatError, match="not JSON"):
        read_recipe(path)


@pytest.mark.parametrize(
    ("part", "values"),
    [
        ("schedule", {"steps": 0}),
        ("schedule", {"windows": "shuffled"}),
        ("optimization", {"learning_rate": float("nan")}),
        ("optimization", {"learning_rate": -1.0}),
        ("optimization", {"dropout": 1.0}),
        ("optimization", {"optimizer": "adafactor"}),
        ("texts", {"held_out": 1.0}),
        ("texts", {"paths": ()}),
        ("computing", {"processes": 0}),
        ("computing", {"threads": 100_000}),
        ("computing", {"processes": 100_000}),
        ("samples", {"prompts": ("Once", "caf\udce9")}),
    ],
)
def test_what_means_nothing_is_refused(part: str, values: dict[str, object]) -> None:
    with pytest.raises(StudioError) as caught:
        replace(OPEN, **{part: replace(getattr(OPEN, part), **values)})
    assert caught.value.hint


@given(schedules, facts)
def test_settling_leaves_nothing_open_and_settles_once(schedule: Schedule, known: Facts) -> None:
    first = settled(replace(OPEN, schedule=schedule), known)
    assert settled(first, known) == first
    chosen = first.schedule
    assert None not in (chosen.steps, chosen.window, chosen.batch_size, chosen.held_out_every, chosen.patience)
    assert chosen.window is not None
    assert chosen.steps is not None
    assert 1 <= chosen.window <= min(known.n_positions, known.tokens - 1)
    assert first.optimization.warmup is not None
    assert first.optimization.warmup <= chosen.steps // 10
    assert first.computing.threads >= 1
    if schedule.steps is not None:
        assert chosen.steps == schedule.steps


def test_a_small_text_is_seen_ten_times_and_a_long_one_is_bounded() -> None:
    small = Facts(parameters=124_000_000, n_positions=1024, n_embd=768, tokens=40_960, held_out_tokens=2000)
    assert settled(OPEN, small).schedule.steps == 10 * windows_in(40_960, 1024)
    assert (settled(OPEN, replace(small, tokens=10**8)).schedule.steps or 0) <= 1000


def test_of_several_processes_each_has_a_window() -> None:
    large = Facts(parameters=124_000_000, n_positions=1024, n_embd=768, tokens=40_960, held_out_tokens=2000)
    for processes in (1, 3):
        recipe = replace(OPEN, computing=replace(OPEN.computing, processes=processes))
        assert settled(recipe, large).schedule.batch_size == processes


def test_the_learning_rate_follows_the_size() -> None:
    assert 4.5e-4 < learning_rate(7_098_368, Optimization()) < 5.5e-4
    assert 0.9e-4 < learning_rate(124_439_808, Optimization()) < 1.1e-4
    assert learning_rate(1_557_611_200, Optimization()) < 4e-5


def test_a_window_wider_than_the_model_is_refused() -> None:
    known = Facts(parameters=1000, n_positions=64, n_embd=16, tokens=1000, held_out_tokens=0)
    with pytest.raises(StudioError, match="more than the model can see"):
        settled(replace(OPEN, schedule=Schedule(window=65)), known)


def test_a_pair_of_lora_wider_than_the_model_is_refused() -> None:
    known = Facts(parameters=1000, n_positions=64, n_embd=16, tokens=1000, held_out_tokens=0)
    with pytest.raises(StudioError, match="wider than the model"):
        settled(replace(OPEN, optimization=Optimization(trained="lora", lora_rank=17)), known)
    assert settled(replace(OPEN, optimization=Optimization(trained="all", lora_rank=17)), known)
