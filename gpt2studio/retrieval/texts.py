"""Texts as they are indexed: read from files, in one encoding, with the marks that a keyboard has."""

import codecs
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from gpt2studio.errors import FormatError, NotFoundError

SUFFIXES = frozenset({".txt", ".md"})
"""What is taken from a folder; a file that is named is read whatever it is called."""

_STRAIGHT = {"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "‚": "'", "\u00a0": " "}

_SAMPLE = 4096
"""Characters that tell what script a text is in."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text with the name that sources cite."""

    name: str
    content: str

    @property
    def key(self) -> str:
        """A name that only this content has."""
        return sha256(self.content.encode("utf-8", "replace")).hexdigest()[:16]


def straight(text: str) -> str:
    """The text with the quotes and apostrophes that people type: as long as it was, so that offsets hold.

    A text in Chinese or Japanese keeps its own: there those are the ones that people type.
    """
    if not text.isascii() and _eastern(text[:_SAMPLE]) * 10 < min(len(text), _SAMPLE):
        for curved, typed in _STRAIGHT.items():
            text = text.replace(curved, typed)
    return text


def read_texts(paths: Iterable[Path]) -> list[Text]:
    """The texts of files and of folders (sorted, hidden and empty files left out), each content once.

    Raises NotFoundError for what is not there or cannot be read, FormatError for what is no text or where nothing
    holds a word.
    """
    texts: dict[str, Text] = {}
    for path in paths:
        for file, name in _files(path):
            text = Text(name, read(file))
            if text.content.strip():
                texts.setdefault(text.key, text)
    if not texts:
        raise FormatError("There are no words in these files.", "Give files that hold text.")
    return list(texts.values())


def read(path: Path) -> str:
    """A file's text: UTF-8, or UTF-16 that says so; lines end in one newline, quotes are straight.

    Raises NotFoundError for a file that cannot be read, FormatError for one that is no text.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise NotFoundError(
            f"{path} cannot be read: {error.strerror}.", "See who may read it, or leave it out."
        ) from None
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FormatError(
            f"{path} is not UTF-8: byte 0x{data[error.start]:02x} at position {error.start}, line {line}.",
            "Save it as UTF-8, or convert it: iconv -f latin1 -t utf-8 FILE",
        ) from None
    if "\0" in text:
        raise FormatError(f"{path} is not a text: it holds zero bytes.", "Give text files, or folders of them.")
    return straight(text.replace("\r\n", "\n").replace("\r", "\n"))


def named_apart(texts: Sequence[Text], taken: Iterable[str]) -> list[Text]:
    """The texts, those whose name is *taken* with a number after it."""
    used = set(taken)
    apart: list[Text] = []
    for text in texts:
        name, number = text.name, 1
        while name in used:
            number += 1
            name = f"{text.name} ({number})"
        used.add(name)
        apart.append(Text(name, text.content))
    return apart


def _files(path: Path) -> Iterator[tuple[Path, str]]:
    if path.is_file():
        yield path, path.name
        return
    if not path.is_dir():
        raise NotFoundError(f"There is no file {path}.", "Give text files, or folders of .txt and .md files.")
    found = 0
    for file in sorted(path.rglob("*")):
        inside = file.relative_to(path)
        if (
            file.suffix.lower() in SUFFIXES
            and file.is_file()
            and not any(part.startswith(".") for part in inside.parts)
        ):
            found += 1
            yield file, inside.as_posix()
    if not found:
        raise NotFoundError(f"{path} holds no .txt or .md files.", "Name the files themselves if they are texts.")


def _eastern(text: str) -> int:
    """How many characters are of the scripts of China and Japan."""
    return sum("\u2e80" <= character <= "\u9fff" for character in text)
