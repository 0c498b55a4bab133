"""Texts as tokens on disk: a part to train on and one to measure with, memory-mapped."""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gpt2studio.errors import FormatError, StudioError
from gpt2studio.files import write_whole, written_whole
from gpt2studio.formats.vocabulary import Vocabulary, vocabulary_bytes
from gpt2studio.wire.lines import build

VERSION = 1
TRAINING, HELD_OUT, RECORD = "training.tokens", "held-out.tokens", "corpus.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """What is known of the tokens in a folder."""

    version: int = VERSION
    dtype: str
    """The number type of the token files: ``uint16`` or ``uint32``."""
    documents: int
    duplicates: int
    """Documents that are word for word like one before."""
    tokens: int
    """To train on."""
    held_out_tokens: int
    overlap: float
    """The share of the held-out text that stands word for word in the training text as well."""
    size: int
    """Bytes of text."""
    digest: str
    """Of both token files."""
    notes: tuple[str, ...] = ()
    """What a person should know of how the texts were read."""


def read_corpus(folder: Path) -> Corpus:
    """What is known of the tokens in the folder. Raises FormatError where they are damaged."""
    try:
        corpus: Corpus = build(Corpus, json.loads((folder / RECORD).read_bytes()))
        sizes = [(folder / name).stat().st_size for name in (TRAINING, HELD_OUT)]
        width = np.dtype(corpus.dtype).itemsize
    except (OSError, ValueError, TypeError, StudioError):
        raise FormatError(f"The tokens in {folder} are damaged.", "Start a new run.") from None
    if sizes != [corpus.tokens * width, corpus.held_out_tokens * width]:
        raise FormatError(f"The tokens in {folder} are cut short.", "Start a new run.")
    return corpus


def read_tokens(folder: Path, name: str) -> NDArray[np.integer]:
    """The training or held-out tokens, memory-mapped."""
    dtype = np.dtype(read_corpus(folder).dtype).newbyteorder("<")
    path = folder / name
    # An empty file cannot be mapped.
    return np.memmap(path, dtype, mode="r") if path.stat().st_size else np.empty(0, dtype)


def adopt(corpus: Path, vocabulary: Vocabulary, folder: Path) -> None:
    """Give a run the tokens and their vocabulary for good, whatever becomes of cache, texts and model."""
    folder.mkdir(parents=True, exist_ok=True)
    encoder, merges = vocabulary_bytes(vocabulary)
    write_whole(folder / "vocab.json", encoder)
    write_whole(folder / "merges.txt", merges)
    for name in (TRAINING, HELD_OUT, RECORD):  # the record last: with it the folder counts as whole
        (folder / name).unlink(missing_ok=True)
        try:
            os.link(corpus / name, folder / name)
        except OSError:
            with (corpus / name).open("rb") as tokens, written_whole(folder / name) as copy:
                shutil.copyfileobj(tokens, copy)
