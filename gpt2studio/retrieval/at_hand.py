"""Texts by the names that people give them: an index, a file, a folder, or what is at hand without any set-up."""

from pathlib import Path

from gpt2studio.errors import NotFoundError
from gpt2studio.paths import Places, shipped
from gpt2studio.retrieval.index import Index
from gpt2studio.retrieval.listing import MANIFEST, indexes
from gpt2studio.retrieval.texts import read_texts, straight
from gpt2studio.wire.messages import STITCH

Pairs = list[tuple[str, str]]
"""Texts with the names that sources cite."""

EXAMPLE = "example"
"""What needs no set-up can be called so too, unless an index is."""

_LEAST_STEP = 512
"""Characters that a story grows by, at least, before they can be searched too."""


def texts_named(name: str, folders: Places) -> Index | Pairs:
    """The index, or the texts, that a name means; with ``stitch:`` before it or without.

    The empty name: the example that ships. Raises NotFoundError, FormatError.
    """
    wanted = name.removeprefix(STITCH)
    for folder in (folders.indexes / wanted, Path(wanted)) if wanted else ():
        if (folder / MANIFEST).is_file():
            return Index.open(folder)
    if wanted in ("", EXAMPLE):
        return _pairs(shipped("examples"))
    path = Path(wanted).expanduser()
    if path.exists():
        return _pairs(path)
    known = ", ".join(indexes(folders)) or "none yet"
    raise NotFoundError(
        f"There is no index “{wanted}”.", f"At hand: {known}. Make one: gpt2studio index TEXTS… --name NAME"
    )


def counts_story(name: str, texts: Index | Pairs) -> bool:
    """Whether the open story itself is searched under this name too: where nothing else was set up."""
    return not isinstance(texts, Index) and name.removeprefix(STITCH) in ("", EXAMPLE)


def with_story(texts: Pairs, story: str) -> Pairs:
    """The texts, and what of a story is worth searching now, under no name."""
    told = story[: settled(story)]
    return [*texts, ("", straight(told))] if told else texts


def settled(text: str) -> int:
    """How much of a story is worth searching now.

    It moves on in steps of about an eighth of the story, so that the index is not made again for every sentence.
    """
    step = _LEAST_STEP
    while step * 16 <= len(text):
        step *= 2
    end = len(text) // step * step
    return max(text.rfind(mark, 0, end) for mark in ("\n", " ", "。")) + 1 if end else 0


def _pairs(path: Path) -> Pairs:
    return [(text.name, text.content) for text in read_texts([path])]
