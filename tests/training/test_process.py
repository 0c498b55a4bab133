"""The trainer as a process: killed, interrupted, asked, in want of room, in company."""

import itertools
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gpt2studio.engine.service import Service
from gpt2studio.errors import EngineError
from gpt2studio.runs.checkpoints import last_resumable, list_checkpoints
from gpt2studio.runs.client import TrainerLine
from gpt2studio.runs.control import ChangeRate, EndRun, GoOn, Pause, SampleNow, SaveNow
from gpt2studio.runs.directory import RunDirectory
from gpt2studio.runs.events import (
    Event,
    Failed,
    Finished,
    Paused,
    RateChanged,
    Resumed,
    Sampled,
    Saved,
    Started,
    WentOn,
)
from gpt2studio.runs.extend import extended
from gpt2studio.runs.launch import Launch, start
from gpt2studio.runs.log import EventLog
from gpt2studio.runs.recipe import Keeping, Samples
from gpt2studio.training.trainer import Trainer
from gpt2studio.wire.messages import Answer, Continue, Hello, Load, Loaded, Token
from tests.training.small import (
    ROOT,
    curve,
    events,
    make_recipe,
    make_run,
    trainer,
    wait,
    with_computing,
    with_optimization,
    with_schedule,
)

PATIENCE = 120.0


