"""What the stitcher holds: an index, or texts that are at hand without one."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from gpt2studio.errors import NotFoundError
from gpt2studio.paths import Places as Folders
from gpt2studio.paths import shipped
from gpt2studio.retrieval.corpus import Corpus
from gpt2studio.retrieval.index import MANIFEST, Index, indexes
from gpt2studio.retrieval.infinigram import Infinigram
from gpt2studio.retrieval.lexicon import Lexicon
from gpt2studio.retrieval.making import Report
from gpt2studio.retrieval.passages import Passages
from gpt2studio.retrieval.stitcher.places import Places
from gpt2studio.retrieval.texts import read_texts, straight
from gpt2studio.text.tokenizer import Tokenizer
from gpt2studio.wire.messages import STITCH

VOCABULARY = "storyteller"
"""The shipped model whose tokens the stitcher's texts are made of."""

_LEAST_STEP = 512
"""Characters that a story grows by, at least, before they can be searched too."""


@dataclass(frozen=True, slots=True)
class Searched:
    """Texts to stitch from, with all that searches them."""

    corpus: Corpus
    places: Places
    infinigram: Infinigram

    @classmethod
    def of(cls, corpus: Corpus, passages: Passages) -> "Searched":
        """A corpus and its passages."""
        return cls(corpus, Places(corpus, passages), Infinigram(corpus))

    @classmethod
    def of_texts(cls, texts: Iterable[tuple[str, str]], lexicon: Lexicon) -> "Searched":
        """(Name, text) pairs, in memory."""
        pairs = list(texts)
        return cls.of(Corpus.of(pairs, lexicon), Passages.of([text for _, text in pairs]))

    @property
    def weight(self) -> int:
        """Bytes of tokens and suffix array."""
        return self.corpus.tokens.nbytes + self.corpus.order.nbytes


class StitchModel:
    """Texts that go on from any text."""

    def __init__(self, lexicon: Lexicon, searched: Searched, own_texts: list[tuple[str, str]] | None = None) -> None:
        self.lexicon = lexicon
        self.whole = searched
        """What is searched for any text."""
        self._own_texts = own_texts
        self._of_story: tuple[str, Searched] = ("", searched)

    def for_text(self, text: str) -> Searched:
        """What is searched for this text: where the story itself counts, its beginning too."""
        if self._own_texts is None:
            return self.whole
        told = text[: _settled(text)]
        if self._of_story[0] != told:
            texts = [*self._own_texts, ("", straight(told))] if told else self._own_texts
            self._of_story = (told, Searched.of_texts(texts, self.lexicon))
        return self._of_story[1]


def open_model(name: str, folders: Folders, report: Report) -> StitchModel:
    """The model that a name means: an index, by ``stitch:NAME`` or its folder, or a text or a folder of texts.

    ``stitch:`` alone is what needs no set-up: the example that ships, and the open story, whose text each request has.
    Raises NotFoundError, FormatError.
    """
    lexicon = Lexicon(Tokenizer.of_folder(shipped("models") / VOCABULARY))
    wanted = name.removeprefix(STITCH)
    if not wanted:
        texts = [(text.name, text.content) for text in read_texts([shipped("examples")])]
        return StitchModel(lexicon, Searched.of_texts(texts, lexicon), texts)
    for folder in (folders.indexes / wanted, Path(wanted)):
        if (folder / MANIFEST).is_file():
            index = Index.open(folder)
            return StitchModel(lexicon, Searched.of(index.corpus(lexicon, report), index.passages(report)))
    path = Path(wanted).expanduser()
    if path.exists():
        texts = [(text.name, text.content) for text in read_texts([path])]
        return StitchModel(lexicon, Searched.of_texts(texts, lexicon))
    known = ", ".join(indexes(folders)) or "none yet"
    raise NotFoundError(
        f"There is no index “{wanted}”.", f"At hand: {known}. Make one: gpt2studio index TEXTS… --name NAME"
    )


def _settled(text: str) -> int:
    """How much of a story is worth searching now.

    It moves on in steps of about an eighth of the story, so that the index is not made again for every sentence.
    """
    step = _LEAST_STEP
    while step * 16 <= len(text):
        step *= 2
    end = len(text) // step * step
    return max(text.rfind(mark, 0, end) for mark in ("\n", " ", "。")) + 1 if end else 0
