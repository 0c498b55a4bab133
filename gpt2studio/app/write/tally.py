"""How many words and tokens a text has, counted beside the app's own work."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gpt2studio.app.common.wording import counted
from gpt2studio.errors import NotFoundError, StudioError
from gpt2studio.wire.held import NOTHING, Held

if TYPE_CHECKING:
    from gpt2studio.text.tokenizer import Tokenizer


@dataclass(frozen=True, slots=True)
class Count:
    """What a text comes to."""

    words: int
    """Of the whole text."""
    tokens: int
    """Of the part that the model goes on from; 0 where its vocabulary cannot be read."""
    memory: int = 0
    """Tokens that are held at the window's start."""
    note: int = 0
    """Tokens of the note near its end."""
    selected: str = ""
    """What the selection comes to, in words; empty where nothing is selected."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is to be counted."""

    text: str
    at: int
    """Where the model would go on."""
    model: Path | None = None
    """Where its vocabulary lies; None: there is none."""
    held: Held = NOTHING
    selection: str = ""


class Tally:
    """Counts in a thread, and the newest text only: what comes while another is counted waits, one at a time."""

    def __init__(self) -> None:
        self._tokenizers: dict[Path, Tokenizer | None] = {}
        self._wanted: Subject | None = None
        self._running = False

    async def count(self, subject: Subject, tell: Callable[[Count], None]) -> None:
        """Count, and tell; nothing is told of a text that another has taken the place of."""
        self._wanted = subject
        if self._running:
            return
        self._running = True
        try:
            while (wanted := self._wanted) is not None:
                self._wanted = None
                result = await asyncio.to_thread(self._count, wanted)
                if self._wanted is None:
                    tell(result)
        finally:
            self._running = False

    def _count(self, subject: Subject) -> Count:
        tokenizer = self._tokenizer(subject.model) if subject.model is not None else None
        words, before, held = len(subject.text.split()), subject.text[: subject.at], subject.held
        selected = counted(len(subject.selection.split()), "word") if subject.selection else ""
        if tokenizer is None:
            return Count(words, 0, selected=f"{selected} selected" if selected else "")
        if selected:
            selected += f", {counted(tokenizer.count(subject.selection), 'token')} selected"
        note = tokenizer.count(held.inset(before)[1]) if held.note else 0
        return Count(words, tokenizer.count(before), tokenizer.count(held.opening), note, selected)

    def _tokenizer(self, model: Path) -> "Tokenizer | None":
        if model not in self._tokenizers:
            try:
                self._tokenizers[model] = tokenizer_of(model)
            except (StudioError, OSError):
                self._tokenizers[model] = None
        return self._tokenizers[model]


def tokenizer_of(model: Path) -> "Tokenizer":
    """By the folder's own vocabulary, or the one that the engine borrows for it. Raises StudioError."""
    from gpt2studio.formats.checkpoint import open_checkpoint  # late: the first paint needs none of these
    from gpt2studio.text.tokenizer import Tokenizer
    from gpt2studio.text.vocabulary import Vocabulary

    try:
        return Tokenizer.of_folder(model)
    except NotFoundError:
        files = open_checkpoint(model).vocabulary
        return Tokenizer(Vocabulary.load(files.encoder, files.merges))


def seen_tokens(tokens: int, n_positions: int, memory: int = 0, note: int = 0) -> int:
    """How many of so many tokens the model sees beside memory and note.

    A full window moves on by a quarter at once, as the engine's does.
    """
    beyond = tokens + memory + note - n_positions
    stride = max((n_positions - memory) // 4, 1)
    return tokens if beyond <= 0 else max(0, tokens + (-beyond // stride) * stride)
