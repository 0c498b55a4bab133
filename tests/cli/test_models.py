"""``gpt2studio models``, as a person or a program runs it."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gpt2studio.cli import main
from gpt2studio.formats.safetensors import write_safetensors
from gpt2studio.formats.tensor import StoredTensor
from gpt2studio.paths import places, shipped
from gpt2studio.runs.checkpoints import OPTIMIZER, STATE
from gpt2studio.runs.recipe import Optimization, Recipe, Texts, write_recipe
from tests.formats.tiny import write_tiny
from tests.library.hub import REPOSITORY, Hub, served


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    folder = write_tiny(tmp_path / "published")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    with served(Hub(files={path.name: path.read_bytes() for path in folder.iterdir()})) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        yield hub


def lines(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> list[Any]:
    """What the program prints as JSON."""
    done = main(["models", *arguments, "--json"])
    out, complaint = capsys.readouterr()
    assert done == status, complaint
    return [json.loads(line) for line in out.splitlines()]


def said(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    """What the program says to a person."""
    assert main(["models", *arguments]) == status
    return "".join(capsys.readouterr())


Output = pytest.CaptureFixture[str]


def test_without_an_action_the_models_are_listed(capsys: Output) -> None:
    assert lines(capsys) == lines(capsys, "list")
    [model] = [each for each in lines(capsys) if each["name"] == "storyteller"]
    assert model["origin"] == "shipped"
    assert model["memory_to_write"] > 4 * model["parameters"]
    assert "storyteller" in said(capsys)


def test_a_model_is_found_fetched_checked_renamed_noted_and_removed(
    hub: Hub, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    [found] = lines(capsys, "find", "tales")
    assert found["name"] == REPOSITORY
    [done] = lines(capsys, "download", REPOSITORY)
    assert (done["name"], done["fetched"]) == ("tales", sum(map(len, hub.files.values())))
    [again] = lines(capsys, "download", REPOSITORY)
    assert again["fetched"] == 0
    [verdict] = lines(capsys, "verify", "tales")
    assert "model.safetensors" in verdict["summed"]
    lines(capsys, "rename", "tales", "fairy")
    lines(capsys, "note", "fairy", "for [b]winter[/b]")
    monkeypatch.setenv("COLUMNS", "200")
    assert "for [b]winter[/b]" in said(capsys)
    assert lines(capsys, "remove", "fairy", status=1) == []
    [removed] = lines(capsys, "remove", "fairy", "--yes")
    assert removed["freed"] > 0
    assert "fairy" not in said(capsys)


@pytest.mark.parametrize(("answer", "kept"), [("y\n", False), ("Yes\n", False), ("\n", True), ("", True)])
def test_a_model_is_removed_only_when_a_person_says_yes(
    answer: str, kept: bool, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_tiny(places().models / "tales")
    stdin = io.StringIO(answer)  # an empty one is Ctrl+D
    monkeypatch.setattr(stdin, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", stdin)
    assert ("Nothing was removed." in said(capsys, "remove", "tales")) is kept
    assert folder.exists() is kept


def begun_from_tales(trained: str) -> Path:
    """A run, with a checkpoint to go on from, that began from an installed model; that model."""
    folder = write_tiny(places().models / "tales")
    run = places().runs / "sitcom"
    step = write_tiny(run / "checkpoints" / "step-000500")
    for file in (STATE, OPTIMIZER):
        (step / file).touch()
    texts, optimization = Texts(paths=("/x",)), Optimization(trained=trained)
    write_recipe(run / "recipe.json", Recipe(model=str(folder), parent="tales", texts=texts, optimization=optimization))
    return folder


@pytest.mark.parametrize("action", [("rename", "tales", "legends"), ("remove", "tales", "--yes")])
def test_a_model_that_a_run_needs_is_neither_removed_nor_renamed(action: tuple[str, ...], capsys: Output) -> None:
    folder = begun_from_tales("lora")
    words = said(capsys, *action, status=1)
    assert "Without tales, from which they began, these runs cannot go on: “sitcom”." in words
    assert "gpt2studio runs remove sitcom" in words
    assert folder.is_dir()


@pytest.mark.parametrize("action", [("rename", "tales", "legends"), ("remove", "tales", "--yes")])
def test_a_run_with_all_weights_of_its_own_holds_no_model_fast(action: tuple[str, ...], capsys: Output) -> None:
    folder = begun_from_tales("all")
    said(capsys, *action)
    assert not folder.exists()


def test_published_models_are_found_without_the_network(capsys: Output) -> None:
    assert [each["name"] for each in lines(capsys, "find")] == ["distilgpt2", "124M", "355M", "774M", "1558M"]
    assert "models download" in said(capsys, "find")


def test_a_fault_of_the_hub_is_one_line_and_what_to_do(hub: Hub, capsys: Output) -> None:
    assert main(["models", "download", "nobody/nothing"]) == 1
    out, complaint = capsys.readouterr()
    assert out == ""
    assert complaint.splitlines()[0].startswith("gpt2studio: ")
    assert len(complaint.splitlines()) == 2


@pytest.mark.parametrize(
    ("form", "name", "files"),
    [
        ("huggingface", "out", {"config.json", "model.safetensors", "vocab.json", "merges.txt", "studio.json"}),
        (
            "openai",
            "out",
            {"checkpoint", "encoder.json", "hparams.json", "vocab.bpe", "model.ckpt.index"}
            | {"model.ckpt.data-00000-of-00001"},
        ),
        ("pytorch", "out", {"config.json", "pytorch_model.bin", "vocab.json", "merges.txt"}),
    ],
)
def test_a_model_is_exported_and_imported_again(
    form: str, name: str, files: set[str], tmp_path: Path, capsys: Output
) -> None:
    to = tmp_path / name
    lines(capsys, "export", "storyteller", "--to", str(to), "--format", form)
    assert {path.name for path in to.iterdir()} == files
    [done] = lines(capsys, "import", str(to), "--name", "again")
    assert done["path"] == str(places().models / "again")
    assert lines(capsys, "import", str(to), "--name", "again", status=1) == []


def test_a_checkpoint_of_a_run_is_listed_and_exported_by_its_names(tmp_path: Path, capsys: Output) -> None:
    run = places().runs / "sitcom"
    write_tiny(run / "checkpoints" / "step-000500")
    (run / "recipe.json").write_text("{}")
    facts = {"parent": "storyteller", "run": "sitcom", "step": 500, "held_out_loss": 2.5}
    (run / "checkpoints" / "step-000500" / "studio.json").write_text(json.dumps(facts))
    [model] = [each for each in lines(capsys) if each["name"] == "sitcom"]
    assert (model["origin"], model["parent"], model["held_out_loss"]) == ("run", "storyteller", 2.5)
    for number, name in enumerate(("sitcom", "sitcom@best", "sitcom@last", "sitcom@500")):
        lines(capsys, "export", name, "--to", str(tmp_path / f"out{number}"))
    assert lines(capsys, "export", "sitcom@7", "--to", str(tmp_path / "no"), status=1) == []
    assert lines(capsys, "remove", "sitcom", "--yes", status=1) == []


def test_the_adapter_of_a_lora_run_is_exported_apart(tmp_path: Path, capsys: Output) -> None:
    step = places().runs / "sitcom" / "checkpoints" / "step-000500"
    write_tiny(step)
    (step / "studio.json").write_text(json.dumps({"run": "sitcom", "step": 500}))
    with (step / OPTIMIZER).open("wb") as file:
        numbers = np.arange(12, dtype=np.float32)
        names = ("h.0.attn.c_attn.weight.down", "h.0.attn.c_attn.weight.up")
        write_safetensors(file, [StoredTensor(name, "float32", (4, 3), numbers.data.cast("B")) for name in names], {})
    recipe = Recipe(model="/x", parent="124M", texts=Texts(paths=("/x",)), optimization=Optimization(trained="lora"))
    write_recipe(places().runs / "sitcom" / "recipe.json", recipe)
    for number, name in enumerate(("sitcom", "sitcom@500")):
        to = tmp_path / f"out{number}"
        [done] = lines(capsys, "export", name, "--to", str(to), "--format", "peft")
        assert (done["path"], done["format"]) == (str(to), "peft")
        assert {path.name for path in to.iterdir()} == {"adapter_config.json", "adapter_model.safetensors"}
    no = ("--to", str(tmp_path / "no"), "--format", "peft")
    assert lines(capsys, "export", "storyteller", *no, status=1) == []
    assert lines(capsys, "export", "sitcom", *no, "--dtype", "float16", status=2) == []


@pytest.mark.parametrize(("width", "shown"), [("48", False), ("80", True)])
def test_a_narrow_terminal_has_the_columns_that_matter(
    width: str, shown: bool, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    table = said(capsys)
    assert ("Training" in table) is shown
    assert "…" not in table
    for word in ("storyteller", "7.1M", "14 MB", "shipped"):
        assert word in table


def test_where_a_run_stands_is_not_broken_up_for_what_it_would_need(
    capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = places().runs / "ten-seasons" / "checkpoints" / "step-000500"
    write_tiny(step)
    facts = {"parent": "storyteller", "run": "ten-seasons", "step": 500, "held_out_loss": 2.5}
    (step / "studio.json").write_text(json.dumps(facts))
    (step.parents[1] / "recipe.json").write_text("{}")
    for width, shown in (("80", False), ("120", True)):
        monkeypatch.setenv("COLUMNS", width)
        table = said(capsys)
        assert "run ten-seasons, step 500, loss 2.500" in table
        assert ("Training" in table) is shown


def test_what_is_wrong_with_a_model_stands_whole_below_the_table(capsys: Output) -> None:
    folder = write_tiny(places().models / "tales")
    (folder / "model.safetensors").write_bytes(b"cut")
    assert f"tales: {folder / 'model.safetensors'} is not a file of weights that can be read." in said(capsys)


def test_escape_codes_in_names_and_notes_do_not_reach_the_terminal(tmp_path: Path, capsys: Output) -> None:
    folder = places().models / "evil\x1b[31m"
    folder.parent.mkdir(parents=True)
    shutil.copytree(shipped("models") / "storyteller", folder)
    (folder / "studio.json").write_text(json.dumps({"note": "\x1b]0;owned\x07", "origin": "hub:\x1b[2J"}))
    assert "\x1b" not in said(capsys)


def test_ctrl_c_leaves_nothing_half_installed_and_the_next_try_goes_on(hub: Hub, tmp_path: Path) -> None:
    hub.faults["model.safetensors"] = ["stall:1000"]
    command = [sys.executable, "-m", "gpt2studio", "models", "download", REPOSITORY, "--json"]
    environment = {name: value for name, value in os.environ.items() if name != "HF_HUB_OFFLINE"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        assert b"4 files" in process.stderr.readline()
        assert hub.stalling.wait(120)
        process.send_signal(signal.SIGINT)
        _, complaint = process.communicate(timeout=120)
    assert process.returncode == 130
    assert b"goes on from there" in complaint
    assert not (places().models / "tales").exists()
    done = subprocess.run(command, env=environment, capture_output=True, check=True)
    assert json.loads(done.stdout)["name"] == "tales"
    assert hub.asked("vocab.json") == [""]
