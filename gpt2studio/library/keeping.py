"""What a person does with installed models: removes, renames, writes a note."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gpt2studio.errors import StudioError
from gpt2studio.library import installed
from gpt2studio.library.family import children_of
from gpt2studio.library.installed import InstalledModel
from gpt2studio.library.names import check_free, check_name
from gpt2studio.library.provenance import Provenance, write_provenance
from gpt2studio.paths import Places

_REFUSALS = {
    installed.SHIPPED: "{name} ships with the studio.",
    installed.RUN: "{name} is a run.",
    installed.INDEX: "{name} is made of texts.",
    installed.CACHED: "{name} lies in Hugging Face's cache, for other programs too.",
    installed.OLD: "{name} lies in a folder of the tools of 2019, not among the studio's models.",
}
_HINTS = {
    installed.INDEX: "Index the texts under another name; this one can be removed.",
    installed.RUN: "Export it and import that: a model of its own can. The run goes by: gpt2studio runs remove, or F4.",
    installed.CACHED: "Other programs may need it; Hugging Face's own: hf cache rm",
}


@dataclass(frozen=True, slots=True)
class Removal:
    """What removing a model would do."""

    name: str
    frees: int
    """Bytes on disk."""
    children: tuple[str, ...]
    """Models at hand that were made from it: they stay whole, but can no longer be compared with it."""


def removal(model: InstalledModel, models: Sequence[InstalledModel]) -> Removal:
    """What it would do. Raises StudioError for a model that is not the studio's to remove."""
    _require_removable(model)
    return Removal(model.name, model.size, tuple(children_of(model.name, models)))


def remove(model: InstalledModel) -> None:
    """Take an installed model, or an index with its copies of texts, away for good.

    Raises StudioError for a model that is not the studio's to remove.
    """
    _require_removable(model)
    gone = model.path.with_name(f".{model.path.name}.gone")
    try:
        if model.path.is_symlink():
            model.path.unlink()  # the folder that it leads to is not ours
            return
        shutil.rmtree(gone, ignore_errors=True)
        model.path.rename(gone)  # a half-removed model is never seen
        shutil.rmtree(gone, ignore_errors=True)
    except OSError as error:
        raise StudioError(f"{model.path} cannot be removed: {error.strerror}.", "Check its permissions.") from None


def rename(model: InstalledModel, name: str, places: Places) -> InstalledModel:
    """Give an installed model another name; those that were made from it still find it."""
    require_own(model, "renamed")
    check_name(name)
    if name.casefold() != model.name.casefold():
        check_free(name, places)
    before = model.provenance or Provenance()
    former = tuple(each for each in (*before.former_names, model.name) if each != name)
    target = model.path.with_name(name)
    write_provenance(model.path, replace(before, former_names=former))
    try:
        model.path.rename(target)
    except OSError as error:
        raise StudioError(f"{model.path} cannot be renamed: {error.strerror}.", "Check its permissions.") from None
    return replace(model, name=name, path=target, provenance=replace(before, former_names=former))


def annotate(model: InstalledModel, note: str) -> None:
    """Keep a person's own words with an installed model; no words take them away."""
    require_own(model, "given a note")
    write_provenance(model.path, replace(model.provenance or Provenance(), note=note))


def _require_removable(model: InstalledModel) -> None:
    if model.origin != installed.INDEX:
        require_own(model, "removed")


def require_own(model: InstalledModel, what: str) -> None:
    """Raise StudioError for a model that lies where the studio does not change things."""
    if model.origin == installed.INSTALLED:
        return
    sentence = _REFUSALS.get(model.origin, "{name} lies outside the studio's models.").format(name=model.name)
    raise StudioError(f"{sentence} It cannot be {what}.", _HINTS.get(model.origin, f"It lies in {model.path}."))
