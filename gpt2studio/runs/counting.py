"""Texts read through and counted before a run begins, by a process that can be ended at any moment.

Run as a program, this module is that process: one line on standard input asks, lines on standard output answer, and
it ends when its input does.
"""

import asyncio
import contextlib
import json
import signal
import sys
import threading
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import ClassVar

from gpt2studio.errors import FormatError, StudioError, WireError
from gpt2studio.formats.checkpoint import open_checkpoint
from gpt2studio.paths import places
from gpt2studio.programs import give_way, own
from gpt2studio.runs.corpus import read_corpus
from gpt2studio.runs.documents import read_documents
from gpt2studio.runs.preparing import prepare
from gpt2studio.runs.recipe import Texts
from gpt2studio.runs.sources import Source, find_files, open_sources
from gpt2studio.wire.lines import build, from_line, to_line, to_plain

SHOWN = 2000
"""Characters of the first text that are shown."""

_LONGEST = 1 << 24
"""Bytes of a line that may come: a fault may list the columns of a table, say."""

_SELDOM = 0.1
"""Seconds between two words on how far it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """The files are found, and the first has been looked into."""

    KIND: ClassVar[str] = "looked"

    files: int
    size: int
    """Bytes in all."""
    first: str
    """Path of the first file."""
    text: str
    """How its first document begins; empty for tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """How far it is."""

    KIND: ClassVar[str] = "counting"

    done: int
    """Bytes of text."""
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What the texts come to for the model."""

    KIND: ClassVar[str] = "counted"

    parameters: int
    n_positions: int
    n_embd: int
    documents: int
    duplicates: int
    """Documents that are word for word like one before."""
    tokens: int
    """To train on."""
    held_out_tokens: int
    overlap: float
    """The share of the held-out text that stands word for word in the training text as well."""
    notes: tuple[str, ...] = ()
    """What a person should know of how the texts were read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why it cannot be done."""

    KIND: ClassVar[str] = "fault"

    message: str
    hint: str


Answer = Looked | Counting | Counted
_ANSWERS = (Looked, Counting, Counted, Fault)


async def counted(texts: Texts, model: Path) -> AsyncGenerator[Answer, None]:
    """What is found out as it is, `Counted` last; closing the iterator ends the work.

    Raises StudioError where texts or model cannot be read.
    """
    process = await asyncio.create_subprocess_exec(
        *own(__spec__.name),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=_LONGEST,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        asked = {"texts": to_plain(texts), "model": str(model)}
        process.stdin.write(json.dumps(asked).encode() + b"\n")
        async for line in process.stdout:
            answer = from_line(line, _ANSWERS)
            if isinstance(answer, Fault):
                raise StudioError(answer.message, answer.hint)
            if isinstance(answer, Looked | Counting | Counted):
                yield answer
            if isinstance(answer, Counted):
                return
        raise StudioError("The process that counts the text was ended.", "Choose the text again.")
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


def main() -> None:
    """Answer the one question that comes."""
    asked = json.loads(sys.stdin.readline())
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in the terminal is the app's to understand
    threading.Thread(target=_until_alone, daemon=True).start()
    give_way()
    try:
        texts: Texts = build(Texts, asked["texts"])
        _count(texts, Path(asked["model"]))
    except WireError:
        raise
    except StudioError as error:
        _say(Fault(message=error.message, hint=error.hint))
    except OSError as error:
        _say(Fault(message=f"The texts cannot be counted: {error.strerror or error}.", hint="Check disk and files."))


def _count(texts: Texts, model: Path) -> None:
    _say(_looked(texts))
    checkpoint = open_checkpoint(model)
    last = 0.0

    def progress(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last > _SELDOM:
            last = time.monotonic()
            _say(Counting(done=done, total=total))

    corpus = read_corpus(prepare(texts, checkpoint.vocabulary, places().state / "tokens", progress))
    _say(
        Counted(
            parameters=checkpoint.shape.parameters,
            n_positions=checkpoint.shape.n_positions,
            n_embd=checkpoint.shape.n_embd,
            documents=corpus.documents,
            duplicates=corpus.duplicates,
            tokens=corpus.tokens,
            held_out_tokens=corpus.held_out_tokens,
            overlap=corpus.overlap,
            notes=corpus.notes,
        )
    )


def _looked(texts: Texts) -> Looked:
    files = find_files(texts.paths)
    sizes = [file.stat().st_size for file in files]
    first = next((file for file, size in zip(files, sizes, strict=True) if size), files[0])
    try:
        source = open_sources([str(first)], texts.encoding)[0]
    except FormatError:
        if _holds_zeros(first):
            raise _no_text(first) from None
        raise
    return Looked(files=len(files), size=sum(sizes), first=str(first), text=_begin(source, texts))


def _begin(source: Source, texts: Texts) -> str:
    """How the first document begins. Raises FormatError for what is no text at all."""
    for piece in read_documents(source, texts):
        if not isinstance(piece.content, str):
            return ""
        if "\0" in piece.content:
            raise _no_text(source.path)
        if piece.content.strip():
            return piece.content[:SHOWN]
    return ""


def _holds_zeros(path: Path) -> bool:
    with path.open("rb") as file:
        return b"\0" in file.read(4096)


def _no_text(path: Path) -> FormatError:
    return FormatError(f"{path} is no text: it holds zero bytes.", "Choose a text, or export it as one.")


def _say(answer: Answer | Fault) -> None:
    sys.stdout.buffer.write(to_line(answer))
    sys.stdout.buffer.flush()


def _end(number: int, frame: FrameType | None) -> None:
    """End in order: what is half-made is taken away."""
    sys.exit(0)


def _until_alone() -> None:
    """End with the one who asked, however that one ends."""
    sys.stdin.read()
    signal.raise_signal(signal.SIGTERM)


if __name__ == "__main__":
    main()
