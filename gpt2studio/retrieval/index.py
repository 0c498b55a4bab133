"""An index: a folder that keeps texts, and what is made of them to search them."""

import contextlib
import shutil
from collections.abc import Collection, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from gpt2studio.errors import FormatError, StudioError
from gpt2studio.files import write_whole
from gpt2studio.paths import fits_every_system
from gpt2studio.retrieval import stored
from gpt2studio.retrieval.corpus import Corpus
from gpt2studio.retrieval.lexicon import Lexicon
from gpt2studio.retrieval.listing import AGAIN, MANIFEST, Kept, read_list, write_list
from gpt2studio.retrieval.making import Report, is_whole, locked, made, silent
from gpt2studio.retrieval.passages import Passages
from gpt2studio.retrieval.texts import Text, named_apart


class Index:
    """Texts to search, kept in a folder.

    ``index.json`` lists them, ``texts/`` holds them. The other folders are made of them when they are first needed,
    and can be made again: one with the passages, and one a vocabulary with its tokens and their suffix array.
    """

    def __init__(self, folder: Path, kept: Sequence[Kept] = ()) -> None:
        self.folder = folder
        self.kept = tuple(kept)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The index in a folder. Raises NotFoundError where there is none, FormatError where its list is damaged."""
        return cls(folder, read_list(folder))

    @classmethod
    def open_or_new(cls, folder: Path) -> Self:
        """The index in a folder, or an empty one that will be there when something is added."""
        return cls.open(folder) if (folder / MANIFEST).exists() else cls(folder)

    @property
    def name(self) -> str:
        """What people call it."""
        return self.folder.name

    @property
    def key(self) -> str:
        """A name that only these texts in this order have."""
        return _key(self.kept)

    @property
    def size(self) -> int:
        """Bytes on disk, all told."""
        total = 0
        for path in self.folder.rglob("*"):
            with contextlib.suppress(OSError):  # another process has taken it away in the meantime
                total += path.stat().st_size if path.is_file() else 0
        return total

    def add(self, texts: Sequence[Text], report: Report = silent) -> tuple[Self, int]:
        """The index with these texts too, and how many of them are new to it; what it has already is left out."""
        with locked(self.folder, report):
            for part in self.folder.rglob(".*.part"):
                part.unlink()  # of a process that was killed while it wrote: the lock is ours
            # Another process may have added some since this one looked.
            before = self.open_or_new(self.folder).kept
            known = {each.key for each in before}
            new = named_apart([text for text in texts if text.key not in known], [each.name for each in before])
            kept = [*before, *(self._keep(text) for text in new)]
            write_list(self.folder, kept)
        return type(self)(self.folder, kept), len(new)

    def without(self, names: Collection[str], report: Report = silent) -> Self:
        """The index without the texts of these names, whose copies are taken away; nothing else of it changes."""
        with locked(self.folder, report):
            before = self.open(self.folder).kept
            kept = [each for each in before if each.name not in names]
            write_list(self.folder, kept)
            still = {each.file for each in kept}
            for each in before:
                if each.file not in still:
                    (self.folder / each.file).unlink(missing_ok=True)
        return type(self)(self.folder, kept)

    def text(self, number: int) -> str:
        """The content of one of the texts, as it was added."""
        kept = self.kept[number]
        try:
            content = (self.folder / kept.file).read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError):
            content = ""
        text = Text(kept.name, content)
        if text.key != kept.key:
            raise FormatError(f"The copy of “{kept.name}” in the index “{self.name}” is damaged.", AGAIN)
        return content

    def corpus(self, lexicon: Lexicon, report: Report = silent) -> Corpus:
        """The texts in a vocabulary, memory-mapped; made now where they are not yet."""
        name = f"tokens-{lexicon.key}-{self.key}"
        earlier = [path for path in self.folder.glob(f"tokens-{lexicon.key}-*") if path.name != name]

        def make(folder: Path) -> None:
            known = stored.encoded_before(earlier, lexicon)
            sources = [(each.key, lambda number=number: self.text(number)) for number, each in enumerate(self.kept)]
            stored.write(folder, sources, known, lexicon, report)

        folder = made(self.folder, name, make, report)
        corpus = stored.open_corpus(folder, [each.name for each in self.kept], lexicon)
        _forget(earlier)
        return corpus

    def passages(self, report: Report = silent) -> Passages:
        """The passages of the texts; made now where they are not yet."""
        name = f"passages-{self.key}"

        def make(folder: Path) -> None:
            done, earlier = self._passages_before()
            Passages.write(folder, self._contents(done, "Reading passages", report), earlier, done)

        folder = made(self.folder, name, make, report)
        _forget(path for path in self.folder.glob("passages-*") if path.name != name)
        return Passages.open(folder)

    def _passages_before(self) -> tuple[int, Path | None]:
        """How many of the first texts have their passages in a folder already, and that folder."""
        for count in range(len(self.kept) - 1, 0, -1):
            folder = self.folder / f"passages-{_key(self.kept[:count])}"
            if folder.exists() and is_whole(folder):
                return count, folder
        return 0, None

    def _contents(self, first: int, what: str, report: Report) -> Iterator[str]:
        for number in range(first, len(self.kept)):
            report(what, number, len(self.kept))
            yield self.text(number)

    def _keep(self, text: Text) -> Kept:
        data = text.content.encode("utf-8", "replace")
        file = f"texts/{text.key}.txt"
        write_whole(self.folder / file, data)
        return Kept(text.name, file, text.key, len(data), len(text.content))


def check_name(name: str) -> str:
    """*name*, where an index can be called that. Raises StudioError."""
    strange = name.startswith(".") or any(sign in name for sign in '/\\:*?"<>|') or not name.isprintable()
    if not name or strange or not fits_every_system(name):
        raise StudioError(f"An index cannot be called “{name}”.", "Use letters, digits, - and _.")
    return name


def _key(kept: Sequence[Kept]) -> str:
    return sha256(" ".join(each.key for each in kept).encode()).hexdigest()[:16]


def _forget(folders: Any) -> None:
    """Take away what was made of an earlier list of texts; where another process has it open, it stays for now."""
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
