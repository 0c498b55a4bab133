"""The table of runs: its columns, marks, and the order of those that wait."""

import re
from collections.abc import Sequence
from pathlib import Path

from textual.app import App, ComposeResult
from textual.widgets import OptionList, Static

from gpt2studio.app.train.table import RunsTable, cells, queue_places
from gpt2studio.app.train.watch import WatchedRun
from gpt2studio.runs.directory import RunDirectory
from gpt2studio.runs.events import Device, HeldOut, Started, Stepped
from gpt2studio.runs.progress import Progress


def run(name: str, *, steps: int = 0, alive: bool = False, place: float | None = None) -> WatchedRun:
    events = [
        Stepped(time=10.0 + step, step=step, loss=5.0 / step, lr=1e-3, grad_norm=1.0, tokens_per_second=1234.0)
        for step in range(1, steps + 1)
    ]
    progress = Progress()
    if steps:
        progress.add(Started(time=10.0, version="1", pid=1))
        progress.add(
            Device(
                time=10.0,
                device="cpu",
                label="CPU",
                memory=0,
                dtype="float32",
                processes=1,
                parameters=1,
                trained=1,
                steps=1000,
                tokens_per_step=1,
            )
        )
    for event in events:
        progress.add(event)
    if steps:
        progress.add(HeldOut(time=90.0, step=steps, held_out_loss=2.5))
    return WatchedRun(RunDirectory(Path(f"/runs/{name}")), None, progress, alive, place=place)


class Host(App[None]):
    def __init__(self, runs: Sequence[WatchedRun]) -> None:
        super().__init__()
        self.table = RunsTable(nothing="none")
        self.runs = runs

    def compose(self) -> ComposeResult:
        yield self.table

    def on_mount(self) -> None:
        self.table.show(self.runs)
        self.table.query_one(OptionList).focus()

    def rows(self) -> list[str]:
        options = self.table.query_one(OptionList)
        return [str(options.get_option_at_index(index).prompt) for index in range(options.option_count)]

    @property
    def titles(self) -> str:
        return str(self.table.query_one("#columns", Static).content)


def test_a_row_has_state_step_losses_curve_speed_and_date() -> None:
    row = cells(run("one", steps=4, alive=True), 0, now=10.0 + 7200)
    assert row == ["one", "running", "4/1,000", "2.59", "2.50 at 4", "█▄▂▁", "1,234", "2 hours ago"]


def test_a_run_that_has_not_begun_has_empty_cells() -> None:
    assert cells(run("one"), 0, now=0.0) == ["one", "new", "", "", "", "", "", ""]


def test_those_that_wait_are_numbered_by_their_place() -> None:
    runs = [run("a", place=3.0), run("b"), run("c", place=1.0), run("d", place=0.0, alive=True)]
    assert queue_places(runs) == {"c": 1, "a": 2}
    assert cells(runs[0], 2, now=0.0)[1] == "waiting, no. 2"


async def test_a_narrow_table_keeps_the_columns_that_matter_most() -> None:
    host = Host([run("a-rather-long-name", steps=400, alive=True), run("two", place=1.0)])
    async with host.run_test(size=(120, 10)) as pilot:
        assert "Tokens/s" in host.titles
        await pilot.resize_terminal(80, 10)
        await pilot.pause()
        assert host.titles.split("  ")[-1].strip()
        assert {"Run", "State", "Step", "Avg loss"} <= set(re.split(" {2,}", host.titles.strip()))
        assert max(len(row.rstrip()) for row in host.rows()) <= 80
        await pilot.resize_terminal(40, 10)
        await pilot.pause()
        assert re.split(" {2,}", host.titles.strip()) == ["Run", "State", "Step", "Avg loss"]


async def test_space_marks_two_and_a_third_lets_the_first_go() -> None:
    host = Host([run(name, steps=3) for name in ("one", "two", "three")])
    async with host.run_test(size=(80, 10)) as pilot:
        await pilot.press("space", "down", "space")
        assert host.table.marked == ["one", "two"]
        assert "c compares" in str(host.table.border_subtitle)
        await pilot.press("down", "space")
        assert host.table.marked == ["two", "three"]
        assert [row.startswith("●") for row in host.rows()] == [False, True, True]
        await pilot.press("space")
        assert host.table.marked == ["two"]
        host.table.show([run("one", steps=3)])
        assert host.table.marked == []


async def test_names_are_shown_and_never_read() -> None:
    host = Host([run("[red]x\x1b[2J", steps=3)])
    async with host.run_test(size=(80, 10)):
        assert "[red]x␛[2J" in host.rows()[0]
