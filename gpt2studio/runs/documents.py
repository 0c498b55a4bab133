"""What a file holds: a stream of pieces of documents, text or tokens, and where each document ends."""

import csv
import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gpt2studio.errors import FormatError
from gpt2studio.runs.recipe import Texts
from gpt2studio.runs.sources import Source, open_rows, read_pieces

LONGEST = 1 << 18
"""Characters a piece, about: what one worker encodes at a time."""

_START, _END = "<|startoftext|>", "<|endoftext|>"
_CUT = re.compile(r"\S(?=\s)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a document, small enough to hold."""

    content: str | NDArray[np.integer]
    """Text, or tokens that are encoded already."""
    ends: bool
    """Whether the document ends after it."""
    size: int
    """Bytes of the file that it stands for, about."""


def read_documents(source: Source, texts: Texts) -> Iterator[Piece]:
    """The documents of one file, piece by piece; empty ones are left out.

    Text is cut where GPT-2's tokenizer never joins, before a space, so that the pieces encode as the whole would.
    Raises FormatError where the file is not what its name says.
    """
    suffix = source.path.suffix.lower()
    if suffix == ".npz":
        yield from _arrays(source)
        return
    if suffix == ".csv":
        documents, marks = _of_rows(_csv_rows(source, texts)), (_START, _END + "\n")
    elif suffix == ".jsonl":
        documents, marks = _of_rows(_json_rows(source, texts.column)), ("", _END)
    elif texts.lines:
        documents, marks = _of_rows(_lines(source)), ("", _END)
    else:
        documents, marks = _of_pieces(read_pieces(source)), ("", _END)
    yield from _at_ends(documents) if texts.separator == "end" else _marked(documents, *marks)


def _of_pieces(pieces: Iterator[str]) -> Iterator[Piece]:
    """One document, cut where the tokenizer never joins."""
    rest = ""
    for piece in pieces:
        rest += piece
        while len(rest) >= 2 * LONGEST and (cut := _CUT.search(rest, LONGEST)):
            yield _piece(rest[: cut.end()], ends=False)
            rest = rest[cut.end() :]
    if rest:
        yield _piece(rest, ends=True)


def _of_rows(rows: Iterator[str]) -> Iterator[Piece]:
    """Each row a document; white rows are left out."""
    for row in rows:
        if row.strip():
            yield from _of_pieces(iter((row,)))


def _at_ends(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Documents divided where ``<|endoftext|>`` stands in them; a newline before or after it belongs to it."""
    begins = False
    for piece in pieces:
        assert isinstance(piece.content, str)
        *ended, rest = piece.content.split(_END)
        for part in ended:
            yield _piece((part.removeprefix("\n") if begins else part).removesuffix("\n"), ends=True)
            begins = True
        yield _piece(rest.removeprefix("\n") if begins else rest, ends=piece.ends)
        begins = begins and not rest and not piece.ends


def _marked(pieces: Iterator[Piece], start: str, end: str) -> Iterator[Piece]:
    """Documents between the words that the 2019 tools put there, which are text to the model."""
    begins = True
    for piece in pieces:
        assert isinstance(piece.content, str)
        yield _piece(start * begins + piece.content + end * piece.ends, ends=piece.ends)
        begins = piece.ends


def _piece(text: str, *, ends: bool) -> Piece:
    return Piece(text, ends, len(text) if text.isascii() else len(text.encode("utf-8", "replace")))


def _lines(source: Source) -> Iterator[str]:
    rest = ""
    for piece in read_pieces(source):
        *lines, rest = (rest + piece).split("\n")
        yield from lines
    if rest:
        yield rest


def _csv_rows(source: Source, texts: Texts) -> Iterator[str]:
    csv.field_size_limit(1 << 30)
    with open_rows(source) as file:
        rows = csv.reader(file)
        try:
            names = next(rows, [])
            column = _csv_column(source, texts, names)
            if not texts.header and len(names) > column:
                yield names[column]
            for row in rows:
                if len(row) > column:
                    yield row[column]
        except csv.Error as error:
            raise FormatError(f"{source.path}, line {rows.line_num}: this is not CSV: {error}.") from None


def _csv_column(source: Source, texts: Texts, names: list[str]) -> int:
    known = [name.strip() for name in names] if texts.header else []
    wanted = texts.column or ("text" if "text" in known else "0")
    if wanted in known:
        return known.index(wanted)
    if wanted.isdecimal() and int(wanted) < max(1, len(names)):
        return int(wanted)
    listed = ", ".join(known) or f"0 to {len(names) - 1}"
    raise FormatError(f"{source.path} has no column “{wanted}”.", f"Its columns: {listed}.")


def _json_rows(source: Source, column: str) -> Iterator[str]:
    for number, line in enumerate(_lines(source), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise FormatError(f"{source.path}, line {number}: this is not JSON: {error}.") from None
        text = _json_text(value, column)
        if text is None:
            what = f"no text “{column}”" if column else "no text"
            raise FormatError(f"{source.path}, line {number} has {what}.", "Name the right column.")
        yield text


def _json_text(value: object, column: str) -> str | None:
    """The named text of a JSON object, else ``text``, else its first; a bare string is a text itself."""
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        return None
    if column or isinstance(value.get("text"), str):
        text = value.get(column or "text")
        return text if isinstance(text, str) else None
    return next((each for each in value.values() if isinstance(each, str)), None)


_NO_ARRAYS = (OSError, EOFError, ValueError, TypeError, RuntimeError, MemoryError, zipfile.BadZipFile, zlib.error)
"""What numpy and zipfile come to with damaged, enciphered or other files."""


def _arrays(source: Source) -> Iterator[Piece]:
    """The chunks of tokens that the 2019 tools' ``encode.py`` wrote, each a document."""
    try:
        with source.path.open("rb") as file:
            arrays = np.load(file, allow_pickle=False)
            if not isinstance(arrays, Mapping):
                raise ValueError("it holds a single array")
            for name, tokens in arrays.items():
                if tokens.ndim != 1 or not np.issubdtype(tokens.dtype, np.integer):
                    raise FormatError(f"{source.path} has an array “{name}” that is no list of tokens.")
                yield Piece(tokens, ends=True, size=source.size // len(arrays))
    except _NO_ARRAYS as error:
        raise FormatError(
            f"{source.path} is not a file of encoded tokens: {error}.", "Encode the texts again."
        ) from None
