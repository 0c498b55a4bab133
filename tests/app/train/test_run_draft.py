"""From what stands in the form of a new run to a recipe: defaults, numbers, and what means nothing."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2studio.app.train.new.draft import Draft, FieldFault, advice, default, facts_of, suited
from gpt2studio.app.train.new.fields import FIELDS, FIRST, MORE, RATE, SAMPLES, SAVES, STEPS, Entry
from gpt2studio.runs.counting import Counted
from gpt2studio.runs.defaults import settled
from gpt2studio.runs.recipe import Recipe

COUNTED = Counted(
    parameters=7_098_368,
    n_positions=1024,
    n_embd=256,
    documents=1,
    duplicates=0,
    tokens=22_739,
    held_out_tokens=1_196,
    overlap=0.0,
)


def draft(**values: str) -> Draft:
    named = {name.replace("__", "."): value for name, value in values.items()}
    return Draft(texts=("/texts/a.txt",), model=Path("/models/toy"), parent="toy", values=named)


def recipe(**values: str) -> Recipe:
    return draft(**values).recipe()


def test_the_first_fields_are_those_of_2019_in_their_order() -> None:
    assert [field.label for field in FIRST] == [
        "Text",
        "Model",
        "Run name",
        "Start from",
        "Steps",
        "Learning rate",
        "Sample every",
        "Save every",
    ]


def test_what_is_left_empty_is_the_recipes_own() -> None:
    bare = recipe()
    assert bare == Recipe(model="/models/toy", parent="toy", texts=bare.texts)
    assert bare.texts.paths == ("/texts/a.txt",)


def test_what_is_typed_and_chosen_is_in_the_recipe() -> None:
    made = recipe(
        schedule__steps="1,200",
        optimization__learning_rate="5e-4",
        optimization__trained="lora",
        texts__lines="True",
        texts__separator="2019",
        samples__prompts="MARGO: | TOBY:",
        samples__sampling__temperature="0.7",
        optimization__betas="0.9 0.95",
        computing__checkpointing="True",
    )
    assert made.schedule.steps == 1200
    assert made.optimization.learning_rate == 5e-4
    assert made.optimization.trained == "lora"
    assert made.texts.lines
    assert made.texts.separator == "2019"
    assert made.samples.prompts == ("MARGO:", "TOBY:")
    assert made.samples.sampling.temperature == 0.7
    assert made.optimization.betas == (0.9, 0.95)
    assert made.computing.checkpointing


@pytest.mark.parametrize(
    ("id", "text", "said"),
    [
        (STEPS, "abc", "Steps: “abc” is no whole number."),
        (STEPS, "0", "That number of steps cannot be used."),
        (RATE, "fast", "Learning rate: “fast” is no number."),
        (RATE, "nan", "Learning rate: “nan” is no number."),
        (RATE, "-1", "That learning rate cannot be used."),
        ("name", "../up", "“../up” cannot be a run's name."),
        ("optimization.betas", "0.9", "Betas: “0.9” are not two numbers."),
        ("texts.held_out", "1", "That held-out share cannot be used."),
    ],
)
def test_what_means_nothing_is_told_with_its_field(id: str, text: str, said: str) -> None:
    wrong = Draft(texts=("/a.txt",), model=Path("/m"), parent="m", values={id: text, "seed": "3"})
    assert [(fault.id, fault.message) for fault in wrong.faults()] == [(id, said)]
    assert all(fault.hint for fault in wrong.faults())
    with pytest.raises(FieldFault):
        wrong.recipe()


@given(st.dictionaries(st.sampled_from(sorted(FIELDS)), st.text(max_size=8)))
def test_no_text_in_any_field_is_more_than_a_fault(values: dict[str, str]) -> None:
    typed = {id: text for id, text in values.items() if FIELDS[id].choices is None}
    tried = Draft(texts=("/a.txt",), model=Path("/m"), parent="m", values=typed)
    if not tried.faults():
        assert isinstance(tried.recipe(), Recipe)


@given(st.sampled_from([id for id, field in FIELDS.items() if field.choices]), st.integers(0, 5))
def test_every_choice_makes_a_recipe(id: str, number: int) -> None:
    choices = list(FIELDS[id].choices or {})
    tried = Draft(texts=("/a.txt",), model=Path("/m"), parent="m", values={id: choices[number % len(choices)]})
    assert tried.faults() == []
    assert isinstance(tried.recipe(), Recipe)


def test_the_first_of_every_choice_is_the_recipes_default() -> None:
    for id, field in FIELDS.items():
        if field.choices and "." in id:
            assert default(id, recipe()) == next(iter(field.choices)), id


def test_every_field_says_its_default_and_a_line_of_advice() -> None:
    whole = settled(recipe(), facts_of(COUNTED))
    for id, field in FIELDS.items():
        assert field.advice.endswith((".", ":"))
        if field.entry in (Entry.WORDS, Entry.WHOLE, Entry.NUMBER) and id != "name":
            assert default(id, recipe(), whole), id
    labels = [field.label for group in MORE for field in group.fields]
    assert len(set(labels)) == len(labels)
    assert max(len(label) for label in labels) <= 13


def test_defaults_follow_the_model_and_the_text_once_they_are_counted() -> None:
    assert default(STEPS, recipe()) == "by the text"
    assert default(RATE, recipe()) == "by the model"
    whole = settled(recipe(), facts_of(COUNTED))
    assert default(STEPS, recipe(), whole) == "58"
    assert default(RATE, recipe(), whole) == "0.0005"
    assert "small: 2.5e-04" in advice(RATE, recipe(), COUNTED)
    assert "10.1 times through the text" in advice(STEPS, recipe(), COUNTED)


def test_a_short_run_has_samples_and_checkpoints_unless_a_person_says_otherwise() -> None:
    assert suited(recipe(), (), 58).samples.every == 10
    assert suited(recipe(), (), 58).keeping.every == 10
    assert suited(recipe(), (), 5000).samples.every == 100
    chosen = recipe(samples__every="7", keeping__every="0")
    assert suited(chosen, (SAMPLES, SAVES), 58) == chosen
