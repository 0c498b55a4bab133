"""Small parts of the app: steps of undo, the window's rule, what the foot says, answers that come too late."""

import asyncio
from pathlib import Path

import pytest

from gpt2studio.app.engine.link import EngineState, Phase
from gpt2studio.app.engine.model_choice import ModelChoice
from gpt2studio.app.write import status
from gpt2studio.app.write.orders import Doing, Progress
from gpt2studio.app.write.tally import Count, Subject, Tally, seen_tokens
from gpt2studio.app.write.undo_steps import UndoSteps
from gpt2studio.engine.window import Window
from gpt2studio.errors import EngineError
from gpt2studio.wire.messages import Loaded, Started

LOADED = Loaded(
    id="1", model="/m", parameters=1, n_positions=8, vocabulary=2, end_token=0, device="cpu", dtype="float32",
    weights=4, seconds=0.1,
)  # fmt: skip
CHOICE = ModelChoice("toy", Path("/m"))


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def steps(edits: list[tuple[int, str, str]], pauses: dict[int, float] | None = None) -> list[bool]:
    clock = Clock()
    kept = UndoSteps(clock)
    joins = []
    for number, (at, removed, inserted) in enumerate(edits):
        clock.now += (pauses or {}).get(number, 0.1)
        joins.append(kept.joins(at, removed, inserted))
    return joins


def test_a_run_of_typing_is_one_step() -> None:
    assert steps([(0, "", "a"), (1, "", "b"), (2, "", "c")]) == [False, True, True]


def test_a_pause_a_jump_a_newline_and_a_paste_begin_another_step() -> None:
    assert steps([(0, "", "a"), (1, "", "b")], {1: 3.0}) == [False, False]
    assert steps([(0, "", "a"), (9, "", "b")]) == [False, False]
    assert steps([(0, "", "a"), (1, "", "\n"), (2, "", "b")]) == [False, False, False]
    assert steps([(0, "", "a"), (1, "", "pasted"), (7, "", "b")]) == [False, False, False]


def test_deleting_backwards_and_forwards_is_a_run_of_its_own() -> None:
    assert steps([(3, "d", ""), (2, "c", ""), (1, "b", "")]) == [False, True, True]
    assert steps([(1, "b", ""), (1, "c", "")]) == [False, True]
    assert steps([(0, "", "a"), (0, "a", "")]) == [False, False]


def test_a_long_run_is_cut_into_steps() -> None:
    joins = steps([(at, "", "x") for at in range(150)])
    assert joins.count(False) == 2


@pytest.mark.parametrize("n_positions", [1, 3, 8, 512, 1024])
def test_the_bar_follows_the_engines_window(n_positions: int) -> None:
    window = Window(n_positions)
    for tokens in range(3 * n_positions + 5):
        assert seen_tokens(tokens, n_positions) == tokens - window.start(tokens)


def test_the_foot_says_which_model_writes_and_how_fast() -> None:
    assert status.model(EngineState(), Progress()) == "no model · starting"
    loading = EngineState(Phase.LOADING, CHOICE, 0.43)
    assert status.model(loading, Progress()) == "toy · loading 43%"
    ready = EngineState(Phase.READY, CHOICE, 1.0, LOADED)
    assert status.model(ready, Progress(speed=57.2)) == "toy · cpu · float32 · 57 tokens/s"
    again = EngineState(Phase.STARTING, CHOICE, trouble=EngineError("gone"))
    assert status.doing(Progress(Doing.WAITING), again, (1, 1)) == "waiting for the model · starting again"
    assert status.model(EngineState(Phase.FAILED, CHOICE), Progress()) == "toy · not loaded"
    assert status.loading(ready) == "ready"


def test_the_border_says_what_the_model_is_at_and_where_in_the_branches_this_is() -> None:
    ready = EngineState(Phase.READY, CHOICE, 1.0, LOADED)
    assert status.doing(Progress(Doing.READING), ready, (1, 1)) == "reading"
    assert status.doing(Progress(Doing.WRITING, tokens=1), ready, (1, 1)) == "writing · 1 token"
    assert status.doing(Progress(finish="stopped"), ready, (2, 3)) == "stopped · branch 2 of 3"
    assert status.doing(Progress(finish="length"), ready, (1, 1)) == ""


def test_a_script_that_the_model_hardly_knows_is_told() -> None:
    seen = Started(id="1", tokens=1, window_start=0, window_tokens=1, reused=0, single_bytes=0.9)
    assert "hardly seen" in status.about_script(Progress(seen=seen))
    assert status.about_script(Progress()) == ""


async def test_words_and_tokens_are_counted_and_a_missing_vocabulary_is_no_fault(tmp_path: Path) -> None:
    storyteller = Path(__file__).parents[2] / "models" / "storyteller"
    told: list[Count] = []
    tally = Tally()
    await tally.count(Subject("Once upon a time there was", 9, storyteller, selection="a time"), told.append)
    await tally.count(Subject("one two", 3, tmp_path), told.append)
    await tally.count(Subject("", 0), told.append)
    assert told == [Count(6, 2, selected="2 words, 2 tokens selected"), Count(2, 0), Count(0, 0)]


async def test_only_the_newest_text_is_told_of() -> None:
    told: list[Count] = []
    tally = Tally()
    await asyncio.gather(*(tally.count(Subject("word " * number, 0), told.append) for number in range(20)))
    assert told[-1] == Count(19, 0)
    assert len(told) <= 2
