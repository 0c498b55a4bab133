"""Runs compared in pairs, and those that wait, from the Train screen."""

from pathlib import Path

import pytest

from gpt2studio.app.palette import carry_out
from gpt2studio.app.train.compare import CompareRunsScreen
from gpt2studio.app.train.new import runs as new_runs
from gpt2studio.app.train.new.screen import NewRunScreen
from gpt2studio.runs.launch import Launch
from gpt2studio.runs.queue import Queue
from gpt2studio.runs.registry import Runs
from tests.app.studios import Setup, opened
from tests.app.train.logged_runs import LoggedRun
from tests.app.train.test_train import training


async def test_two_marked_runs_are_compared_in_one_chart_and_escape_leaves(tmp_path: Path) -> None:
    for name in ("one", "two"):
        logged = LoggedRun(tmp_path / "runs", name)
        logged.begin()
        logged.step(1, 20)
        logged.end(20)
    async with training(tmp_path, (80, 24)) as (bench, _):
        await bench.pilot.press("space", "down", "space", "c")
        await bench.until(lambda: isinstance(bench.studio.screen, CompareRunsScreen))
        await bench.shows("All settings are the same.")
        first, second = bench.studio.runs.runs
        assert f"━◆ {first.name}   ━◇ {second.name}" in bench.screen_text()  # over the chart
        assert f"◆ {first.name}" in bench.screen_text().split("What differs")[1]
        await bench.pilot.press("y", "z", "escape")
        assert not isinstance(bench.studio.screen, CompareRunsScreen)


async def test_waiting_runs_are_put_first_taken_out_and_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    monkeypatch.setattr(Queue, "keep", lambda self: None)
    monkeypatch.setattr(new_runs, "start", lambda run, launch: started.append(run.name) if launch == DETACHED else None)
    for name in ("one", "two"):
        LoggedRun(tmp_path / "runs", name)
    queue = Queue(Runs(tmp_path / "runs"))
    async with training(tmp_path, (80, 24)) as (bench, screen):
        first, second = (run.name for run in bench.studio.runs.runs)
        await bench.pilot.press("a")
        await bench.shows("waiting, next")
        await bench.pilot.press("down", "a")
        await bench.shows("waiting, no. 2")
        assert [run.name for run in queue.waiting()] == [first, second]
        await bench.pilot.press("f")
        await bench.until(lambda: [run.name for run in queue.waiting()] == [second, first])
        await bench.pilot.press("a")
        await bench.until(lambda: [run.name for run in queue.waiting()] == [first])
        await bench.until(lambda: screen.run_in_view is not None and not screen.run_in_view.waits)
        await bench.pilot.press("b")
        await bench.until(lambda: started == [second])


async def test_the_palette_begins_a_run_from_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    monkeypatch.setattr(new_runs, "start", lambda run, launch: started.append(run.name))
    LoggedRun(tmp_path / "runs", "one")
    async with opened(Setup(tmp_path)) as bench:
        await bench.until(lambda: bench.studio.runs.looked)
        await carry_out(bench.studio, "begin_run")
        await bench.until(lambda: started == ["one"])
        assert bench.told == ""


async def test_n_opens_the_form(tmp_path: Path) -> None:
    async with training(tmp_path, (80, 24)) as (bench, _):
        await bench.pilot.press("n")
        await bench.until(lambda: isinstance(bench.studio.screen, NewRunScreen))


DETACHED = Launch(detach=True)
