"""The functions for notebooks, with real trainers and engines and a small model."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import gpt2studio.api as gpt2
from gpt2studio.api.generating import let_go
from gpt2studio.errors import NotFoundError, StudioError, UsageError
from gpt2studio.runs.checkpoints import list_checkpoints
from gpt2studio.runs.registry import Runs
from gpt2studio.wire.terminal import visible
from tests.library.hub import REPOSITORY, Hub, served
from tests.training.small import ROOT, TEXT, make_model


@pytest.fixture
def text(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A small text, with a small model beside it; engines end with the test."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.chdir(tmp_path)
    make_model(tmp_path / "tiny")
    path = tmp_path / "text.txt"
    path.write_text(TEXT, encoding="utf-8")
    yield path
    let_go()


QUICK: dict[str, Any] = {
    "model_name": "tiny",
    "batch_size": 2,
    "threads": 1,
    "seed": 1,
    "sample_every": 3,
    "sample_length": 10,
}


def test_a_model_is_trained_gone_on_with_and_written_with(text: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trained = gpt2.finetune(text, 4, print_every=2, val_every=2, **QUICK)
    said = capsys.readouterr().out
    assert (trained.run_name, trained.step, trained.reason) == ("run1", 4, "steps")
    assert trained.held_out_loss is not None
    assert said.startswith("The dataset has ")
    assert "[2 | " in said
    assert "[3 | " not in said
    assert "======== SAMPLE 1 ========" in said
    assert gpt2.finetune(text, steps=2, **QUICK).step == 6
    assert "Going on from step 4." in capsys.readouterr().out
    with pytest.raises(StudioError, match="is complete"):
        gpt2.finetune(text, **QUICK)
    with pytest.raises(StudioError, match="a model “run1” already"):
        gpt2.finetune(text, restore_from="fresh", **QUICK)
    ask: dict[str, Any] = {"length": 12, "seed": 3, "nsamples": 3, "return_as_list": True, "temperature": 0.8}
    texts = gpt2.generate(prefix="The baker", **ask)
    assert texts is not None
    assert len(set(texts)) == 3
    assert all(each.startswith("The baker") for each in texts)
    assert texts == gpt2.generate("run1", prefix="The baker", batch_size=2, **ask)


async def test_it_works_while_a_loop_runs_as_in_a_notebook(text: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gpt2.finetune(str(text), steps=2, run_name="looped", **QUICK)
    capsys.readouterr()
    assert gpt2.generate("looped", prefix="The mayor\x1b[31m", length=9, seed=1) is None
    streamed = capsys.readouterr().out
    assert streamed.startswith("The mayor␛[31m")
    assert "\x1b" not in streamed
    (alone,) = gpt2.generate("looped", prefix="The mayor", length=9, seed=1, return_as_list=True) or [""]
    assert gpt2.generate("looped", prefix="The mayor", length=9, seed=1, include_prefix=False) is None
    assert f"The mayor{capsys.readouterr().out}" == f"{visible(alone)}\n"


def test_samples_go_to_a_file_with_a_line_between(text: Path, tmp_path: Path) -> None:
    ask: dict[str, Any] = {"model_name": "tiny", "prefix": "The ", "length": 6, "nsamples": 2, "seed": 4, "top_p": 0.0}
    gpt2.generate_to_file(destination_path=tmp_path / "out" / "texts.txt", **ask)
    texts = gpt2.generate(return_as_list=True, **ask)
    assert texts is not None
    written = (tmp_path / "out" / "texts.txt").read_text(encoding="utf-8")
    assert written == "".join(f"{each}\n{'=' * 20}\n" for each in texts)


def test_what_makes_no_sense_is_said(text: Path) -> None:
    with pytest.raises(UsageError, match="knows no “learning_rat”") as refusal:
        gpt2.finetune(text, learning_rat=1.0)
    assert refusal.value.hint == "Perhaps learning_rate?"
    with pytest.raises(UsageError, match="nothing to restore from"):
        gpt2.finetune(text, restore_from="model-500")
    with pytest.raises(NotFoundError):
        gpt2.generate()
    with pytest.raises(UsageError, match="warmth"):
        gpt2.generate(model_name="tiny", warmth=1.0)
    with pytest.raises(UsageError, match="nothing to generate"):
        gpt2.generate(model_name="tiny", nsamples=0)


def test_an_interrupt_saves_a_checkpoint_and_the_next_call_goes_on(text: Path, home: Path) -> None:
    script = (
        "import gpt2studio.api as gpt2\n"
        f"trained = gpt2.finetune({str(text)!r}, steps=1000000, model_name='tiny', threads=1, sample_every=0)\n"
        "print(trained.reason, trained.step)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("[5 | "):
                process.send_signal(signal.SIGINT)
                break
        said = process.stdout.read().splitlines()
    assert process.returncode == 0
    assert "Stopping: a checkpoint is being saved." in said
    reason, step = said[-1].split()
    assert reason == "interrupted"
    run = Runs(home / "runs").find("run1")
    assert list_checkpoints(run.checkpoints)[-1].step == int(step)
    assert gpt2.finetune(text, steps=1).step == int(step) + 1


def test_a_script_that_generated_ends_without_a_word(home: Path) -> None:
    script = "import gpt2studio.api as gpt2\ngpt2.generate(model_name='storyteller', length=2)\n"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_in_a_thread_it_trains_as_well(text: Path) -> None:
    done: list[int] = []
    thread = threading.Thread(target=lambda: done.append(gpt2.finetune(text, steps=2, **QUICK).step))
    thread.start()
    thread.join()
    assert done == [2]


def test_a_trainer_that_fails_says_why(text: Path) -> None:
    with pytest.raises(StudioError, match="holds no texts"):
        gpt2.finetune("/nowhere/*.txt", steps=1, **QUICK)


def test_a_text_that_is_mended_is_learned_from_under_the_same_name(text: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.txt"
    bad.write_bytes("Café, naïve, déjà vu. ".encode() + b"\xff")
    with pytest.raises(StudioError, match="is not UTF-8"):
        gpt2.finetune(bad, steps=1, **QUICK)
    assert gpt2.finetune(text, steps=2, **QUICK).step == 2


def test_a_model_is_fetched_once(
    text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE")
    files = {path.name: path.read_bytes() for path in (tmp_path / "tiny").iterdir()}
    hub = Hub(files=files, config=json.loads(files["config.json"]))
    with served(hub):
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        path = gpt2.download(REPOSITORY, name="tales")
        assert gpt2.download(REPOSITORY, name="tales") == path
    assert "tales is installed already." in capsys.readouterr().out
    assert gpt2.generate(model_name="tales", prefix="The ", length=3, seed=1, return_as_list=True)
