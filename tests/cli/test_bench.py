"""Speed, side by side: what is measured is there, and what cannot be is said."""

import json
from pathlib import Path

import pytest

from gpt2studio.cli import bench, main
from gpt2studio.errors import StudioError
from tests.training.small import make_model

FIGURES = {"first token", "1 row", "8 rows", "prompt"}


def test_every_figure_is_measured_beside_transformers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = make_model(tmp_path / "tiny")
    command = ["bench", "--model", str(model), "--rounds", "1", "--against", "transformers", "--json"]
    assert main(command) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["model"], report["device"], report["dtype"]) == ("tiny", "cpu", "float32")
    for name in ("gpt2studio", "transformers"):
        assert set(report[name]) == FIGURES
        assert all(value > 0 for value in report[name].values())
    table = bench._table(report)
    assert "gpt2studio  transformers         ahead" in table
    assert "float32       float32" in table
    assert table.count("×") == len(FIGURES)


def test_without_a_peer_there_is_one_column(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--model", str(make_model(tmp_path / "tiny")), "--rounds", "1"]) == 0
    out = capsys.readouterr().out
    assert "transformers" not in out
    assert "8 rows, tokens/s" in out


def test_a_peer_that_is_not_installed_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "find_spec", lambda name: None)
    assert main(["bench", "--against", "transformers"]) == 1
    assert "transformers is not installed" in capsys.readouterr().err


def test_a_model_that_the_peer_cannot_open_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = make_model(tmp_path / "tiny")
    (model / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(StudioError, match="transformers has ended"):
        bench._Peer(str(model), "no such type", "cpu")
    with pytest.raises(StudioError, match="cannot open this model"):
        bench._Peer(str(tmp_path), "float32", "cpu")


def test_no_rounds_are_wrong_usage() -> None:
    assert main(["bench", "--rounds", "0"]) == 2
