"""Two runs beside each other: what differs in their settings, and what came of them."""

from dataclasses import replace
from pathlib import Path

from gpt2studio.app.train.differences import Difference, differences, results
from gpt2studio.app.train.watch import WatchedRun
from gpt2studio.runs.directory import RunDirectory
from gpt2studio.runs.events import HeldOut, Stepped
from gpt2studio.runs.progress import Progress
from gpt2studio.runs.recipe import Optimization, Recipe, Texts

ONE = Recipe(model="/models/toy", parent="toy", texts=Texts(paths=("/texts/a.txt",)))


def test_settings_that_are_the_same_are_left_out() -> None:
    assert differences(ONE, ONE) == []
    assert differences(ONE, None) == []


def test_settings_that_differ_stand_in_the_forms_words_and_order() -> None:
    other = replace(
        ONE,
        parent="124M",
        seed=7,
        texts=Texts(paths=("/texts/a.txt", "/b.txt"), lines=True),
        optimization=Optimization(trained="lora", learning_rate=1e-3),
    )
    assert differences(ONE, other) == [
        Difference("Text", "a.txt", "2 texts: a.txt, b.txt"),
        Difference("Model", "toy", "124M"),
        Difference("Learning rate", "by the model", "0.001"),
        Difference("Seed", "0", "7"),
        Difference("Train", "all weights", "LoRA"),
        Difference("Line by line", "no", "yes"),
    ]


def test_results_stand_side_by_side() -> None:
    step = Stepped(time=1.0, step=3, loss=2.5, lr=1e-3, grad_norm=1.0, tokens_per_second=10.0)
    one = WatchedRun(RunDirectory(Path("one")), ONE)
    other = WatchedRun(RunDirectory(Path("two")), ONE, Progress([step, HeldOut(time=2.0, step=3, held_out_loss=2.75)]))
    rows = {each.label: (each.one, each.other) for each in results(one, other)}
    assert rows["Step"] == ("0", "3")
    assert rows["Avg loss"] == ("–", "2.50")
    assert rows["Best held out"] == ("–", "2.750 at 3")
