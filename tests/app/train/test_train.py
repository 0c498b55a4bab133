"""The Train screen: a run watched, steered, and written with."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gpt2studio.app.dialogs.ask import AskScreen
from gpt2studio.app.dialogs.confirm import ConfirmScreen
from gpt2studio.app.engine.model_choice import Kind
from gpt2studio.app.train.pane import RunsPane
from gpt2studio.app.train.screen import TrainScreen
from gpt2studio.app.train.view import NOTHING
from gpt2studio.files import write_whole
from gpt2studio.runs.control import ChangeRate, EndRun, GoOn, Pause, SampleNow, SaveNow
from gpt2studio.runs.queue import Queue
from gpt2studio.runs.registry import Runs
from gpt2studio.runs.standing import Standing
from gpt2studio.wire.messages import Failed
from tests.app.studios import Bench, Setup, opened
from tests.app.train.logged_runs import ListeningRun, LoggedRun, held_out, sampled, saved

WIDE = (120, 40)


@asynccontextmanager
async def training(home: Path, size: tuple[int, int] = WIDE) -> AsyncIterator[tuple[Bench, TrainScreen]]:
    """A studio with its Train screen in view."""
    async with opened(Setup(home, size=size)) as bench:
        await bench.until(lambda: bench.studio.runs.looked)
        await bench.pilot.press("f4")
        await bench.until(lambda: isinstance(bench.studio.screen, TrainScreen))
        await bench.pilot.pause()
        yield bench, bench.studio.train


def a_day(home: Path) -> ListeningRun:
    """A run that is under way at step 30, with all that one may have."""
    logged = ListeningRun(home / "runs")
    logged.begin()
    for step in (0, 10, 20, 30):
        if step:
            logged.step(step - 9, step)
        logged.say(held_out(step, 4.0 - step / 20), sampled(step, f"written at {step}"))
    logged.say(saved(30, best=True))
    return logged


async def test_without_runs_there_is_a_word_on_how_to_begin(tmp_path: Path) -> None:
    async with training(tmp_path, (80, 24)) as (bench, _):
        await bench.shows(NOTHING.splitlines()[0])
        assert bench.screen_text().count("begins one") == 1
        await bench.shows("f2 Write")


@pytest.mark.parametrize("key", ["f3", "f4"])
async def test_the_way_back_to_the_page_and_to_help_stands_in_the_footer_at_80_columns(
    tmp_path: Path, key: str
) -> None:
    a_day(tmp_path)
    async with opened(Setup(tmp_path)) as bench:
        await bench.until(lambda: bench.studio.runs.looked)
        await bench.pilot.press(key)
        await bench.until(
            lambda: "f2 Write" in bench.screen_text() and "f1 Help" in bench.screen_text().splitlines()[-1]
        )


async def test_a_run_is_shown_with_its_curve_numbers_samples_and_log(tmp_path: Path) -> None:
    a_day(tmp_path)
    async with training(tmp_path) as (bench, _):
        await bench.shows("[30 | ")  # the log is scrolled to its end a moment later
        shown = bench.screen_text()
        for words in (
            "run1  running · 30 of 100",
            "storyteller on pier-nine.txt · CPU, 2 threads · float32",
            "smoothed",
            "★",
            "learning rate 5e-4",
            "tokens/s 5,000",
            "memory 1.1 GB",
            "Sample at step 30  (4 of 4)",
            "written at 30",
            "[30 | ",
            "checkpoints/step-000030",
        ):
            assert words in shown, words


async def test_the_view_follows_the_run(tmp_path: Path) -> None:
    logged = a_day(tmp_path)
    async with training(tmp_path) as (bench, _):
        logged.step(31, 40)
        logged.say(sampled(40, "more of it"))
        await bench.until(lambda: "40 of 100" in bench.screen_text() and "more of it" in bench.screen_text())
        logged.end(40, "steps")
        await bench.shows("run1  complete")
        await bench.until(lambda: "run1 is complete" in bench.told)


async def test_samples_are_scrubbed_through_and_the_chart_shows_where(tmp_path: Path) -> None:
    logged = a_day(tmp_path)
    async with training(tmp_path) as (bench, train):
        await bench.pilot.press("left_square_bracket", "left_square_bracket")
        await bench.shows("written at 10")
        assert train.view.chart.sample == 10
        logged.say(sampled(40, "later"))
        await bench.shows("(2 of 5)")
        await bench.shows("written at 10")
        train.view.samples.focus()
        await bench.pilot.press("left")
        await bench.shows("written at 0")
        await bench.pilot.press(*["right"] * 9)
        await bench.shows("later")
        assert train.view.chart.sample == 40


async def test_the_arrows_show_values_along_the_curve(tmp_path: Path) -> None:
    a_day(tmp_path)
    async with training(tmp_path) as (bench, train):
        train.view.chart.focus()
        await bench.pilot.press("left")
        await bench.shows("step 30 · loss ")
        await bench.pilot.press("home")
        await bench.shows("step 1 · loss 4.000")
        await bench.pilot.press("escape")
        assert train.view.chart.cursor is None
        assert isinstance(bench.studio.screen, TrainScreen)
        await bench.pilot.hover(train.view.chart, (40, 6))
        assert train.view.chart.cursor is not None


async def test_zoom_and_log_axis_are_told_in_the_title(tmp_path: Path) -> None:
    a_day(tmp_path)
    async with training(tmp_path) as (bench, _):
        await bench.pilot.press("z", "y")
        await bench.shows("Loss · last quarter · log axis")
        await bench.pilot.press("z", "z", "y")
        assert "last" not in bench.screen_text().split("smoothed")[0].rpartition("Loss")[2]


async def test_pause_go_on_sample_save_and_stop_are_asked_of_the_trainer(tmp_path: Path) -> None:
    logged = a_day(tmp_path)
    async with training(tmp_path) as (bench, train):

        def stands(at: Standing) -> bool:
            run = train.run_in_view
            return run is not None and run.standing is at

        await bench.pilot.press("p")
        await bench.until(lambda: stands(Standing.PAUSED))
        await bench.pilot.press("p")
        await bench.until(lambda: stands(Standing.RUNNING))
        await bench.pilot.press("g", "s")
        await bench.until(lambda: "saved at step 7" in bench.told)
        await bench.pilot.press("x")
        await bench.until(lambda: stands(Standing.STOPPED))
        kinds = [type(request) for request in logged.asked]
        assert kinds[:2] == [Pause, GoOn]
        assert set(kinds[2:4]) == {SampleNow, SaveNow}
        assert kinds[4:] == [EndRun]


async def test_a_learning_rate_is_asked_for_and_told_to_the_trainer(tmp_path: Path) -> None:
    logged = a_day(tmp_path)
    async with training(tmp_path) as (bench, _):
        await bench.pilot.press("l")
        await bench.until(lambda: isinstance(bench.studio.screen, AskScreen))
        await bench.pilot.press(*["backspace"] * 8, "3", "e", "minus", "4", "enter")
        await bench.until(lambda: bool(logged.asked))
        (asked,) = logged.asked
        assert isinstance(asked, ChangeRate)
        assert asked.learning_rate == 3e-4


async def test_what_is_no_learning_rate_is_told_as_such(tmp_path: Path) -> None:
    logged = a_day(tmp_path)
    async with training(tmp_path) as (bench, _):
        await bench.pilot.press("l")
        await bench.until(lambda: isinstance(bench.studio.screen, AskScreen))
        await bench.pilot.press("x", "enter")
        await bench.until(lambda: "no such number" in bench.told)
        assert not logged.asked


async def test_what_the_trainer_refuses_is_told(tmp_path: Path) -> None:
    logged = a_day(tmp_path)
    logged.refusal = Failed(id="", message="The disk is full.", hint="Make room.")
    async with training(tmp_path) as (bench, _):
        await bench.pilot.press("s")
        await bench.until(lambda: "The disk is full. Make room." in bench.told)


async def test_a_trainer_that_does_not_listen_yet_is_told_of(tmp_path: Path) -> None:
    logged = LoggedRun(tmp_path / "runs")
    logged.begin()
    async with training(tmp_path) as (bench, _):
        await bench.pilot.press("p")
        await bench.until(lambda: "still getting ready" in bench.told)


async def test_a_killed_run_says_so_and_offers_half_the_micro_batch(tmp_path: Path) -> None:
    logged = a_day(tmp_path)
    async with training(tmp_path) as (bench, train):
        logged.kill()
        await bench.until(lambda: "run1: killed at step 30" in bench.told)
        await bench.shows("Its trainer was killed")
        logged.run.recipe_path.write_bytes(
            json.dumps({**json.loads(logged.run.recipe_path.read_bytes()), "computing": {"micro_batch": 8}}).encode()
        )
        await bench.pilot.press("r")
        await bench.until(lambda: isinstance(bench.studio.screen, AskScreen))
        await bench.pilot.pause()
        await bench.shows("windows at once (it had 8)")
        await bench.shows("4")
        await bench.pilot.press("escape")
        assert train.run_in_view is not None


async def test_a_run_is_removed_once_the_person_is_sure(tmp_path: Path) -> None:
    logged = a_day(tmp_path)
    logged.end(30)
    async with training(tmp_path) as (bench, _):
        for answer in ("escape", "y"):
            await bench.pilot.press("d")
            await bench.until(lambda: isinstance(bench.studio.screen, ConfirmScreen))
            assert logged.run.path.exists()
            await bench.pilot.press(answer)
            await bench.pilot.pause()
        await bench.until(lambda: not logged.run.path.exists())
        await bench.until(lambda: NOTHING.splitlines()[0] in bench.screen_text())


async def test_keys_that_have_nothing_to_do_are_not_offered(tmp_path: Path) -> None:
    logged = a_day(tmp_path)
    async with training(tmp_path) as (bench, train):
        await bench.until(lambda: "Pause" in bench.screen_text().splitlines()[-1])
        assert "Resume" not in bench.screen_text().splitlines()[-1]
        logged.end(30)
        await bench.until(lambda: "Resume" in bench.screen_text().splitlines()[-1])
        assert "Pause" not in bench.screen_text().splitlines()[-1]
        assert not train.check_action("pause", ())
        assert train.check_action("write_with", ())


async def test_the_keys_of_a_run_under_way_have_room_on_a_narrow_screen(tmp_path: Path) -> None:
    a_day(tmp_path)
    async with training(tmp_path, (80, 24)) as (bench, _):
        await bench.until(lambda: bench.screen_text().splitlines()[-1].endswith("f1 Help"))


async def test_a_run_without_a_checkpoint_is_not_offered_to_write_with(tmp_path: Path) -> None:
    logged = LoggedRun(tmp_path / "runs")
    logged.begin()
    async with training(tmp_path) as (_, train):
        assert train.check_action("write_with", ())
        logged.kill()
        await train.look_again()
        assert not train.check_action("write_with", ())


async def test_a_run_under_way_is_in_view_among_many(tmp_path: Path) -> None:
    runs = [LoggedRun(tmp_path / "runs", f"run{number}") for number in range(8)]
    runs[2].begin()
    async with training(tmp_path, (80, 24)) as (bench, train):
        await bench.pilot.pause()
        assert train.run_in_view is not None
        assert train.run_in_view.name == "run2"
        assert "▶ run2" in "\n".join(bench.screen_text().splitlines()[:6])


async def test_a_run_that_waits_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Queue, "keep", lambda self: None)
    logged = LoggedRun(tmp_path / "runs")
    Queue(Runs(tmp_path / "runs")).add(logged.run)
    async with training(tmp_path) as (bench, _):
        await bench.shows("… run1  waiting")
        assert "new" not in bench.screen_text().splitlines()[5]


async def test_a_live_run_writes_with_its_weights_of_now(tmp_path: Path) -> None:
    a_day(tmp_path)
    async with training(tmp_path) as (bench, _):
        await bench.pilot.press("w")
        await bench.pilot.pause()
        choice = bench.studio.link.state.choice
        assert choice is not None
        assert choice.kind is Kind.LIVE
        assert bench.studio.screen is bench.write
        await bench.shows("run1, step 30, live")


async def test_an_ended_run_writes_with_its_best_checkpoint(tmp_path: Path) -> None:
    logged = a_day(tmp_path)
    for step, loss in ((10, 3.0), (20, 2.0), (30, 2.5)):
        card = {"held_out_loss": loss, "step": step}
        write_whole(logged.run.checkpoints / f"step-{step:06}" / "studio.json", json.dumps(card).encode())
    logged.end(30)
    async with training(tmp_path) as (bench, _):
        await bench.pilot.press("enter")
        await bench.pilot.pause()
        choice = bench.studio.link.state.choice
        assert choice is not None
        assert (choice.name, choice.path.name, choice.kind) == ("run1", "step-000020", Kind.FILES)
        assert bench.studio.memory.memory.model == "run1"


async def test_a_run_without_a_checkpoint_cannot_write_and_says_so(tmp_path: Path) -> None:
    logged = a_day(tmp_path)
    logged.end(30)
    async with training(tmp_path) as (bench, _):
        await bench.pilot.press("w")
        await bench.until(lambda: "has no checkpoint yet" in bench.told)


async def test_a_sample_opens_as_a_story_in_the_models_ink(tmp_path: Path) -> None:
    a_day(tmp_path)
    async with training(tmp_path) as (bench, _):
        await bench.pilot.press("left_square_bracket", "o")
        await bench.until(lambda: bench.studio.screen is bench.write)
        await bench.pilot.pause()
        assert bench.text == bench.by_model == "written at 20"


async def test_the_runs_dock_opens_a_run_in_full(tmp_path: Path) -> None:
    LoggedRun(tmp_path / "runs", "older")
    a_day(tmp_path)
    async with opened(Setup(tmp_path, size=WIDE)) as bench:
        await bench.shows("30 of 100")
        dock = bench.write.runs_dock
        run = bench.studio.runs.find("run1")
        assert run is not None
        assert f"avg {run.progress.average:.2f}" in bench.screen_text()  # the table's figure, and no other
        dock.look_at("older")
        dock.post_message(RunsPane.Chosen("older"))
        await bench.until(lambda: isinstance(bench.studio.screen, TrainScreen))
        await bench.shows("older  new")


async def test_on_a_narrow_screen_a_line_shows_the_run_that_goes(tmp_path: Path) -> None:
    logged = a_day(tmp_path)
    async with opened(Setup(tmp_path)) as bench:
        await bench.shows("run1  30 of 100")
        logged.end(30)
        await bench.until(lambda: "30 of 100" not in bench.screen_text())


async def test_on_a_narrow_screen_the_log_takes_the_place_of_the_samples(tmp_path: Path) -> None:
    a_day(tmp_path)
    async with training(tmp_path, (80, 24)) as (bench, _):
        assert "[30 | " not in bench.screen_text()
        await bench.pilot.press("v")
        await bench.pilot.pause()
        await bench.shows("[30 | ")
        assert "written at 30" not in bench.screen_text()


async def test_text_from_a_run_is_never_obeyed(tmp_path: Path) -> None:
    logged = a_day(tmp_path)
    logged.say(sampled(40, "[red]\x1b[31m [@click=app.quit]x[/]"))
    async with training(tmp_path) as (bench, _):
        await bench.shows("[red]␛[31m [@click=app.quit]x[/]")
