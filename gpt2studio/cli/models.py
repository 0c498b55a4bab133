"""``gpt2studio models``: what is at hand, what can be fetched, and what is done with either."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from gpt2studio.cli.asking import confirmed
from gpt2studio.cli.model_lines import found_record, print_found, print_models, record, shown_size
from gpt2studio.cli.model_progress import shown_progress
from gpt2studio.library.provenance import read_provenance
from gpt2studio.library.shelf import Shelf
from gpt2studio.library.stitched import stitched_models
from gpt2studio.paths import places
from gpt2studio.runs.registry import Runs


def run(options: argparse.Namespace) -> int:
    """Do what was asked."""
    return _ACTIONS[options.action or "list"](options)


def _shelf() -> Shelf:
    here = places()
    return Shelf(here, runs=Runs(here.runs))


def _tell(options: argparse.Namespace, words: str, **facts: object) -> None:
    """The one line of an action's end: for people, or for programs."""
    print(json.dumps({"action": options.action, **facts}) if options.json else words)


def _list(options: argparse.Namespace) -> int:
    models = [*_shelf().models(), *stitched_models(places())]
    if options.json:
        for model in models:
            print(json.dumps(record(model, models)))
    else:
        print_models(models)
    return 0


def _find(options: argparse.Namespace) -> int:
    from gpt2studio.library.cards import published

    words = " ".join(options.words)
    cards = [card for card in published() if not words or words.casefold() in f"{card.name} {card.hub}".casefold()]
    found = []
    if words:
        from gpt2studio.library.download import search

        known = {card.hub for card in cards}
        found = [each for each in search(words, options.limit) if each.repository not in known]
    if options.json:
        for line in [*map(found_record, cards), *map(found_record, found)]:
            print(json.dumps(line))
    else:
        print_found(cards, found)
    return 0


def _download(options: argparse.Namespace) -> int:
    from gpt2studio.library.install import install, installed_size
    from gpt2studio.library.stock import name_of, offer_of

    here = places()
    name = options.name or name_of(options.model)
    offer = offer_of(options.model, options.source, options.revision)
    before = read_provenance(here.models / name)
    if before and (before.origin, before.revision) == (offer.provenance.origin, offer.provenance.revision):
        _tell(options, f"{name} is installed already.", name=name, path=str(here.models / name), fetched=0)
        return 0
    came = installed_size(name, here)
    rest = f", of which {shown_size(came)} have come before" if came else ""
    print(f"{offer.name}: {len(offer.files)} files, {shown_size(offer.size)}{rest}.", file=sys.stderr)
    try:
        with shown_progress() as watch:
            path = install(offer, name, here, watch)
    except KeyboardInterrupt:
        print("Stopped. What has come is kept: say it again, and it goes on from there.", file=sys.stderr)
        raise
    facts = read_provenance(path)
    _tell(
        options,
        f"Installed: {name}. Write with it: gpt2studio --model {name}",
        name=name,
        path=str(path),
        fetched=offer.size - came,
        sha256=facts.sha256 if facts else "",
    )
    return 0


def _import(options: argparse.Namespace) -> int:
    from gpt2studio.library.adopt import adopt, name_for

    shelf = _shelf()
    name = options.name or name_for(options.path)
    like = [Path(each) if Path(each).is_dir() else shelf.resolve(each) for each in options.like]
    with shown_progress() as watch:
        path = adopt(options.path.expanduser(), name, places(), watch, like=like)
    _tell(options, f"Imported: {name}. Write with it: gpt2studio --model {name}", name=name, path=str(path))
    return 0


def _export(options: argparse.Namespace) -> int:
    from gpt2studio.cli.exporting import exported

    path = exported(options.model, options)
    _tell(options, f"Written: {path}", model=options.model, path=str(path), format=options.format)
    return 0


def _verify(options: argparse.Namespace) -> int:
    from gpt2studio.library.verify import verify

    shelf = _shelf()
    path = shelf.resolve(options.model)
    with shown_progress() as watch:
        verdict = verify(path, shelf.elsewhere, watch)
    _tell(options, verdict.sentence, model=options.model, path=str(path), summed=list(verdict.summed))
    return 0


def _remove(options: argparse.Namespace) -> int:
    from gpt2studio.library.keeping import removal, remove

    shelf = _shelf()
    model = shelf.get(options.model)
    would = removal(model, shelf.models())
    Runs(places().runs).require_unneeded(model.path, model.name)
    words = f"Removing {model.name} frees {shown_size(would.frees)}."
    if would.children:
        words += f" Made from it, and whole without it: {', '.join(would.children)}."
    if not confirmed(words, "Remove it?", options.yes):
        return 0
    remove(model)
    _tell(options, f"Removed: {model.name} ({shown_size(would.frees)})", model=model.name, freed=would.frees)
    return 0


def _rename(options: argparse.Namespace) -> int:
    from gpt2studio.library.keeping import rename, require_own

    model = _shelf().get(options.model)
    require_own(model, "renamed")
    Runs(places().runs).require_unneeded(model.path, model.name)
    renamed = rename(model, options.to, places())
    _tell(options, f"{model.name} is called {renamed.name} now.", model=model.name, name=renamed.name)
    return 0


def _note(options: argparse.Namespace) -> int:
    from gpt2studio.library.keeping import annotate

    model = _shelf().get(options.model)
    annotate(model, options.text)
    _tell(options, f"Noted with {model.name}.", model=model.name, note=options.text)
    return 0


_ACTIONS: dict[str, Callable[[argparse.Namespace], int]] = {
    "list": _list,
    "find": _find,
    "download": _download,
    "import": _import,
    "export": _export,
    "verify": _verify,
    "remove": _remove,
    "rename": _rename,
    "note": _note,
}