def until(holds: Callable[[], object], process: "subprocess.Popen[bytes]") -> None:
    """Wait for it, as long as the trainer lives."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert process.poll() is None, wait(process)
        assert time.monotonic() < end, "it does not come to hold"
        time.sleep(0.005)


def finished(run: RunDirectory) -> Finished:
    """How it ended."""
    last = events(run)[-1]
    assert isinstance(last, Finished)
    return last


def files(run: RunDirectory) -> dict[str, bytes]:
    """What the last checkpoint holds of numbers."""
    last = list_checkpoints(run.checkpoints)[-1].path
    return {name: (last / name).read_bytes() for name in ("model.safetensors", "trainer.safetensors")}


@pytest.fixture
def long(tmp_path: Path) -> Iterator[tuple[RunDirectory, "subprocess.Popen[bytes]"]]:
    """A run without end, well under way."""
    recipe = with_schedule(make_recipe(tmp_path), steps=1_000_000, held_out_every=0)
    recipe = replace(recipe, keeping=Keeping(every=0), samples=Samples(every=999_999, length=4))
    run = make_run(tmp_path, recipe)
    process = trainer(run)
    try:
        until(lambda: run.progress().step >= 3, process)
        yield run, process
    finally:
        process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()


def test_a_trainer_that_was_killed_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    recipe = with_optimization(with_schedule(make_recipe(tmp_path), steps=60, held_out_every=7), dropout=0.1, noise=0.1)
    recipe = replace(recipe, keeping=Keeping(every=2))
    undisturbed = make_run(tmp_path, recipe, "undisturbed")
    assert Trainer(undisturbed.path).work() == 0
    run = make_run(tmp_path, recipe, "killed")
    for number in range(2):
        process = trainer(run)
        if number == 0:
            until(lambda: run.progress().step >= 11, process)
        else:  # in the middle of a checkpoint's writing
            until(lambda: run.progress().step >= 20 and list(run.checkpoints.glob(".*.part")), process)
        process.kill()
        wait(process)
    assert run.progress().finished is None
    assert Trainer(run.path).work() == 0
    assert curve(run) == curve(undisturbed)
    assert files(run) == files(undisturbed)
    assert run.progress().held_out[-1].held_out_loss == undisturbed.progress().held_out[-1].held_out_loss
    assert sum(isinstance(event, Resumed) for event in events(run)) == 2
    assert not [path.name for path in run.checkpoints.iterdir() if path.name.startswith(".")]


def test_an_interrupt_saves_and_ends(long: tuple[RunDirectory, "subprocess.Popen[bytes]"]) -> None:
    run, process = long
    process.send_signal(signal.SIGINT)
    status, complaints = wait(process)
    assert (status, complaints) == (130, "")
    assert finished(run).reason == "interrupted"
    last = last_resumable(list_checkpoints(run.checkpoints))
    assert last is not None
    assert last.step == finished(run).step == run.progress().step
    assert not run.control.exists()
    assert not run.alive


@pytest.mark.parametrize("name", ["SIGINT", "SIGBREAK"])
def test_an_interrupt_that_comes_twice_before_the_first_step_ends_it_once(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal, "SIGBREAK", signal.SIGUSR1, raising=False)  # Ctrl+Break, as Windows has it
    run = make_run(tmp_path, make_recipe(tmp_path))
    append = EventLog.append

    def interrupted(log: EventLog, event: Event) -> None:
        if isinstance(event, Started | Finished):
            signal.raise_signal(getattr(signal, name))
        append(log, event)

    monkeypatch.setattr(EventLog, "append", interrupted)
    assert Trainer(run.path).work() == 130
    assert finished(run).reason == "interrupted"


def test_a_trainer_does_what_it_is_asked(long: tuple[RunDirectory, "subprocess.Popen[bytes]"]) -> None:
    run, process = long
    assert run.alive
    with TrainerLine(run) as line:
        paused = line.call(Pause(id="1")).step
        assert line.call(SaveNow(id="2")).step == paused
        assert [each.step for each in list_checkpoints(run.checkpoints)] == [paused]
        line.call(SampleNow(id="3"))
        line.call(ChangeRate(id="4", learning_rate=0.002))
        with pytest.raises(EngineError, match="learning rate"):
            line.call(ChangeRate(id="5", learning_rate=-1.0))
        with pytest.raises(EngineError, match="does not answer that"):
            line.call(Load(id="6", model="/elsewhere"))
        assert run.progress().step == paused
        line.call(GoOn(id="7"))
        until(lambda: run.progress().step > paused + 2, process)
        line.call(EndRun(id="8"))
    assert wait(process) == (0, "")
    assert finished(run).reason == "stopped"
    said = events(run)
    for kind in (Paused, WentOn, Saved, Sampled, RateChanged):
        assert any(isinstance(event, kind) for event in said), kind
    rates = dict(zip(run.progress().curve.steps, run.progress().curve.rates, strict=True))
    assert rates[paused + 1] == pytest.approx(0.002)
    assert rates[paused] == pytest.approx(0.01)
    assert list_checkpoints(run.checkpoints)[-1].step == finished(run).step


def test_one_can_write_with_the_live_weights(long: tuple[RunDirectory, "subprocess.Popen[bytes]"]) -> None:
    run, _ = long
    request = Continue(id="1", text="The baker ", seed=5, length=12, heal=False)
    with TrainerLine(run) as line:
        line.call(Pause(id="p"))
        assert [type(answer).__name__ for answer in line.ask(Hello(id="h"))] == ["Greeting"]
        live = text(line.ask(request))
        line.call(SaveNow(id="s"))
        endless = line.ask(Continue(id="2", length=0, stop_at_end=False))
        assert len(list(itertools.islice(endless, 3))) == 3
        with TrainerLine(run) as other:
            assert text(other.ask(request)) == live
            other.call(GoOn(id="g"))
    assert live == text(of_an_engine(list_checkpoints(run.checkpoints)[-1].path, request))


def text(answers: Iterator[Answer]) -> str:
    """What a continuation came to."""
    return "".join(answer.text for answer in answers if isinstance(answer, Token))


def of_an_engine(model: Path, request: Continue) -> Iterator[Answer]:
    """What an engine that loads this model answers."""
    answers: list[Answer] = []
    service = Service(lambda client, said: answers.extend(said))
    service.receive("test", Load(id="load", model=str(model), dtype="float32"))
    assert any(isinstance(answer, Loaded) for answer in answers)
    service.receive("test", request)
    while service.busy:
        service.step()
    return iter(answers)


def test_a_trainer_that_is_not_there_is_said(tmp_path: Path) -> None:
    run = make_run(tmp_path, make_recipe(tmp_path))
    with pytest.raises(EngineError, match="not under way"):
        TrainerLine(run)


def cramped_trainer(run: RunDirectory) -> "subprocess.Popen[bytes]":
    """A trainer whose files may grow to 64 kB, as if the disk had no more: less than a checkpoint's weights."""
    return subprocess.Popen(
        [sys.executable, "-m", "gpt2studio.training", str(run.path)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, 1 << 16)),
    )


