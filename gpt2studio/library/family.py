"""Which model was made from which: a family tree, as data."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gpt2studio.library.cards import find
from gpt2studio.library.installed import InstalledModel


@dataclass(frozen=True, slots=True)
class Relative:
    """A model in its family."""

    name: str
    model: InstalledModel | None
    """None where it is known only as the parent of others."""
    children: tuple["Relative", ...] = ()

    def walk(self, depth: int = 0) -> Iterator[tuple[int, "Relative"]]:
        """Itself and all that come from it, each with its generation, parents first."""
        yield depth, self
        for child in self.children:
            yield from child.walk(depth + 1)


def family(models: Sequence[InstalledModel]) -> list[Relative]:
    """The trees of these models, in their order; each model stands in them once."""
    parents = {model.name: parent_of(model, models) for model in models}
    children: dict[str, list[str]] = {}
    for name, parent in parents.items():
        if parent and not _circular(name, parents):
            children.setdefault(parent, []).append(name)
    known = {model.name: model for model in models}

    def grown(name: str) -> Relative:
        return Relative(name, known.get(name), tuple(map(grown, children.get(name, ()))))

    below = {child for names in children.values() for child in names}
    absent = [parent for parent in children if parent not in known]
    return [grown(name) for name in [*known, *absent] if name not in below]


def parent_of(model: InstalledModel, models: Sequence[InstalledModel]) -> str:
    """The name of the model that this one was made from: that of one at hand, or as it was called; empty for none."""
    if model.provenance is None or not model.provenance.parent:
        return ""
    called = model.provenance.parent
    names = _names_of(called)
    for other in models:
        if other.name != model.name and names & _all_names(other):
            return other.name
    return called


def children_of(name: str, models: Sequence[InstalledModel]) -> list[str]:
    """The names of the models at hand that were made from this one."""
    return [model.name for model in models if parent_of(model, models) == name]


def _names_of(called: str) -> set[str]:
    """Everything that a model called so may go by: a card's names, the run of ``RUN@STEP``, the last part of a path."""
    names = {called, called.partition("@")[0]}
    if "/" in called or "\\" in called:
        names.add(Path(called).name)
    if card := find(called):
        names |= {card.name, card.hub, *card.aliases}
    return {name.casefold() for name in names if name}


def _all_names(model: InstalledModel) -> set[str]:
    names = {model.name}
    if model.provenance:
        names |= {*model.provenance.former_names, model.provenance.origin.removeprefix("hub:")}
    if model.card:
        names.add(model.card.name)
    return {name.casefold() for name in names if name}


def _circular(name: str, parents: dict[str, str]) -> bool:
    """Whether a model would be its own forebear: records that people wrote can say anything."""
    seen = {name}
    while parent := parents.get(name, ""):
        if parent in seen:
            return True
        seen.add(parent)
        name = parent
    return False
