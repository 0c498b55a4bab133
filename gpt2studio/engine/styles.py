"""The texts that styles name, made ready in the vocabulary of the model that is held, beside the engine's steps."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for

from gpt2studio.paths import places
from gpt2studio.retrieval.at_hand import Pairs, counts_story, settled, texts_named, with_story
from gpt2studio.retrieval.blend import Blend
from gpt2studio.retrieval.corpus import Corpus
from gpt2studio.retrieval.index import Index
from gpt2studio.retrieval.infinigram import Infinigram
from gpt2studio.retrieval.lexicon import Lexicon
from gpt2studio.text.tokenizer import Tokenizer
from gpt2studio.text.vocabulary import Vocabulary
from gpt2studio.wire.style import Style

_KEPT = 4
"""Texts of as many names stay ready."""

Key = tuple[str, str]
"""What texts are: a name, and what it means now."""


class StoppedError(Exception):
    """Nobody waits for the texts any more."""


class Preparation:
    """Texts being made ready."""

    def __init__(self) -> None:
        self.progress = ("", 0, 0)
        """What is done now, how far it is, and of how much."""
        self._stopped = False
        self._future: Future[Blend]

    def begin(self, executor: ThreadPoolExecutor, make: Callable[["Preparation"], Blend]) -> None:
        """Have them made by *make*, in a thread."""
        self._future = executor.submit(make, self)

    def report(self, what: str, done: int, total: int) -> None:
        """Keep what is done; raise StoppedError where nobody waits for it any more."""
        if self._stopped:
            raise StoppedError
        self.progress = (what, done, total)

    def wait(self, seconds: float) -> bool:
        """Whether they are ready, or cannot be, within so many seconds."""
        return bool(wait_for([self._future], seconds).done)

    def result(self) -> Blend:
        """The texts, ready to be mixed in. Raises what has prevented it."""
        return self._future.result()

    def stop(self) -> None:
        """Nobody waits any more."""
        self._stopped = True


class Styles:
    """Texts in one vocabulary, the last ones kept."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._lexicon: Lexicon | None = None
        self._executor = ThreadPoolExecutor(1, "styles")
        self._ready: dict[Key, Infinigram] = {}
        self._read: dict[str, Pairs] = {}

    def prepare(self, style: Style, story: str) -> Preparation:
        """Begin to make the texts of a style ready; *story*: what is gone on from, searched where no index is named."""
        preparation = Preparation()
        preparation.begin(self._executor, lambda me: Blend(self._infinigram(style.index, story, me), style.weight))
        return preparation

    def close(self) -> None:
        """Make nothing more."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _infinigram(self, name: str, story: str, preparation: Preparation) -> Infinigram:
        preparation.report("", 0, 0)
        # A tokenizer of its own: the engine's is at work at the same time.
        self._lexicon = lexicon = self._lexicon or Lexicon(Tokenizer(self._vocabulary))
        texts = self._read.get(name) or texts_named(name, places())
        own = counts_story(name, texts)
        if isinstance(texts, Index):
            key = (str(texts.folder), texts.key)
        else:
            self._read[name] = texts  # files that are no index are read once
            key = (name, story[: settled(story)] if own else "")
        if key not in self._ready:
            earlier = [other for other in self._ready if other[0] != key[0]][1 - _KEPT :]
            self._ready = {other: self._ready[other] for other in earlier}
            if isinstance(texts, Index):
                corpus = texts.corpus(lexicon, preparation.report)
            else:
                preparation.report("Reading tokens", 0, 0)
                corpus = Corpus.of(with_story(texts, story) if own else texts, lexicon)
            self._ready[key] = Infinigram(corpus)
        return self._ready[key]
