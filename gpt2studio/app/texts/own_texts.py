"""A person's indexed texts as the app looks into them, in threads: passages, and whether words stand in them.

What searches is imported by those who call: the first paint needs none of it.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from gpt2studio.errors import NotFoundError, StudioError
from gpt2studio.paths import Places, shipped
from gpt2studio.wire.messages import STITCH, Source

if TYPE_CHECKING:
    from gpt2studio.retrieval.at_hand import Pairs
    from gpt2studio.retrieval.corpus import Corpus
    from gpt2studio.retrieval.index import Index
    from gpt2studio.retrieval.lexicon import Lexicon

EXAMPLE = "example"


class Report(Protocol):
    """Told of what is done while a person waits."""

    def __call__(self, what: str, done: int, total: int) -> None:
        """*what* is *done* of *total*; both 0 where there is no measure."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Characters of a text, with what stands around them."""

    file: str
    """The text's name; empty: the story itself."""
    index: str
    """The index that keeps it."""
    text: str
    """All of it."""
    offset: int
    length: int

    @property
    def line(self) -> int:
        """The number of the line that it begins in, from 1: a paragraph is a line."""
        return self.text.count("\n", 0, self.offset) + 1

    @property
    def found(self) -> str:
        """The characters themselves."""
        return self.text[self.offset : self.offset + self.length]

    @property
    def words(self) -> int:
        """How many words they are, about."""
        return words_in(self.found)


@dataclass(frozen=True, slots=True)
class Found:
    """Texts that a person has picked."""

    texts: int
    size: int
    """Bytes of UTF-8."""


@dataclass(frozen=True, slots=True)
class KeptText:
    """A text of an index."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Mine:
    """What of a selection stands in a person's texts."""

    selection: str
    searched: int
    """How many texts were searched."""
    passage: Passage | None
    """The longest stretch that does; None where not a word does."""


def words_in(text: str) -> int:
    """How many words a text has; marks alone are none, and where no spaces are written each character is one."""
    return len(re.findall(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_](?:[\w'’-]*\w)?", text))


class OwnTexts:
    """The indexes of a person, and the example that ships."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._content = lru_cache(maxsize=4)(self._read)

    def names(self) -> tuple[str, ...]:
        """The indexes there are."""
        from gpt2studio.retrieval.listing import indexes

        return tuple(indexes(self._places))

    def passage(self, model: str, source: Source, story: str) -> Passage:
        """Where a stitched token was copied from; *model*: ``stitch:NAME``. Raises StudioError where it is no more."""
        index = model.removeprefix(STITCH) or EXAMPLE
        text = self._content(index, source.file) if source.file else story
        if source.offset + source.length > len(text):
            raise NotFoundError("That place is not there any more.", "The texts were changed since it was copied.")
        return Passage(source.file, index, text, source.offset, source.length)

    def mine(self, selection: str, report: Report) -> Mine:
        """The longest stretch of *selection* that stands in any of the texts; the open story is not one of them."""
        from gpt2studio.retrieval.copied import longest_copied

        lexicon = _lexicon()
        best: Passage | None = None
        searched = 0
        for name in self._searched():
            report(f"looking in {name}", 0, 0)
            try:
                corpus, content = self._corpus(name, lexicon, report)
            except StudioError:
                continue  # a damaged index is told of on the Models screen; the others can be searched
            searched += len(corpus.names)
            copied = longest_copied(corpus, selection, content)
            if copied is not None and (best is None or copied.length > best.length):
                span = copied.span
                best = Passage(copied.text, name, content(span.text), span.offset, span.length)
        return Mine(selection, searched, best if best and best.words else None)

    def build(self, name: str, paths: Sequence[Path], report: Report) -> tuple[int, int]:
        """Add texts to the index of this name, made where there is none; how many were new, and how many it has now.

        Raises StudioError kinds where they cannot be read.
        """
        from gpt2studio.retrieval.index import Index, check_name
        from gpt2studio.retrieval.texts import read_texts

        folder = self._places.indexes / check_name(name)
        report("Reading", 0, 0)
        index, new = Index.open_or_new(folder).add(read_texts(paths), report)
        index.corpus(_lexicon(), report)
        index.passages(report)
        return new, len(index.kept)

    def look(self, paths: Sequence[Path]) -> Found:
        """What these files and folders hold. Raises StudioError kinds where that is no text."""
        from gpt2studio.retrieval.texts import read_texts

        texts = read_texts(paths)
        return Found(len(texts), sum(len(text.content.encode("utf-8", "replace")) for text in texts))

    def check_name(self, name: str) -> None:
        """Raise StudioError where an index cannot have this name."""
        from gpt2studio.retrieval.index import check_name

        check_name(name)

    def kept(self, name: str) -> tuple[KeptText, ...]:
        """The texts of an index. Raises StudioError kinds where it is none, or damaged."""
        from gpt2studio.retrieval.listing import read_list

        return tuple(KeptText(each.name, each.size) for each in read_list(self._places.indexes / name))

    def take_out(self, name: str, text: str) -> None:
        """Take a text out of an index."""
        from gpt2studio.retrieval.index import Index

        Index(self._places.indexes / name).without([text])

    def _searched(self) -> tuple[str, ...]:
        own = self.names()
        return own if EXAMPLE in own else (*own, EXAMPLE)

    def _corpus(self, name: str, lexicon: "Lexicon", report: Report) -> "tuple[Corpus, Callable[[int], str]]":
        """An index's corpus, and what gives its texts by number."""
        from gpt2studio.retrieval.corpus import Corpus
        from gpt2studio.retrieval.index import Index

        texts = self._named(name)
        if isinstance(texts, Index):
            return texts.corpus(lexicon, report), texts.text
        return Corpus.of(texts, lexicon), lambda number: texts[number][1]

    def _read(self, index: str, file: str) -> str:
        from gpt2studio.retrieval.index import Index

        texts = self._named(index)
        if isinstance(texts, Index):
            for number, kept in enumerate(texts.kept):
                if kept.name == file:
                    return texts.text(number)
        else:
            for name, content in texts:
                if name == file:
                    return content
        raise NotFoundError(f"“{file}” is not in {STITCH}{index} any more.", "It was taken out since it was copied.")

    def _named(self, name: str) -> "Index | Pairs":
        from gpt2studio.retrieval.at_hand import texts_named

        return texts_named(name, self._places)


@lru_cache(maxsize=1)
def _lexicon() -> "Lexicon":
    """The vocabulary that texts are searched in: the stitcher's, in which every index is made ready."""
    from gpt2studio.retrieval.lexicon import Lexicon
    from gpt2studio.text.tokenizer import Tokenizer

    return Lexicon(Tokenizer.of_folder(shipped("models") / "storyteller"))
