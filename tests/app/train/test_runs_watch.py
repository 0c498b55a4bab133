"""The fold over all runs: what each look brings, whoever writes the logs."""

import asyncio
import shutil
from pathlib import Path

import pytest

from gpt2studio.app.train import watch as runs_watch
from gpt2studio.app.train.watch import News, RunsWatch
from gpt2studio.runs.events import Paused, Resumed, WentOn
from gpt2studio.runs.registry import Runs
from gpt2studio.runs.standing import Standing
from tests.app.train.logged_runs import LoggedRun, sampled, stepped


def watching(folder: Path) -> tuple[RunsWatch, list[News]]:
    watch = RunsWatch(Runs(folder))
    news: list[News] = []
    watch.on_news.append(news.append)
    return watch, news


async def test_an_empty_folder_is_told_once(tmp_path: Path) -> None:
    watch, news = watching(tmp_path / "nowhere")
    await watch.look()
    await watch.look()
    assert [each.listed for each in news] == [True]
    assert watch.runs == ()


async def test_each_look_brings_what_is_new_and_only_that(tmp_path: Path) -> None:
    logged = LoggedRun(tmp_path)
    watch, news = watching(tmp_path)
    await watch.look()
    assert [run.standing for run in watch.runs] == [Standing.NEW]
    logged.begin()
    logged.step(1, 3)
    await watch.look()
    (run,) = watch.runs
    assert run.standing is Standing.RUNNING
    assert run.progress.step == 3
    assert news[-1].turns[0].now is Standing.RUNNING
    before = len(news)
    await watch.look()
    assert len(news) == before
    logged.step(4, 5)
    await watch.look()
    assert watch.runs[0] is run
    assert [event.time for event in news[-1].events["run1"]] == [1004.0, 1005.0]
    assert news[-1].changed == {"run1"}
    assert run.lines[-1].startswith("[5 | ")


async def test_a_pause_a_kill_and_an_end_are_turns(tmp_path: Path) -> None:
    logged = LoggedRun(tmp_path)
    logged.begin()
    watch, news = watching(tmp_path)
    await watch.look()
    assert news[-1].turns == ()
    logged.say(Paused(time=1.0, step=0))
    await watch.look()
    logged.say(WentOn(time=2.0, step=0))
    await watch.look()
    logged.kill()
    await watch.look()
    logged.begin()
    logged.end(7, "steps")
    await watch.look()
    turns = [(turn.before, turn.now) for each in news for turn in each.turns]
    assert turns == [
        (Standing.RUNNING, Standing.PAUSED),
        (Standing.PAUSED, Standing.RUNNING),
        (Standing.RUNNING, Standing.KILLED),
        (Standing.KILLED, Standing.COMPLETE),
    ]


async def test_the_runs_under_way_stand_before_those_made_after_them(tmp_path: Path) -> None:
    first = LoggedRun(tmp_path, "first")
    for name in ("second", "third"):
        LoggedRun(tmp_path, name)
    watch, news = watching(tmp_path)
    await watch.look()
    newest = [run.name for run in watch.runs]
    first.begin()
    await watch.look()
    assert [run.name for run in watch.runs] == ["first", *(name for name in newest if name != "first")]
    assert news[-1].listed
    first.kill()
    await watch.look()
    assert [run.name for run in watch.runs] == newest


async def test_a_resume_takes_later_steps_back(tmp_path: Path) -> None:
    logged = LoggedRun(tmp_path)
    logged.begin()
    logged.step(1, 9)
    watch, _ = watching(tmp_path)
    await watch.look()
    logged.say(Resumed(time=1.0, step=4), stepped(5, 1.0))
    await watch.look()
    assert list(watch.runs[0].progress.curve.steps) == [1, 2, 3, 4, 5]


async def test_a_half_written_line_waits_for_its_end(tmp_path: Path) -> None:
    logged = LoggedRun(tmp_path)
    logged.begin()
    watch, _ = watching(tmp_path)
    await watch.look()
    whole = b'{"event":"step","time":1.0,"step":1,"loss":2.0,"lr":0.1,"grad_norm":null,"tokens_per_second":9.0}\n'
    with logged.run.log.path.open("ab") as file:
        file.write(whole[:40])
        file.flush()
        await watch.look()
        assert watch.runs[0].progress.step == 0
        file.write(whole[40:])
    await watch.look()
    assert watch.runs[0].progress.step == 1


async def test_runs_come_and_go_and_one_of_the_same_name_is_another(tmp_path: Path) -> None:
    first = LoggedRun(tmp_path, "first")
    first.begin()
    first.step(1, 50)
    first.end(50)
    watch, news = watching(tmp_path)
    await watch.look()
    LoggedRun(tmp_path, "second")
    await watch.look()
    assert {run.name for run in watch.runs} == {"first", "second"}
    assert news[-1].listed
    shutil.rmtree(tmp_path / "second")
    shutil.rmtree(tmp_path / "first")
    again = LoggedRun(tmp_path, "first")
    again.begin()
    again.step(1, 2)
    await watch.look()
    (run,) = watch.runs
    assert list(run.progress.curve.steps) == [1, 2]


async def test_a_long_log_is_folded_whole(tmp_path: Path) -> None:
    logged = LoggedRun(tmp_path)
    logged.begin()
    watch, _ = watching(tmp_path)
    await watch.look()
    logged.step(1, 9000)
    await watch.look()
    await watch.look()
    (run,) = watch.runs
    assert len(run.progress.curve) == 9000
    assert len(run.lines) == runs_watch.LINES


async def test_runs_with_short_logs_do_not_wait_for_one_with_a_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs_watch, "_TURN", 0.0)
    for name, steps in (("long", 3000), ("short", 3)):
        logged = LoggedRun(tmp_path, name)
        logged.begin()
        logged.step(1, steps)
        logged.end(steps)
    watch, _ = watching(tmp_path)
    await watch.look()
    assert [run.name for run in watch.runs] == ["short"]
    await watch.look()
    assert {run.name: run.progress.step for run in watch.runs} == {"long": 3000, "short": 3}


async def test_a_line_that_is_longer_than_a_portion_holds_nothing_up(tmp_path: Path) -> None:
    logged = LoggedRun(tmp_path)
    logged.begin()
    watch, _ = watching(tmp_path)
    await watch.look()
    logged.say(sampled(1, "é" * 200_000), stepped(2, 1.0))
    await watch.look()
    await watch.look()
    assert watch.runs[0].progress.step == 2


async def test_a_damaged_recipe_hides_no_run(tmp_path: Path) -> None:
    logged = LoggedRun(tmp_path)
    logged.run.recipe_path.write_text("{")
    watch, _ = watching(tmp_path)
    await watch.look()
    assert watch.runs[0].recipe is None


async def test_what_a_file_holds_is_safe_to_show(tmp_path: Path) -> None:
    logged = LoggedRun(tmp_path)
    logged.begin()
    logged.say(stepped(1, 2.0))
    with logged.run.log.path.open("ab") as file:
        file.write(b'{"event":"note","time":1.0,"message":"\\u001b[31mred"}\n')
    watch, _ = watching(tmp_path)
    await watch.look()
    assert "\x1b" not in "".join(watch.runs[0].lines)


async def test_it_looks_again_until_it_is_cancelled(tmp_path: Path) -> None:
    watch, news = watching(tmp_path)
    told = asyncio.Event()
    watch.on_news.append(lambda each: told.set())
    watching_task = asyncio.create_task(watch.watch())
    await asyncio.wait_for(told.wait(), 20)
    watching_task.cancel()
    assert news[0].listed
