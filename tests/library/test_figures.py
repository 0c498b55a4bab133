"""What was measured on this machine, and what is told before anything is."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from gpt2studio.formats.shape import PUBLISHED
from gpt2studio.library.figures import FiguresFile, Measured
from gpt2studio.library.installed import InstalledModel
from gpt2studio.library.provenance import Provenance
from gpt2studio.library.speed import measured_bandwidth, processor, tokens_per_second, usual_type

TALES = InstalledModel(name="tales", path=Path("/models/tales"), provenance=Provenance(sha256="ab"))
MOVED = InstalledModel(name="stories", path=Path("/models/stories"), provenance=Provenance(sha256="ab"))


def test_figures_are_kept_from_day_to_day_and_follow_a_model_that_is_renamed(tmp_path: Path) -> None:
    file = FiguresFile(tmp_path / "machine.json")
    file.note_bandwidth(2e10)
    file.note_load(TALES, "cpu", "float16", 0.5)
    file.note_speed(TALES, 52.0)
    again = FiguresFile(tmp_path / "machine.json")
    assert again.figures.bandwidth == 2e10
    assert again.of(MOVED) == Measured(tokens_per_second=52.0, load_seconds=0.5, device="cpu", dtype="float16")


def test_a_busy_machine_does_not_make_the_memory_slower(tmp_path: Path) -> None:
    file = FiguresFile(tmp_path / "machine.json")
    file.note_bandwidth(2e10)
    file.note_bandwidth(1e10)
    assert file.figures.bandwidth == 2e10


def test_a_speed_holds_for_the_device_and_number_type_that_it_was_measured_with(tmp_path: Path) -> None:
    file = FiguresFile(tmp_path / "machine.json")
    file.note_load(TALES, "cpu", "float32", 0.5)
    file.note_speed(TALES, 20.0)
    file.note_load(TALES, "cpu", "float32", 0.4)
    assert file.of(TALES) == Measured(tokens_per_second=20.0, load_seconds=0.4, device="cpu", dtype="float32")
    file.note_load(TALES, "cuda:0", "float16", 0.4)
    assert file.of(TALES) == Measured(load_seconds=0.4, device="cuda:0", dtype="float16")


def test_figures_of_another_machine_and_damaged_ones_count_for_nothing(tmp_path: Path) -> None:
    path = tmp_path / "machine.json"
    FiguresFile(path).note_bandwidth(2e10)
    path.write_text(path.read_text().replace(processor(), "Another"))
    assert FiguresFile(path).figures.bandwidth == 0
    path.write_text("{")
    assert FiguresFile(path).figures.bandwidth == 0


def test_only_so_many_models_are_remembered(tmp_path: Path) -> None:
    file = FiguresFile(tmp_path / "machine.json")
    for number in range(205):
        file.note_speed(InstalledModel(name="x", path=Path(f"/{number}")), 1.0)
    assert len(file.figures.models) == 200
    assert file.of(InstalledModel(name="x", path=Path("/204"))) is not None


@given(some.floats(1e9, 1e12), some.sampled_from(["float32", "float16", "bfloat16"]))
def test_a_larger_model_is_slower_and_a_faster_memory_faster(bandwidth: float, dtype: str) -> None:
    speeds = [tokens_per_second(PUBLISHED[name], dtype, bandwidth) for name in ("124M", "355M", "774M", "1558M")]
    assert speeds == sorted(speeds, reverse=True)
    assert tokens_per_second(PUBLISHED["124M"], dtype, 2 * bandwidth) > speeds[0]


def test_small_models_are_computed_in_float32_and_large_ones_in_halves() -> None:
    assert usual_type(PUBLISHED["124M"]) == "float16"


def test_a_bandwidth_is_measured() -> None:
    assert 1e8 < measured_bandwidth() < 1e13


@pytest.mark.parametrize("name", ["124M", "1558M"])
def test_the_estimate_is_bound_by_what_must_be_read(name: str) -> None:
    shape = PUBLISHED[name]
    assert tokens_per_second(shape, "float16", 4e10) < 4e10 / (2 * (shape.parameters - 1024 * shape.n_embd))
