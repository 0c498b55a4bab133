"""Sampling presets from a person's folder."""

from pathlib import Path

import pytest

from gpt2studio.app.sampling.presets import load_presets, name_of
from gpt2studio.wire.sampling import PRESETS, Sampling


def test_without_a_folder_there_are_the_shipped_presets(tmp_path: Path) -> None:
    assert load_presets(tmp_path / "none") == (dict(PRESETS), [])


def test_a_persons_preset_comes_after_the_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "wild.toml").write_text(
        'temperature = 1.4\ntop_k = 0\norder = ["top_p", "temperature"]\n[bias]\n50 = 2'
    )
    presets, complaints = load_presets(tmp_path)
    assert complaints == []
    assert list(presets) == [*PRESETS, "wild"]
    assert presets["wild"] == Sampling(temperature=1.4, top_k=0, order=("top_p", "temperature"), bias={"50": 2.0})


def test_a_preset_may_have_a_name_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('name = "For verse"\ntop_p = 0.9')
    assert load_presets(tmp_path)[0]["For verse"] == Sampling(top_p=0.9)


@pytest.mark.parametrize(
    "source",
    [
        b"temperature = ",
        b"temprature = 1.0",
        b'temperature = "hot"',
        b"temperature = true",
        b"top_p = 2.0",
        b'order = ["heat"]',
        b'name = "GPT-2"',
        b"name = 3",
        b'name = ""',
        b"\xff\xfe",
    ],
)
def test_a_bad_preset_is_reported_by_name_and_skipped(tmp_path: Path, source: bytes) -> None:
    (tmp_path / "bad.toml").write_bytes(source)
    (tmp_path / "good.toml").write_text("top_k = 7")
    presets, complaints = load_presets(tmp_path)
    assert list(presets) == [*PRESETS, "good"]
    assert len(complaints) == 1
    assert "bad.toml" in complaints[0]
    assert "\n" not in complaints[0]


def test_a_folder_that_is_called_like_a_preset_is_reported(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    assert len(load_presets(tmp_path)[1]) == 1


def test_settings_are_known_by_their_presets_name() -> None:
    assert name_of(Sampling(), PRESETS) == "GPT-2"
    assert name_of(Sampling(temperature=0.123), PRESETS) is None
