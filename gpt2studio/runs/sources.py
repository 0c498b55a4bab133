"""The files that a person means, and the text in them, whatever its encoding: read in pieces, never whole."""

import codecs
import glob
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gpt2studio.errors import FormatError, NotFoundError, StudioError

KINDS = (".txt", ".md", ".csv", ".jsonl", ".npz")
"""What is taken from a folder; a file that is named may end in anything and is read as text."""

PIECE = 1 << 20
"""Characters or bytes that are read at a time."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read, and how its bytes become text."""

    path: Path
    encoding: str
    """Empty for `.npz`, which holds tokens."""
    size: int
    """Bytes."""


def find_files(names: Sequence[str]) -> list[Path]:
    """The files that paths and patterns mean, each once: folders sorted, hidden files left out.

    Raises NotFoundError for a name that means nothing.
    """
    found: dict[Path, None] = {}
    for name in names:
        files = _meant(name)
        if not files:
            raise NotFoundError(f"{name} holds no texts.", f"Give a text, or a folder or pattern of: {' '.join(KINDS)}")
        found.update(dict.fromkeys(files))
    return list(found)


def open_sources(names: Sequence[str], encoding: str = "auto") -> list[Source]:
    """The files with their encodings. Raises FormatError, with file and place, for a byte that cannot be read."""
    return [_source(path, encoding) for path in find_files(names)]


def read_pieces(source: Source) -> Iterator[str]:
    """The text in pieces, newlines as ``\\n``, without a byte order mark."""
    with source.path.open("rb") as file, io.TextIOWrapper(file, encoding=source.encoding) as text:
        while piece := text.read(PIECE):
            yield piece


def open_rows(source: Source) -> io.TextIOWrapper:
    """The text as a file whose newlines are left alone, as CSV asks for."""
    return io.TextIOWrapper(source.path.open("rb"), encoding=source.encoding, newline="")


def _meant(name: str) -> list[Path]:
    path = Path(name).expanduser()
    if path.is_dir():
        return sorted(each for each in path.rglob("*") if each.suffix.lower() in KINDS and _plain(each, path))
    if path.is_file():
        return [path]
    matches = (Path(each) for each in glob.glob(str(path), recursive=True))  # noqa: PTH207 - it may be absolute
    return sorted(file for match in matches for file in (_meant(str(match)) if match.is_dir() else [match]))


def _plain(path: Path, folder: Path) -> bool:
    return path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)


def _source(path: Path, encoding: str) -> Source:
    try:
        size = path.stat().st_size
        if path.suffix.lower() == ".npz":
            return Source(path, "", size)
        with path.open("rb") as file:
            start = file.read(4096)
        if encoding == "auto":
            found = next((name for mark, name in _MARKS if start.startswith(mark)), None) or _without_mark(start)
        else:
            found = _known(encoding)
        return Source(path, _read_through(path, found, guessed=encoding == "auto"), size)
    except OSError as error:
        raise FormatError(f"{path} cannot be read: {error.strerror}.", "Check the file and its permissions.") from None
    except UnicodeError as error:  # of a codec that tells of no place
        raise FormatError(f"{path} is not {encoding.upper()}: {error}.", "Name another encoding.") from None


def _without_mark(start: bytes) -> str:
    """UTF-16 without a mark is told by the zero bytes of its ASCII; all else is tried as UTF-8 first."""
    if len(start) >= 4 and b"\0" in start:
        even, odd = start[::2].count(0), start[1::2].count(0)
        if odd > len(start) // 4 and even == 0:
            return "utf-16-le"
        if even > len(start) // 4 and odd == 0:
            return "utf-16-be"
    return "utf-8"


def _known(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
        "".encode(name)  # there are codecs of other things than texts
    except (LookupError, ValueError):
        raise StudioError(f"There is no encoding “{encoding}”.", "utf-8, windows-1252 and gb18030 are some.") from None
    return "utf-8-sig" if name == "utf-8" else name


def _read_through(path: Path, encoding: str, *, guessed: bool) -> str:
    """The encoding, once every byte of the file has been found to fit.

    A text is taken for Windows-1252 where most of what is beyond ASCII is not UTF-8; where most of it is, the text
    is UTF-8 with a bad byte, and its place is named.
    """
    bad = _first_bad(path, encoding)
    if bad is None:
        return encoding
    if guessed and encoding == "utf-8" and _mostly_other(path) and _first_bad(path, "cp1252") is None:
        return "cp1252"
    raise FormatError(
        f"{path}, line {bad.line}: byte 0x{bad.byte:02x} at position {bad.position} is not {encoding.upper()}.",
        "Save the file as UTF-8, or name its encoding: windows-1252, say.",
    )


@dataclass(frozen=True, slots=True)
class _Bad:
    """The first byte that does not fit."""

    position: int
    line: int
    byte: int


def _first_bad(path: Path, encoding: str) -> _Bad | None:
    decoder = codecs.getincrementaldecoder(encoding)()
    position, line = 0, 1
    with path.open("rb") as file:
        while True:
            block = file.read(PIECE)
            held = decoder.getstate()[0]
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                start = position - len(held) + error.start
                return _Bad(start, line + error.object[: error.start].count(b"\n"), error.object[error.start])
            if not block:
                return None
            position += len(block)
            line += text.count("\n")


def _mostly_other(path: Path) -> bool:
    """Whether, of what is beyond ASCII, more is bad UTF-8 than good."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    beyond = bad = 0
    with path.open("rb") as file:
        while block := file.read(PIECE):
            text = decoder.decode(block)
            beyond += len(text) - len(text.encode("ascii", "ignore"))
            bad += text.count("\N{REPLACEMENT CHARACTER}")
    return bad > beyond - bad