def test_a_disk_that_is_full_ends_it_with_the_last_checkpoint_whole(tmp_path: Path) -> None:
    run = make_run(tmp_path, with_schedule(make_recipe(tmp_path), steps=4, held_out_every=0))
    assert Trainer(run.path).work() == 0
    before = files(run)
    extended(run, 8)
    status, _ = wait(cramped_trainer(run))
    assert status == 1
    assert finished(run).reason == "disk full"
    (failed,) = (event for event in events(run) if isinstance(event, Failed))
    assert "is full" in failed.message
    assert "--resume run1" in failed.hint
    assert files(run) == before
    assert not [path.name for path in run.checkpoints.iterdir() if path.name.startswith(".")]
    assert Trainer(run.path).work() == 0
    assert [step for step, *_ in curve(run)] == list(range(1, 13))


def test_where_the_disk_is_full_before_the_first_checkpoint_none_is_claimed(tmp_path: Path) -> None:
    run = make_run(tmp_path, with_schedule(make_recipe(tmp_path), steps=4, held_out_every=0))
    assert wait(cramped_trainer(run))[0] == 1
    (failed,) = (event for event in events(run) if isinstance(event, Failed))
    assert failed.hint.startswith("No checkpoint has been saved yet.")


@pytest.mark.parametrize("batch_size", [3, 1])  # of one window one of them has none
def test_two_processes_give_the_curve_of_one(batch_size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    recipe = with_schedule(make_recipe(tmp_path), batch_size=batch_size, held_out_every=5)
    one = make_run(tmp_path, recipe, "one")
    assert Trainer(one.path).work() == 0
    two = make_run(tmp_path, with_computing(recipe, processes=2), "two")
    (tmp_path / "random.py").write_text("raise SystemExit('the wrong file was imported')")
    monkeypatch.chdir(tmp_path)
    process = start(two, Launch())
    assert process.wait() == 0, two.output.read_text()
    for (step, loss, norm, rate), (same, wanted, wanted_norm, wanted_rate) in zip(curve(two), curve(one), strict=True):
        assert (step, rate) == (same, wanted_rate)
        assert loss == pytest.approx(wanted, abs=1e-4)
        assert norm == pytest.approx(wanted_norm, rel=1e-2)
    assert two.progress().held_out[-1].held_out_loss == pytest.approx(
        one.progress().held_out[-1].held_out_loss, abs=1e-3
    )
    assert list_checkpoints(two.checkpoints)[-1].step == 10


def test_two_machines_that_see_one_folder_give_the_curve_of_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    recipe = with_schedule(make_recipe(tmp_path), batch_size=3, held_out_every=5)
    one = make_run(tmp_path, recipe, "one")
    assert Trainer(one.path).work() == 0
    two = make_run(tmp_path, recipe, "two")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        meeting = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "torch.distributed.run", "--nnodes", "2", "--nproc-per-node", "1"]
    command += ["--rdzv-backend", "c10d", "--rdzv-endpoint", meeting, "--rdzv-id", "two"]
    command += ["-m", "gpt2studio.training", str(two.path)]
    machines = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) for _ in range(2)]
    said = [wait(machine) for machine in machines]
    assert [status for status, _ in said] == [0, 0], said
    device = two.progress().device
    assert device is not None
    assert device.processes == 2
    for (step, loss, *_), (same, wanted, *_) in zip(curve(two), curve(one), strict=True):
        assert step == same
        assert loss == pytest.approx(wanted, abs=1e-4)
