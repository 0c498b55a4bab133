"""From texts to tokens on disk: encoded once on all cores, divided, looked through for repetitions, and cached."""

import contextlib
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from gpt2studio.errors import FormatError, StudioError
from gpt2studio.files import Lock, move, write_whole
from gpt2studio.formats.vocabulary import Vocabulary
from gpt2studio.runs.corpus import HELD_OUT, RECORD, TRAINING, VERSION, Corpus, read_corpus, read_tokens
from gpt2studio.runs.documents import Piece, read_documents
from gpt2studio.runs.encoded import Encoded, copy_spans
from gpt2studio.runs.encoding import encode_pieces
from gpt2studio.runs.machine import physical_cores
from gpt2studio.runs.overlap import overlap
from gpt2studio.runs.recipe import Texts
from gpt2studio.runs.sources import Source, open_sources
from gpt2studio.text.vocabulary import Vocabulary as Words

SMALL = 8 << 20
"""Bytes of text that one process has encoded before others would be ready."""

KEPT = 6
"""So many corpora stay in the cache, the newest."""

Progress = Callable[[int, int], None]
"""Told how many bytes of text are encoded, and of how many."""


def prepare(texts: Texts, vocabulary: Vocabulary, cache: Path, progress: Progress) -> Path:
    """The folder with these texts as tokens: made now, or found in the cache where no file has changed since.

    Raises StudioError where the texts cannot be read or hold too little.
    """
    work = _Work(texts, vocabulary, progress)
    folder = cache / work.key()
    if _whole(folder):
        os.utime(folder)
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    part, lock = _begun(cache)
    try:
        work.make(part)
        try:
            move(part, folder)
        except OSError:
            if not _whole(folder):  # else another process has made the same meanwhile
                raise
    finally:
        lock.release()
        lock.path.unlink(missing_ok=True)
        shutil.rmtree(part, ignore_errors=True)
    _prune(cache)
    return folder


def _whole(folder: Path) -> bool:
    """Whether there are tokens in the folder; damaged ones, by a power cut perhaps, are taken away."""
    if not folder.exists():
        return False
    try:
        read_corpus(folder)
    except FormatError:
        shutil.rmtree(folder, ignore_errors=True)
        return False
    return True


def _begun(cache: Path) -> tuple[Path, Lock]:
    """A folder to fill, and the lock that says that it is being filled; what killed processes left is taken away."""
    for part in cache.glob(".*.part"):
        left = Lock(part.with_suffix(".lock"))
        # The lock is made before its folder: where there is none, the folder is of an older program or in no use.
        if left.acquire():
            shutil.rmtree(part, ignore_errors=True)
            left.release()
            left.path.unlink(missing_ok=True)
    name = f".{secrets.token_hex(8)}"
    lock = Lock(cache / f"{name}.lock")
    lock.acquire()
    part = cache / f"{name}.part"
    part.mkdir()
    return part, lock


class _Work:
    """One set of texts on its way to tokens."""

    def __init__(self, texts: Texts, vocabulary: Vocabulary, progress: Progress) -> None:
        self._texts = texts
        self._vocabulary = vocabulary
        self._progress = progress
        self._sources = open_sources(texts.paths, texts.encoding)
        self._held_out = open_sources(texts.held_out_paths, texts.encoding) if texts.held_out_paths else []
        self._total = sum(source.size for source in (*self._sources, *self._held_out))
        self._done = 0

    def key(self) -> str:
        """What the tokens depend on; a file counts as unchanged while its size and time are."""
        files = [
            (str(source.path), source.encoding, source.size, source.path.stat().st_mtime_ns)
            for source in (*self._sources, *self._held_out)
        ]
        words = [
            hashlib.sha256(path.read_bytes()).hexdigest()
            for path in (self._vocabulary.encoder, self._vocabulary.merges)
        ]
        known = json.dumps([VERSION, asdict(self._texts), files, words])
        return hashlib.sha256(known.encode()).hexdigest()[:20]

    def make(self, folder: Path) -> None:
        """Write the three files of a corpus into the folder."""
        all_texts = self._encode(self._sources, folder / "all")
        if all_texts.tokens < 2:
            raise StudioError("There is nothing to learn from in these texts.", "Give texts of at least a few words.")
        if self._held_out:
            measured = self._encode(self._held_out, folder / "measured")
            if measured.tokens < 2:
                raise StudioError("There is nothing to measure with in the held-out texts.", "Give a few words.")
            (training, _), (held_out, _) = all_texts.whole(), measured.whole()
        else:
            measured = all_texts
            training, held_out = all_texts.divided(self._texts.held_out)
        hasher = hashlib.sha256()
        tokens = copy_spans(all_texts, training, folder / TRAINING, hasher)
        held_out_tokens = copy_spans(measured, held_out, folder / HELD_OUT, hasher)
        corpus = Corpus(
            dtype=all_texts.dtype.name,
            documents=all_texts.documents,
            duplicates=all_texts.duplicates,
            tokens=tokens,
            held_out_tokens=held_out_tokens,
            overlap=0.0,
            size=self._total,
            digest=hasher.hexdigest(),
            notes=tuple(self._notes()),
        )
        for each in {all_texts.path, measured.path}:
            each.unlink()
        _write(folder, corpus)

    def _encode(self, sources: Sequence[Source], path: Path) -> Encoded:
        size, end_token = _vocabulary_facts(self._vocabulary)
        encoded = Encoded(path, size, end_token if self._texts.separator == "end" else None)
        processes = physical_cores() if self._total > SMALL else 1
        pieces = (piece for source in sources for piece in read_documents(source, self._texts))
        encoded.write(
            (self._told(piece), tokens)
            for piece, tokens in encode_pieces(pieces, self._vocabulary.encoder, self._vocabulary.merges, processes)
        )
        return encoded

    def _told(self, piece: Piece) -> Piece:
        self._done = min(self._done + piece.size, self._total)
        self._progress(self._done, self._total)
        return piece

    def _notes(self) -> Iterator[str]:
        paths: dict[str, list[Path]] = {}
        for source in (*self._sources, *self._held_out):
            paths.setdefault(source.encoding, []).append(source.path)
        for encoding, (first, *others) in paths.items():
            if encoding not in ("", "utf-8", "utf-8-sig"):
                more = f" and {len(others):,} more were" if others else " was"
                yield f"{first}{more} read as {encoding}."


def _vocabulary_facts(vocabulary: Vocabulary) -> tuple[int, int | None]:
    loaded = Words.load(vocabulary.encoder, vocabulary.merges)
    return len(loaded), loaded.end_token


def _write(folder: Path, corpus: Corpus) -> None:
    """Put the record there, with the overlap that the written tokens have."""
    write_whole(folder / RECORD, json.dumps(asdict(corpus)).encode())
    share = overlap(read_tokens(folder, TRAINING), read_tokens(folder, HELD_OUT))
    write_whole(folder / RECORD, json.dumps(asdict(corpus) | {"overlap": share}).encode())


def _prune(cache: Path) -> None:
    """Remove all but the newest; those that are being made, in folders with a dot, are left alone."""
    with contextlib.suppress(FileNotFoundError):  # another process does the same
        folders = [path for path in cache.iterdir() if path.is_dir() and not path.name.startswith(".")]
        for folder in sorted(folders, key=lambda path: path.stat().st_mtime)[:-KEPT]:
            shutil.rmtree(folder, ignore_errors=True)
