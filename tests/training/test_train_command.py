"""``gpt2studio train`` and ``runs``, as a person or a script uses them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import pytest

from gpt2studio.cli import main
from gpt2studio.cli.parser import parse
from gpt2studio.cli.train import recipe_of
from gpt2studio.formats.checkpoint import open_checkpoint
from gpt2studio.runs.checkpoints import list_checkpoints
from gpt2studio.runs.events import Finished
from gpt2studio.runs.registry import Runs
from tests.training.small import ROOT, TEXT, make_model

QUICK = ("--batch-size", "2", "--sample-every", "0", "--threads", "1", "--seed", "1")


@pytest.fixture
def words(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The beginning of a command that trains a small model on a small text."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    model = make_model(tmp_path / "tiny")
    text = tmp_path / "text.txt"
    text.write_text(TEXT, encoding="utf-8")
    return ["train", str(text), "--model", str(model), "--run", "r1", *QUICK]


def lines(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.split("\n") if line]


def test_a_run_from_the_command_line(
    words: list[str], home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--steps", "4", "--val_every", "2", "--json"]) == 0
    said = lines(capsys.readouterr().out)
    steps = [line for line in said if line["event"] == "step"]
    assert [line["step"] for line in steps] == [1, 2, 3, 4]
    assert all({"loss", "lr", "grad_norm", "tokens_per_second"} <= line.keys() for line in steps)
    assert [line["step"] for line in said if line["event"] == "held_out"] == [0, 2, 4]
    assert said[-1]["event"] == "finished"
    assert (said[-1]["step"], said[-1]["reason"]) == (4, "steps")
    assert main(["train", "--resume", "r1", "--json"]) == 0
    assert lines(capsys.readouterr().out) == [said[-1]]
    assert main(["train", "--resume", "r1", "--steps", "2"]) == 0
    shown = capsys.readouterr().out
    assert "Going on from step 4." in shown
    assert "] loss=" in shown
    assert shown.splitlines()[-1] == "Finished at step 6: all steps are done."
    assert main([*words, "--steps", "4"]) == 1
    assert "a run “r1” already" in capsys.readouterr().err
    assert main(["runs", "list", "--json"]) == 0
    (record,) = lines(capsys.readouterr().out)
    assert (record["name"], record["state"], record["step"], record["steps"]) == ("r1", "complete", 6, 6)
    assert main(["runs", "show", "r1"]) == 0
    assert "checkpoint     6" in capsys.readouterr().out
    assert main(["runs", "export", "r1@last", "--to", str(tmp_path / "out"), "--dtype", "float16"]) == 0
    assert open_checkpoint(tmp_path / "out").tensors["wte.weight"].dtype == "float16"
    assert main(["runs", "remove", "r1"]) == 1
    assert "takes 2 checkpoints" in capsys.readouterr().err
    assert main(["runs", "remove", "r1", "--yes"]) == 0
    assert Runs(home / "runs").all() == []


@contextmanager
def training(words: list[str]) -> Iterator[tuple["subprocess.Popen[str]", IO[str], IO[str]]]:
    """The command at work, some steps on, and what it says."""
    command = [sys.executable, "-m", "gpt2studio", *words, "--steps", "1000000", "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", cwd=ROOT
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        for line in process.stdout:
            if json.loads(line).get("step", 0) >= 3:
                break
        yield process, process.stdout, process.stderr


def test_an_interrupted_command_leaves_a_checkpoint_and_says_130(words: list[str], home: Path) -> None:
    with training(words) as (process, out, err):
        process.send_signal(signal.SIGTERM)
        rest = out.read()  # not communicate, which knows nothing of what has been read ahead
        complaints = err.read()
    assert process.returncode == 130
    assert "a checkpoint is being saved" in complaints
    last = lines(rest)[-1]
    assert (last["event"], last["reason"]) == ("finished", "interrupted")
    run = Runs(home / "runs").find("r1")
    assert list_checkpoints(run.checkpoints)[-1].step == last["step"]


def test_a_command_whose_reader_goes_ends_its_trainer_with_a_checkpoint(words: list[str], home: Path) -> None:
    with training(words) as (_, out, err):
        out.close()
        complaints = err.read()
    run = Runs(home / "runs").find("r1")
    assert "a checkpoint is being saved" in complaints
    assert not run.alive
    last = run.log.read()[0][-1]
    assert isinstance(last, Finished)
    assert last.reason == "interrupted"
    assert list_checkpoints(run.checkpoints)[-1].step == last.step


def test_under_nohup_a_run_goes_on_when_the_terminal_goes(words: list[str]) -> None:
    command = [sys.executable, "-m", "gpt2studio", *words, "--steps", "200", "--patience", "0", "--json"]
    said: dict[str, Any] = {}
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            said = json.loads(line)
            if said["event"] == "started":
                trainer = said["pid"]
            elif said.get("step") == 3:
                process.send_signal(signal.SIGHUP)
                os.kill(trainer, signal.SIGHUP)
    assert process.returncode == 0
    assert (said["event"], said["step"], said["reason"]) == ("finished", 200, "steps")


def test_a_run_in_the_background_is_followed_steered_and_killed(
    words: list[str], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--steps", "1000000", "--detach", "--json"]) == 0
    assert lines(capsys.readouterr().out)[0]["run"] == "r1"
    run = Runs(home / "runs").find("r1")
    while not run.control.exists():
        time.sleep(0.02)
    assert main(["runs", "pause", "r1", "--json"]) == 0
    step = lines(capsys.readouterr().out)[0]["step"]
    assert main(["runs", "list", "--json"]) == 0
    assert lines(capsys.readouterr().out)[0]["state"] == "paused"
    assert main(["runs", "rate", "r1", "0.001"]) == 0
    assert main(["runs", "save", "r1"]) == 0
    assert main(["runs", "resume", "r1"]) == 0
    assert main(["runs", "stop", "r1"]) == 0
    assert not run.alive
    capsys.readouterr()
    assert main(["runs", "watch", "r1", "--json"]) == 0
    assert lines(capsys.readouterr().out)[-1]["reason"] == "stopped"
    assert list_checkpoints(run.checkpoints)[-1].step >= step
    assert main(["runs", "pause", "r1"]) == 1
    assert "not under way" in capsys.readouterr().err
    assert main(["runs", "resume", "r1"]) == 0
    while not run.control.exists():
        time.sleep(0.02)
    started = run.progress().started
    assert started is not None
    os.kill(started.pid, signal.SIGKILL)
    while run.alive:
        time.sleep(0.02)
    assert main(["runs", "list", "--json"]) == 0
    assert "killed" in capsys.readouterr().out
    finished = [event for event in run.log.read()[0] if isinstance(event, Finished)]
    assert len(finished) == 1


def test_a_killed_trainer_is_offered_to_go_on_with_half_as_much(words: list[str], home: Path) -> None:
    command = [sys.executable, "-m", "gpt2studio", *words, "--steps", "1000000", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    started: dict[str, Any] = {}
    for line in process.stdout:
        said = json.loads(line)
        started = said if said["event"] == "started" else started
        if said["event"] == "step":
            break
    os.kill(started["pid"], signal.SIGKILL)
    _, complaints = process.communicate()
    assert process.returncode == 1
    assert "The trainer was killed" in complaints
    assert "train --resume r1 --micro-batch 1" in complaints


def test_what_cannot_be_trained_is_said_and_makes_no_run(
    words: list[str], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for change, status, message in (
        ([words[0], *words[2:]], 2, "nothing to learn from"),
        ([*words, "--steps", "0"], 2, "number of steps cannot be used"),
        (["train", "--resume", "nobody"], 1, "no run “nobody”"),
        ([*words, "--run", "storyteller"], 1, "a model “storyteller” already"),
        ([words[0], "/nowhere/*.txt", *words[2:], "--steps", "1", "--run", "r9"], 1, "holds no texts"),
    ):
        assert main(change) == status
        assert message in capsys.readouterr().err
    assert Runs(home / "runs").all() == []


def test_a_text_that_is_refused_does_not_keep_the_name_from_the_next_try(
    words: list[str], home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad, unnamed = tmp_path / "bad.txt", [word for word in words if word not in ("--run", "r1")]
    bad.write_bytes("Café, naïve, déjà vu. ".encode() + b"\xff")
    for tried, name in ((words, "r1"), (unnamed, "run1"), ([*words, "--restore-from", "latest"], "r1")):
        assert main([tried[0], str(bad), *tried[2:], "--steps", "1"]) == 1
        assert "is not UTF-8" in capsys.readouterr().err
        assert Runs(home / "runs").find(name).progress().failed is not None
        assert main([*tried, "--steps", "1"]) == 0
        capsys.readouterr()
        assert Runs(home / "runs").find(name).progress().step == 1
        Runs(home / "runs").remove(name)


def test_what_means_nothing_to_a_run_that_goes_on_is_refused(
    words: list[str], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--steps", "2", "--no-start"]) == 0
    resume = ["train", "--resume", "r1"]
    for line, message in (
        ([*resume, "other.txt", "--probe", "--device", "cpu", "--steps", "1"], "takes no --device, --probe, DATASET."),
        ([*resume, "--no-start"], "takes no --no-start."),
        ([*resume, "--run", "r2", "--learning-rate", "1"], "takes no --learning-rate, --run."),
        ([*words, "--restore-from", "latest", "--probe"], "takes no --probe."),
        ([*resume, "--steps", "0"], "number of steps cannot be used"),
        ([*resume, "--steps", "-5"], "number of steps cannot be used"),
        ([*resume, "--steps", "5", "--micro-batch", "-1"], "micro-batch cannot be used"),
    ):
        assert main(line) == 2, line
        assert message in capsys.readouterr().err
    run = Runs(home / "runs").find("r1")
    assert run.log.read()[0] == []
    assert run.recipe.schedule.steps == 2
    with run.lock as lock:
        assert lock.acquire()
        assert main([*resume, "--steps", "5"]) == 1
        assert "under way" in capsys.readouterr().err
    assert main([*words, "--restore-from", "latest", "--steps", "1", "--micro-batch", "1", "--json"]) == 0
    assert lines(capsys.readouterr().out)[-1]["step"] == 1


def test_a_run_that_is_damaged_hides_no_other(words: list[str], home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("r1", "r2", "r3", "r4"):
        assert main([*words, "--run", name, "--no-start"]) == 0
    runs = Runs(home / "runs")
    runs.find("r1").recipe_path.write_bytes(b"")
    runs.find("r2").recipe_path.write_text("[" * 100_000)
    runs.find("r3").lock.path.mkdir()  # as good as another user's: it cannot be opened
    capsys.readouterr()
    assert main(["runs", "list", "--json"]) == 0
    states = {record["name"]: record["state"] for record in lines(capsys.readouterr().out)}
    assert states == {"r1": "damaged", "r2": "damaged", "r3": "new", "r4": "new"}
    assert main(["runs", "list"]) == 0
    shown = capsys.readouterr().out
    assert "damaged" in shown


def test_what_a_run_will_take_is_measured_before_it_is_begun(
    words: list[str], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--steps", "500", "--probe", "--json"]) == 0
    (said,) = lines(capsys.readouterr().out)
    assert said["event"] == "probe"
    assert said["seconds"] == pytest.approx(500 * said["seconds_per_step"])
    assert said["memory"] < said["memory_there"]
    assert said["disk"] == 4 * said["checkpoint"]
    assert said["advice"] == []
    assert Runs(home / "runs").all() == []
    assert not list((home / "state").glob("probe-*"))


def test_the_flags_of_2019_mean_what_they_meant(words: list[str]) -> None:
    flags = (
        f"--model_name {words[3]} --run_name r2 --dataset {words[1]} --learning_rate 0.0003 --batch_size 3 "
        "--accumulate_gradients 5 --memory_saving_gradients --only_train_transformer_layers --optimizer adam "
        "--noise 0.1 --top_k 30 --top_p 0.9 --sample_every 7 --sample_length 50 --sample_num 2 --save_every 11 "
        f"--val_every 13 --val_dataset {words[1]} --encoding latin-1 --steps 17 --max_checkpoints 4"
    )
    options = parse(["train", *flags.split()])
    recipe = recipe_of(options)
    assert options.run == "r2"
    assert recipe.parent == words[3]
    assert recipe.texts.paths == recipe.texts.held_out_paths == (words[1],)
    assert recipe.texts.encoding == "latin-1"
    how = recipe.optimization
    assert (how.learning_rate, how.trained, how.optimizer, how.noise) == (0.0003, "layers", "adamw", 0.1)
    plan = recipe.schedule
    assert (plan.batch_size, plan.accumulate, plan.steps, plan.held_out_every) == (3, 5, 17, 13)
    assert recipe.computing.checkpointing
    samples = recipe.samples
    assert (samples.every, samples.length, samples.count) == (7, 50, 2)
    assert samples.sampling == replace(samples.sampling, top_k=30, top_p=0.9)
    assert (recipe.keeping.every, recipe.keeping.last) == (11, 4)


def test_a_run_can_be_made_without_a_trainer(words: list[str], home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words, "--steps", "2", "--no-start", "--json"]) == 0
    (said,) = lines(capsys.readouterr().out)
    run = Runs(home / "runs").find("r1")
    assert said == {"run": "r1", "path": str(run.path)}
    assert run.log.read()[0] == []
    assert main(["runs", "list", "--json"]) == 0
    (listed,) = lines(capsys.readouterr().out)
    assert (listed["state"], listed["step"], listed["steps"]) == ("new", 0, 2)
    assert main(["train", "--resume", "r1", "--json"]) == 0
    assert lines(capsys.readouterr().out)[-1]["step"] == 2
    assert main(["runs", "pause", "r1"]) == 1
    assert "train --resume r1 --steps N" in capsys.readouterr().err
