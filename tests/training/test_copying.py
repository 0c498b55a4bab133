"""The memorisation meter of a run: a model that learns its text by heart copies it, and the figures say so."""

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gpt2studio.retrieval.scanning import scanned
from gpt2studio.runs.events import Sampled
from gpt2studio.runs.recipe import Samples
from gpt2studio.text.tokenizer import Tokenizer
from gpt2studio.training import copying
from gpt2studio.training.copying import CopyMeter
from gpt2studio.training.trainer import Trainer
from gpt2studio.wire.sampling import Sampling
from tests.training.small import TEXT, make_model, make_recipe, make_run, with_schedule


def sample(text: str, step: int = 1) -> Sampled:
    return Sampled(time=0.0, step=step, number=0, prompt="", seed=1, text=text, finish="length")


@pytest.fixture
def tokenizer(tmp_path: Path) -> Tokenizer:
    return Tokenizer.of_folder(make_model(tmp_path / "tiny"))


def test_what_stands_in_the_text_is_measured_and_named(tokenizer: Tokenizer) -> None:
    meter = CopyMeter(np.array(tokenizer.encode(TEXT), np.uint16), tokenizer)
    meter.take([sample("xyz The mayor had heard the speech. 77"), sample("~~~"), sample("")])
    copied, strange, empty = meter.ready(None)
    assert copied.copied_text == " had heard the speech."
    assert copied.copied_tokens == len(copied.copied_text)  # a token here is a character
    grams = [copied.text[at : at + 8] for at in range(len(copied.text) - 7)]
    assert copied.copied_share == sum(gram in TEXT for gram in grams) / len(grams)
    assert 0 < copied.copied_share < 1
    assert (strange.copied_tokens, strange.copied_share, strange.copied_text) == (0, 0.0, "")
    assert (empty.copied_tokens, empty.copied_share) == (0, 0.0)


def test_a_long_text_is_not_waited_for_and_samples_keep_their_order(
    tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = threading.Event()

    def slow(*arguments: object) -> object:
        assert read.wait(60)
        return scanned(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(copying, "scanned", slow)
    meter = CopyMeter(np.array(tokenizer.encode(TEXT), np.uint16), tokenizer)
    meter.take([sample("The baker", step=1)])
    meter.take([sample("The mayor", step=2)])
    assert list(meter.ready(0.0)) == []
    read.set()
    assert [each.step for each in meter.ready(None)] == [1, 2]


def test_want_of_memory_costs_the_figures_alone(tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> object:
        raise MemoryError

    monkeypatch.setattr(copying, "scanned", full)
    meter = CopyMeter(np.array(tokenizer.encode(TEXT), np.uint16), tokenizer)
    meter.take([sample("The baker")])
    assert list(meter.ready(None)) == [sample("The baker")]


def test_copying_rises_where_a_text_is_learned_by_heart(tmp_path: Path) -> None:
    recipe = with_schedule(make_recipe(tmp_path), steps=120, held_out_every=0, batch_size=8)
    greedy = Samples(every=60, prompts=("The ",), length=40, sampling=Sampling(temperature=0.0))
    run = make_run(tmp_path, replace(recipe, samples=greedy))
    assert Trainer(run.path).work() == 0
    progress = run.progress()
    assert [each.step for each in progress.copying] == [0, 60, 120]
    assert progress.copying[-1].share > progress.copying[0].share
    assert progress.copying[-1].longest > progress.copying[0].longest
    assert progress.copying[-1].text in TEXT
