"""A corpus on disk: arrays in plain files, memory-mapped."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpt2studio.retrieval.corpus import Arrays, Corpus, arrays_of
from gpt2studio.retrieval.lexicon import Lexicon
from gpt2studio.retrieval.making import Report, is_whole

_TOKENS, _ORDER, _CHARACTERS, _TEXTS = "tokens.bin", "suffixes.bin", "characters.bin", "texts.json"

Read = Callable[[], str]


def write(
    folder: Path,
    texts: Sequence[tuple[str, Read]],
    known: Mapping[str, NDArray[Any]],
    lexicon: Lexicon,
    report: Report,
) -> None:
    """Put the corpus of *texts* (key, and how to read it) into a folder; *known*: tokens that need no encoding."""
    encoded = []
    for number, (key, read) in enumerate(texts):
        report("Reading tokens", number, len(texts))
        encoded.append(known[key] if key in known else lexicon.encode(read()))
    report("Sorting", 0, 1)
    arrays = arrays_of(encoded, lexicon)
    (folder / _TOKENS).write_bytes(arrays.tokens)
    arrays.order.tofile(folder / _ORDER)
    arrays.characters.tofile(folder / _CHARACTERS)
    lists = {"byteorder": sys.byteorder, "keys": [key for key, _ in texts], "begins": arrays.begins.tolist()}
    (folder / _TEXTS).write_text(json.dumps(lists), encoding="utf-8")


def open_corpus(folder: Path, names: Sequence[str], lexicon: Lexicon) -> Corpus:
    """The corpus in a whole folder, memory-mapped."""
    lists = json.loads((folder / _TEXTS).read_text(encoding="utf-8"))
    arrays = Arrays(
        tokens=_mapped(folder / _TOKENS),
        order=np.frombuffer(_mapped(folder / _ORDER), dtype=np.int32),
        begins=np.array(lists["begins"], dtype=np.int64),
        characters=np.fromfile(folder / _CHARACTERS, dtype=np.int64),
    )
    return Corpus(names, arrays, lexicon)


def encoded_before(folders: Iterable[Path], lexicon: Lexicon) -> dict[str, NDArray[Any]]:
    """The tokens of texts, by key, in corpora of the same vocabulary that were made of other lists of texts."""
    known: dict[str, NDArray[Any]] = {}
    for folder in folders:
        if is_whole(folder):
            lists = json.loads((folder / _TEXTS).read_text(encoding="utf-8"))
            tokens = np.fromfile(folder / _TOKENS, dtype=lexicon.dtype).astype(lexicon.dtype.newbyteorder("="))
            begins = lists["begins"]
            for key, (begin, end) in zip(lists["keys"], pairwise(begins), strict=True):
                known[key] = tokens[begin : end - 1]
    return known


def _mapped(path: Path) -> bytes | mmap:
    with path.open("rb") as file:
        # An empty file cannot be mapped.
        return mmap(file.fileno(), 0, access=ACCESS_READ) if path.stat().st_size else b""
