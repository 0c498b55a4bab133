"""The queue of runs: its order on disk, and a keeper that starts one after another."""

import json
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from gpt2studio.runs import queue
from gpt2studio.runs.directory import RunDirectory
from gpt2studio.runs.queue import Queue, place_of
from gpt2studio.runs.registry import Runs
from tests.training.small import make_recipe, make_run, trainer, wait

PATIENCE = 60.0


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path / "runs")


@pytest.fixture
def unkept(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Keepers that were asked for, none of which came."""
    asked: list[str] = []
    monkeypatch.setattr(queue, "detached", lambda command, output: asked.append(command[-1]))
    return asked


def three(folder: Path) -> list[RunDirectory]:
    recipe = make_recipe(folder)
    return [make_run(folder, recipe, f"run{number}") for number in (1, 2, 3)]


def names(queue: Queue) -> list[str]:
    return [run.name for run in queue.waiting()]


def test_runs_wait_in_the_order_in_which_they_came_until_one_is_put_first(
    tmp_path: Path, runs: Runs, unkept: list[str]
) -> None:
    waiting = Queue(runs)
    for run in three(tmp_path):
        waiting.add(run)
    assert names(waiting) == ["run1", "run2", "run3"]
    waiting.to_front(runs.find("run3"))
    waiting.to_front(runs.find("run2"))
    assert names(waiting) == ["run2", "run3", "run1"]
    waiting.take_out(runs.find("run2"))
    waiting.take_out(runs.find("run2"))
    assert names(waiting) == ["run3", "run1"]
    assert unkept == [str(runs.folder)] * 5


def test_a_damaged_mark_waits_at_the_end(tmp_path: Path, runs: Runs, unkept: list[str]) -> None:
    first, second, _ = three(tmp_path)
    waiting = Queue(runs)
    (first.path / "waiting.json").write_text("{")
    waiting.add(second)
    assert names(waiting) == ["run2", "run1"]
    waiting.to_front(first)
    assert names(waiting) == ["run1", "run2"]


def test_where_nothing_waits_nobody_keeps(runs: Runs, unkept: list[str]) -> None:
    Queue(runs).keep()
    Queue(runs).work()
    assert unkept == []


def test_a_second_keeper_leaves_at_once(tmp_path: Path, runs: Runs, unkept: list[str]) -> None:
    Queue(runs).add(three(tmp_path)[0])
    lock = Queue(runs)._lock
    with lock:
        assert lock.acquire()
        Queue(runs).keep()
        Queue(runs).work()
    assert len(unkept) == 1
    assert names(Queue(runs)) == ["run1"]


def test_waiting_runs_go_one_after_another_once_the_one_under_way_has_ended(tmp_path: Path, runs: Runs) -> None:
    first, second, third = three(tmp_path)
    process = trainer(first)
    _until(lambda: first.alive)
    waiting = Queue(runs)
    waiting.add(second)
    waiting.add(third)
    waiting.to_front(third)
    assert wait(process)[0] == 0
    _until(lambda: second.progress().complete and third.progress().complete)
    order = [run.progress() for run in (first, third, second)]
    for before, after in pairwise(order):
        assert before.finished is not None
        assert after.started is not None
        assert before.finished.time <= after.started.time
    _until(lambda: not names(waiting) and not Queue(runs)._lock.taken_elsewhere())


def test_a_run_that_cannot_be_started_does_not_hold_up_the_others(tmp_path: Path, runs: Runs) -> None:
    first, second, _ = three(tmp_path)
    waiting = Queue(runs)
    waiting.add(first)
    first.recipe_path.write_text("{")
    waiting.add(second)
    _until(lambda: second.progress().complete)
    assert place_of(first) is None


def test_a_lock_that_cannot_be_opened_does_not_hold_up_the_queue(tmp_path: Path, runs: Runs, unkept: list[str]) -> None:
    first, second, _ = three(tmp_path)
    first.lock.path.mkdir()  # as good as another user's
    Queue(runs).add(second)
    Queue(runs).work()
    assert place_of(second) is None
    _until(lambda: second.progress().complete)


def test_the_keeper_never_loads_torch(tmp_path: Path) -> None:
    import subprocess

    code = "import sys, json, gpt2studio.runs.queue; print(json.dumps('torch' in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert json.loads(done.stdout) is False


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it does not come to hold"
        time.sleep(0.05)
