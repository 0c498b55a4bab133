"""What the stitcher holds: an index, or texts that are at hand without one."""

from collections.abc import Iterable
from dataclasses import dataclass

from gpt2studio.paths import Places as Folders
from gpt2studio.paths import shipped
from gpt2studio.retrieval.at_hand import counts_story, settled, texts_named, with_story
from gpt2studio.retrieval.corpus import Corpus
from gpt2studio.retrieval.index import Index
from gpt2studio.retrieval.infinigram import Infinigram
from gpt2studio.retrieval.lexicon import Lexicon
from gpt2studio.retrieval.making import Report
from gpt2studio.retrieval.passages import Passages
from gpt2studio.retrieval.stitcher.places import Places
from gpt2studio.text.tokenizer import Tokenizer

VOCABULARY = "storyteller"
"""The shipped model whose tokens the stitcher's texts are made of."""


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
        told = text[: settled(text)]
        if self._of_story[0] != told:
            self._of_story = (told, Searched.of_texts(with_story(self._own_texts, text), self.lexicon))
        return self._of_story[1]


def open_model(name: str, folders: Folders, report: Report) -> StitchModel:
    """The model that a name means: an index, by ``stitch:NAME`` or its folder, or a text or a folder of texts.

    ``stitch:`` alone is what needs no set-up: the example that ships, and the open story, whose text each request has.
    Raises NotFoundError, FormatError.
    """
    lexicon = Lexicon(Tokenizer.of_folder(shipped("models") / VOCABULARY))
    texts = texts_named(name, folders)
    if isinstance(texts, Index):
        return StitchModel(lexicon, Searched.of(texts.corpus(lexicon, report), texts.passages(report)))
    own = texts if counts_story(name, texts) else None
    return StitchModel(lexicon, Searched.of_texts(texts, lexicon), own)
