"""A new run as far as it is filled in: from what stands in the form to a recipe."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gpt2studio.app.train.new.fields import (
    BETAS,
    FIELDS,
    HELD_OUT_PATHS,
    MODEL,
    NAME,
    PROMPTS,
    RATE,
    SAMPLES,
    SAVES,
    START_FROM,
    STEPS,
    TEXTS,
    WHEN,
    Entry,
    Field,
)
from gpt2studio.errors import StudioError
from gpt2studio.runs.counting import Counted
from gpt2studio.runs.defaults import Facts, settled, windows_in
from gpt2studio.runs.recipe import Recipe, Texts
from gpt2studio.runs.registry import check_name

_BESIDE = (TEXTS, MODEL, NAME, START_FROM, WHEN)
"""What is no amount or word of a recipe's part."""

SMALL_TEXT = 60_000
"""Tokens below which a text is soon learned by heart."""


class FieldFault(StudioError):  # noqa: N818  # it names a field as much as a fault
    """What stands in a field means nothing."""

    def __init__(self, id: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.id = id


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What stands in the form."""

    texts: tuple[str, ...]
    held_out: tuple[str, ...] = ()
    model: Path
    parent: str
    """How the model is called."""
    values: Mapping[str, str] = field(default_factory=dict)
    """What was typed or chosen, by field; what is not there has its default."""

    def faults(self) -> list[FieldFault]:
        """What cannot be used, each with its field."""
        found = []
        for id in self.values:
            try:
                _with(self._bare(), id, self._value(id))
            except FieldFault as fault:
                found.append(fault)
            except StudioError as error:
                found.append(FieldFault(id, error.message, error.hint))
        return found

    def recipe(self) -> Recipe:
        """The recipe that this makes. Raises FieldFault for the first field that means nothing."""
        for fault in self.faults():
            raise fault
        recipe = self._bare()
        for id in self.values:
            recipe = _with(recipe, id, self._value(id))
        return recipe

    def _bare(self) -> Recipe:
        return Recipe(
            model=str(self.model),
            parent=self.parent,
            texts=Texts(paths=self.texts, held_out_paths=self.held_out),
        )

    def _value(self, id: str) -> Any:
        known, text = FIELDS[id], self.values[id].strip()
        if id == NAME:
            check_name(text)
        if id == PROMPTS:
            return tuple(part.strip() for part in text.split("|"))
        if id == BETAS:
            pair = [_number(known, part) for part in text.split()]
            if len(pair) != 2:
                raise FieldFault(id, f"{known.label}: “{text}” are not two numbers.", "Type two: 0.9 0.999, say.")
            return pair[0], pair[1]
        if known.entry is Entry.WHOLE:
            return _whole(known, text)
        if known.entry is Entry.NUMBER:
            return _number(known, text)
        return text == "True" if known.choices and "True" in known.choices else text


def facts_of(counted: Counted) -> Facts:
    """What the defaults depend on."""
    return Facts(
        parameters=counted.parameters,
        n_positions=counted.n_positions,
        n_embd=counted.n_embd,
        tokens=counted.tokens,
        held_out_tokens=counted.held_out_tokens,
    )


def default(id: str, recipe: Recipe, whole: Recipe | None = None) -> str:
    """What a field comes to that is left empty: of the settled recipe *whole*, or where it follows from the text."""
    if id in _BESIDE:
        return ""
    known, value = FIELDS[id], _get(whole or recipe, id)
    if value is None:
        return "none" if id == "schedule.epochs" else "by the text" if id != RATE else "by the model"
    if known.choices:
        return str(value)
    if id == PROMPTS:
        return " | ".join(value) or "a new text"
    if id == BETAS:
        return " ".join(f"{each:g}" for each in value)
    if value == 0 and known.zero:
        return f"0, {known.zero}"
    if id == "texts.column" and not value:
        return "text, else the first"
    return f"{value:,}" if isinstance(value, int) else f"{value:g}" if isinstance(value, float) else str(value)


def suited(recipe: Recipe, filled: Collection[str], steps: int) -> Recipe:
    """The recipe with samples and checkpoints so often that a short run has some; what a person has said stays."""
    every = min(100, max(5, round(steps / 25) * 5)) if steps else 100
    if SAMPLES not in filled:
        recipe = replace(recipe, samples=replace(recipe.samples, every=every))
    if SAVES not in filled:
        recipe = replace(recipe, keeping=replace(recipe.keeping, every=every))
    return recipe


def advice(id: str, recipe: Recipe | None, counted: Counted | None) -> str:
    """The line of advice for a field, with what is known of the text."""
    said = FIELDS[id].advice
    if recipe is None or counted is None:
        return said
    whole = settled(recipe, facts_of(counted))
    rate, schedule = whole.optimization.learning_rate, whole.schedule
    if id == RATE and rate and counted.tokens < SMALL_TEXT:
        return f"By the model's size. This text is small: {rate / 2:.1e} is gentler, and learns less by heart."
    if id == STEPS and schedule.steps and schedule.window:
        batch = (schedule.batch_size or 1) * schedule.accumulate
        epochs = schedule.steps * batch / windows_in(counted.tokens, schedule.window)
        return f"{schedule.steps:,} are {epochs:.1f} times through the text. It ends before once it learns no more."
    return said


def _with(recipe: Recipe, id: str, value: Any) -> Recipe:
    """The recipe with another value; checked as all recipes are."""
    if id in _BESIDE or id == HELD_OUT_PATHS:
        return recipe
    return _put(recipe, id.split("."), value)  # type: ignore[no-any-return]


def _put(record: Any, names: list[str], value: Any) -> Any:
    head, *rest = names
    return replace(record, **{head: _put(getattr(record, head), rest, value) if rest else value})


def _get(recipe: Recipe, id: str) -> Any:
    value: Any = recipe
    for name in id.split("."):
        value = getattr(value, name)
    return value


def _whole(known: Field, text: str) -> int:
    try:
        return int(text.replace(",", "").replace("_", "").replace(" ", ""))
    except ValueError:
        raise FieldFault(known.id, f"{known.label}: “{text}” is no whole number.", "Type digits: 300, say.") from None


def _number(known: Field, text: str) -> float:
    try:
        number = float(text.replace(" ", "").replace(",", "."))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise FieldFault(known.id, f"{known.label}: “{text}” is no number.", "Type one: 0.0005 or 5e-4, say.")
    return number
