"""``gpt2studio index``: texts kept to be searched and stitched."""

import argparse
import json
import sys
import time
from collections.abc import Set
from pathlib import Path

from gpt2studio.cli.streams import on_last_line
from gpt2studio.errors import NotFoundError, UsageError
from gpt2studio.paths import places, shipped
from gpt2studio.retrieval.index import Index, check_name
from gpt2studio.retrieval.lexicon import Lexicon
from gpt2studio.retrieval.listing import indexes
from gpt2studio.retrieval.stitcher.model import VOCABULARY
from gpt2studio.retrieval.texts import read_texts
from gpt2studio.text.tokenizer import Tokenizer
from gpt2studio.wire.messages import STITCH
from gpt2studio.wire.terminal import visible

Facts = dict[str, object]


def run(options: argparse.Namespace) -> int:
    """Add the texts to the index and make it ready; without texts, list the indexes."""
    if options.remove:
        return _remove(options)
    if not options.texts:
        return _list(options)
    if options.name is None:
        raise UsageError("The index needs a name.", "Give it one: gpt2studio index TEXTS… --name NAME")
    began = time.perf_counter()
    folder = places().indexes / check_name(options.name)
    texts = read_texts(options.texts)
    index, new = Index.open_or_new(folder).add(texts, _report)
    corpus = index.corpus(Lexicon(Tokenizer.of_folder(shipped("models") / VOCABULARY)), _report)
    passages = len(index.passages(_report))
    on_last_line()
    seconds = time.perf_counter() - began
    facts = _facts(index) | {"added": new, "tokens": len(corpus), "passages": passages, "seconds": round(seconds, 3)}
    if options.json:
        print(json.dumps(facts))
    else:
        print(_line(index, facts))
        print(f"{_texts(new, 'new ')} of {len(texts)}; ready in {seconds:.1f} s.")
        print(f"Write with it: gpt2studio generate --model {STITCH}{index.name} PROMPT")
    return 0


def _remove(options: argparse.Namespace) -> int:
    """Take texts out of the index that is named."""
    if options.texts or options.name is None:
        raise UsageError(
            "It is not clear what to remove from which index.", "gpt2studio index --name NAME --remove TEXT"
        )
    index = Index.open(places().indexes / check_name(options.name))
    known = {kept.name for kept in index.kept}
    index = index.without([_kept_as(name, known, index.name) for name in options.remove], _report)
    facts = _facts(index) | {"removed": len(known) - len(index.kept)}
    print(json.dumps(facts) if options.json else _line(index, facts))
    return 0


def _kept_as(written: str, known: Set[str], index: str) -> str:
    """The name under which the index keeps a text that is named so, or by the path that it was added from."""
    path = "/" + Path(written).as_posix()
    named = [name for name in known if name == written or path.endswith(f"/{name}")]
    if not named:
        raise NotFoundError(f"“{written}” is not in the index “{index}”.", f"See: gpt2studio index --name {index}")
    return max(named, key=len)


def _list(options: argparse.Namespace) -> int:
    """Tell of the index that is named, or of all."""
    names = [check_name(options.name)] if options.name else indexes(places())
    for name in names:
        index = Index.open(places().indexes / name)
        facts = _facts(index)
        print(json.dumps(facts) if options.json else _line(index, facts))
        for kept in index.kept if options.name and not options.json else ():
            print(f"  {visible(kept.name)}: {kept.characters:,} characters")
    if not names and not options.json:
        print("There is no index yet. Make one: gpt2studio index TEXTS… --name NAME")
    return 0


def _facts(index: Index) -> Facts:
    return {
        "name": index.name,
        "path": str(index.folder),
        "texts": len(index.kept),
        "characters": sum(kept.characters for kept in index.kept),
        "size": index.size,
    }


def _line(index: Index, facts: Facts) -> str:
    return (
        f"{STITCH}{visible(index.name)}: {_texts(len(index.kept))}, {facts['characters']:,} characters, "
        f"{index.size / 1e6:,.1f} MB on disk"
    )


def _texts(number: int, which: str = "") -> str:
    return f"{number} {which}text{'s' if number != 1 else ''}"


def _report(what: str, done: int, total: int) -> None:
    """Progress on a terminal; words always."""
    if total:
        on_last_line(f"{what}… {100 * done // total} %")
    else:
        on_last_line()
        print(f"{what}.", file=sys.stderr, flush=True)
