"""How two runs differ: their settings, and what came of them."""

from collections.abc import Iterator
from dataclasses import dataclass

from gpt2studio.app.common.wording import count, duration
from gpt2studio.app.train.new.draft import default
from gpt2studio.app.train.new.fields import FIELDS, HELD_OUT_PATHS, MODEL, NAME, START_FROM, TEXTS, WHEN
from gpt2studio.app.train.new.starting import texts_in_words
from gpt2studio.app.train.watch import WatchedRun
from gpt2studio.runs.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which two runs differ, or one result of both."""

    label: str
    one: str
    other: str


def results(one: WatchedRun, other: WatchedRun) -> list[Difference]:
    """What came of them, whether it differs or not."""
    pairs = zip(_results(one), _results(other), strict=True)
    return [Difference(label, first, second) for (label, first), (_, second) in pairs]


def differences(one: Recipe | None, other: Recipe | None) -> list[Difference]:
    """The settings that are not the same, in the form's order and words."""
    if one is None or other is None:
        return []
    found = []
    for id, field in FIELDS.items():
        first, second = _value(id, one), _value(id, other)
        if first != second:
            found.append(Difference(field.label, first, second))
    return found


def _results(run: WatchedRun) -> Iterator[tuple[str, str]]:
    progress = run.progress
    best = progress.best
    yield "State", run.standing.value
    yield "Step", f"{count(progress.step)} of {count(progress.steps)}" if progress.steps else count(progress.step)
    yield "Avg loss", f"{progress.average:.2f}" if progress.average is not None else "–"
    yield "Best held out", f"{best.held_out_loss:.3f} at {count(best.step)}" if best is not None else "–"
    yield "Time", duration(progress.worked) if progress.started else "–"


def _value(id: str, recipe: Recipe) -> str:
    """What a recipe has in a field, as the form would show it."""
    if id in (NAME, START_FROM, WHEN):
        return ""
    if id == MODEL:
        return recipe.parent
    if id == TEXTS:
        return texts_in_words(recipe.texts.paths)
    if id == HELD_OUT_PATHS:
        return texts_in_words(recipe.texts.held_out_paths) or "a share"
    text = default(id, recipe)
    return (FIELDS[id].choices or {}).get(text, text)
