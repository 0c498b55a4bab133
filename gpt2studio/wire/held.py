"""Text that a model reads beside the story: memory at the start of its window, a note near the story's end."""

import re
from dataclasses import dataclass

from gpt2studio.errors import UsageError

WORDS = 60
"""How many words of the story come after the note unless a person says otherwise."""

_WORD = re.compile(r"\S+")
_PAUSE = re.compile(r"\n+|(?<=[.!?…”\"']) ")


@dataclass(frozen=True, slots=True)
class Held:
    """What is held in a window beside the story; empty texts are not there."""

    memory: str = ""
    """Stands at the window's start whatever of the story has left it."""
    note: str = ""
    """Stands on a line of its own near the end of the text that is gone on with, and stays there while that grows."""
    words: int = WORDS
    """How many words stand between the note and the end, at least."""

    def __post_init__(self) -> None:
        """Refuse a distance that is none."""
        if self.words < 0:
            raise UsageError("A note cannot stand beyond the end.", "Give a distance of 0 words or more.")

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self.memory or self.note)

    @property
    def opening(self) -> str:
        """The memory as the model reads it: lines of its own."""
        return self.memory + "\n" if self.memory and not self.memory.endswith("\n") else self.memory

    def inset(self, text: str) -> tuple[int, str]:
        """Where in the text the note stands, and how the model reads it."""
        if not self.note:
            return len(text), ""
        place = note_place(text, self.words)
        begin = "" if not place or text[place - 1] == "\n" else "\n"
        return place, begin + self.note.strip("\n") + "\n"


NOTHING = Held()


def note_place(text: str, words: int) -> int:
    """The place of a note: a pause of the text with so many words after it, at most twice as many if it can be.

    Where there is no pause there, it is the border of the word.
    """
    if words == 0:
        return len(text)
    tail = text[-40 * (words + 1) * 2 :]
    begin = len(text) - len(tail)
    starts = [match.start() for match in _WORD.finditer(tail)]
    if len(starts) <= words:
        return begin
    latest, earliest = starts[-words], starts[max(0, len(starts) - 2 * words)]
    pauses = [match.end() for match in _PAUSE.finditer(tail, 0, latest) if match.end() >= earliest]
    return begin + (pauses[-1] if pauses else latest)
