"""Places to go on from: where the last words of a text stand in a corpus, and how well each would follow."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gpt2studio.retrieval.corpus import Corpus, Found
from gpt2studio.retrieval.keywords import keywords
from gpt2studio.retrieval.passages import Passages
from gpt2studio.retrieval.stitcher.seams import inside_quotes
from gpt2studio.retrieval.stitcher.topics import PlaceArray, Topic, Topics, Weights
from gpt2studio.text.prefixes import PrefixIndex

_MOST = 4096
"""Places that are weighed at once; of more, every so many-th."""
_LONGEST = 24
"""Tokens of a match beyond which longer is no better."""
_SAID = 6
"""Tokens in a row that count as something said before, when they were among the last _LATELY."""
_LATELY = 400
_AROUND = 400
"""Tokens before and after a place that count as the same page."""
_FEW = 32
"""With fewer places than that, shorter matches count too."""
_ANY = 256
"""Passages to begin with where nothing speaks for any."""
_LINES = 3
"""Newlines in a row that part one story from the next."""


@dataclass(slots=True)
class Said:
    """A text so far, as the search for the next place sees it."""

    tokens: list[int]
    """All of it but for what is typed."""
    text: str
    """Its last part, what is typed included."""
    typed: bytes = b""
    """What stands after the tokens already, and must be spelled first."""
    unknown: int = 0
    """How many tokens at the end are a word that the texts do not have."""
    at: int | None = None
    """The place that comes next where copying goes on; None at the beginning."""
    left: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=16))
    """Places where copying ended lately, and how many tokens there were then."""


@dataclass(frozen=True, slots=True)
class Weighing:
    """What counts how much in the choice of a place."""

    match: float
    """For each doubling of the match before it."""
    topic: float
    """For the passage that shares the most keywords; less for others."""
    same_text: float
    """For the text that was copied from last."""
    used: float = 6.0
    """Against where was copied from just now; half of it 100 tokens later."""
    talk: float = 6.0
    """Against speech that would go on as narration, or the other way round."""
    story: float = 6.0
    """Against where one story ends and the next begins."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a place must have."""

    least: int
    """So many of the text's last tokens must stand before it; of a character split among tokens the first counts."""
    may_break: bool
    """Whether a line may end there."""
    weighing: Weighing


@dataclass(frozen=True, slots=True)
class Ranking:
    """Places to go on from, the best first."""

    places: PlaceArray
    scores: Weights

    def shares(self, temperature: float) -> Weights:
        """The chance of each: the softmax of the scores at a temperature; at 0 the best has all."""
        if temperature == 0 or not len(self.scores):
            first: Weights = np.eye(1, len(self.scores))[0]
            return first
        powers = np.exp((self.scores - self.scores[0]) / temperature)
        shares: Weights = powers / powers.sum()
        return shares


class Places:
    """The places of one corpus."""

    def __init__(self, corpus: Corpus, passages: Passages) -> None:
        self.corpus = corpus
        self._passages = passages
        self._topics = Topics(corpus, passages)
        self._prefixes = PrefixIndex(corpus.lexicon.tokenizer.vocabulary)

    def ranked(self, said: Said, wanted: Wanted, limit: int) -> Ranking:
        """At most *limit* places that *said* may go on from; there may be none."""
        topic = self._topics.of(said.text)
        places = self._candidates(said, wanted, topic)
        weighing = wanted.weighing
        scores = weighing.match * self._match(said.tokens, places) + weighing.topic * topic.fit(places)
        scores += weighing.same_text * self._same_text(said.at, places)
        scores -= weighing.used * self._used(said, places)
        best = _highest(scores, 4 * limit)
        places, scores = places[best], scores[best]
        talking = inside_quotes(said.text[said.text.rfind("\n") + 1 :])
        for index, place in enumerate(places.tolist()):
            scores[index] -= weighing.talk * (self._inside_quotes(place) != talking)
            scores[index] -= weighing.story * self._begins_story(place)
        best = _highest(scores, len(scores))
        fresh = [index for index in best if not self.said_lately(said, int(places[index]))]
        if not fresh and said.at is None:
            fresh = best.tolist()  # a story may have nothing to go on from but what it has just said
        return Ranking(places[fresh[:limit]], scores[fresh[:limit]])

    def take_up(self, said: Said) -> None:
        """Take what is typed for a whole word where no text has a word that begins so."""
        if said.typed and not len(self._spelling(said.tokens, said.typed)):
            word = self.corpus.lexicon.tokenizer.encode(said.typed.decode("utf-8", "replace"))
            said.tokens += word
            said.typed, said.unknown = b"", len(word)

    def anywhere(self, text: str, limit: int) -> Ranking:
        """Beginnings of passages, whatever stands before them: those on the text's topic, or just any."""
        hits = self._passages.search(keywords(text, self._passages), limit)
        numbers = [hit.passage for hit in hits] or range(0, len(self._passages), max(len(self._passages) // _ANY, 1))
        places = [self._topics.token_range(number)[0] for number in numbers]
        scores = [hit.score for hit in hits] or [0.0] * len(places)
        return Ranking(np.array(places, dtype=np.int64), np.array(scores, dtype=np.float64))

    def said_lately(self, said: Said, place: int) -> bool:
        """Whether what comes next there was said not long ago."""
        following = self.corpus.stretch(place, _SAID)
        lately = said.tokens[-_LATELY:]
        return any(
            lately[at : at + len(following)] == following for at, token in enumerate(lately) if token == following[0]
        )

    # --- which ---------------------------------------------------------------------------------------------------

    def _candidates(self, said: Said, wanted: Wanted, topic: Topic) -> PlaceArray:
        if said.typed:
            places = self._spelling(said.tokens, said.typed)
        elif said.unknown:
            places = self._past_a_word(said.tokens[: -said.unknown])
        else:
            places = self._matching(said, wanted.least, topic)
        which: NDArray[np.bool_] = self._begins_character[self.corpus.tokens[places]]
        if said.at is not None:
            # From the present place to another: to the beginning of a word, and away from here.
            which &= ~self._inside_word[self.corpus.tokens[places]] & (places != said.at)
            which &= wanted.may_break | (self._newlines[self.corpus.tokens[places]] == 0)
        return places[which]

    def _matching(self, said: Said, least: int, topic: Topic) -> PlaceArray:
        """Where the text's last tokens stand: the longest match that is not rare, and all of the topic's passages."""
        least = self._tokens_of(said.tokens, least)
        found = self.corpus.longest_suffix(said.tokens[-_LONGEST:], _MOST // 2, continued=True)
        if found.length < least:
            found = self.corpus.before_borders(self.corpus.find(said.tokens[len(said.tokens) - least :]))
        if found.length == 0:
            return np.empty(0, dtype=np.int64)
        topical = topic.places()
        for back in range(1, least + 1):
            topical = topical[topical >= back]
            topical = topical[self.corpus.tokens[topical - back] == said.tokens[-back]]
        return np.union1d(self._after(found), topical)

    def _tokens_of(self, tokens: list[int], count: int) -> int:
        """How many of the last tokens *count* of them are that begin a character."""
        begun = np.cumsum(self.corpus.lexicon.characters[tokens[: -4 * count - 1 : -1]] > 0)
        return min(int(np.searchsorted(begun, count)) + 1, len(tokens))

    def _after(self, found: Found) -> PlaceArray:
        return self.corpus.places(found)[:: max(found.count // _MOST, 1)].astype(np.int64) + found.length

    def _spelling(self, tokens: list[int], typed: bytes) -> PlaceArray:
        """Where what is typed already comes next, after the longest matches of *tokens* before it."""
        word = self.corpus.lexicon.tokenizer.encode(typed.decode("utf-8", "replace"))
        rests = [b"".join(map(self.corpus.lexicon.token_bytes.__getitem__, word[whole:])) for whole in range(len(word))]
        completing = [self._beginning_with(rest) for rest in rests]
        places = np.empty(0, dtype=np.int64)
        for length in range(self.corpus.longest_suffix(tokens[-_LONGEST:]).length, -1, -1):
            before = tokens[len(tokens) - length :]
            found = [self._completed([*before, *word[:whole]], last) for whole, last in enumerate(completing)]
            places = np.unique(np.concatenate([places, *(each.astype(np.int64) + length for each in found)]))
            if len(places) >= (_FEW if length else 1):
                break
        return places

    def _completed(self, stretch: list[int], last: NDArray[np.int64]) -> NDArray[np.int32]:
        """Where *stretch* stands before one of the tokens *last*."""
        if stretch:
            places = self.corpus.places(self.corpus.find(stretch))
            places = places[np.isin(self.corpus.tokens[places + len(stretch)], last)]
        else:
            each = [self.corpus.places(self.corpus.find([token])) for token in last.tolist()]
            places = np.concatenate(
                [places[:: max(len(places) // _MOST, 1)] for places in each] or [self.corpus.order[:0]]
            )
        return places[:: max(len(places) // _MOST, 1)]

    def _beginning_with(self, data: bytes) -> NDArray[np.int64]:
        """The tokens whose bytes begin with *data*."""
        return np.array(self._prefixes.beginning_with(data), dtype=np.int64)

    def _past_a_word(self, tokens: list[int]) -> PlaceArray:
        """After any word at all where the texts know none of the one that comes: a word on from the longest match."""
        places = self._after(self.corpus.longest_suffix(tokens[-_LONGEST:])) + 1
        for _ in range(_SAID):
            places += self._inside_word[self.corpus.tokens[np.minimum(places, len(self.corpus) - 1)]]
        return places[places < len(self.corpus)]

    # --- how well ------------------------------------------------------------------------------------------------

    def _match(self, tokens: Sequence[int], places: PlaceArray) -> Weights:
        """The doublings of the number of tokens before each place that stand at the end of the text too."""
        lengths = np.zeros(len(places))
        alike = np.ones(len(places), dtype=np.bool_)
        for back in range(1, min(_LONGEST, len(tokens)) + 1):
            before = np.maximum(places - back, 0)
            alike &= (places >= back) & (self.corpus.tokens[before] == tokens[-back])
            if not alike.any():
                break
            lengths += alike
        return np.log2(1 + lengths)

    def _same_text(self, at: int | None, places: PlaceArray) -> NDArray[np.bool_]:
        if at is None:
            return np.zeros(len(places), dtype=np.bool_)
        text = self.corpus.text_at(at)
        same: NDArray[np.bool_] = (places >= self.corpus.begin_of(text)) & (places < self.corpus.begin_of(text + 1))
        return same

    def _used(self, said: Said, places: PlaceArray) -> Weights:
        """How lately each place's surroundings were copied from: 1 just now, 0 long ago."""
        used = np.zeros(len(places))
        here = [] if said.at is None else [(said.at, len(said.tokens))]
        for left, when in (*said.left, *here):
            used[np.abs(places - left) < _AROUND] = 0.5 ** ((len(said.tokens) - when) / 100)
        return used

    def _inside_quotes(self, place: int) -> bool:
        before = self.corpus.tokens[max(place - 256, self.corpus.begin_of(self.corpus.text_at(place))) : place]
        lines = np.flatnonzero(self._newlines[before])
        return int(self._quotes[before[lines[-1] + 1 if len(lines) else 0 :]].sum()) % 2 == 1

    def _begins_story(self, place: int) -> bool:
        newlines = 0
        for token in self.corpus.stretch(place, _LINES):
            if not self._newlines[token]:
                break
            newlines += int(self._newlines[token])
        return newlines >= _LINES

    @cached_property
    def _begins_character(self) -> NDArray[np.bool_]:
        """Tokens that can follow a whole character; the border cannot."""
        return np.array(
            [*(data[:1] < b"\x80" or data[:1] >= b"\xc0" for data in self.corpus.lexicon.token_bytes), False]
        )

    @cached_property
    def _inside_word(self) -> NDArray[np.bool_]:
        """Tokens that go on with a word which the one before them began."""
        tokens = [data.decode("utf-8", "replace")[:1] for data in self.corpus.lexicon.token_bytes]
        return np.array([*(first.isalnum() and first.isascii() for first in tokens), False])

    @cached_property
    def _quotes(self) -> NDArray[np.int64]:
        return np.array([data.count(b'"') for data in (*self.corpus.lexicon.token_bytes, b"")])

    @cached_property
    def _newlines(self) -> NDArray[np.int64]:
        return np.array([data.count(b"\n") for data in (*self.corpus.lexicon.token_bytes, b"\n")])


def _highest(scores: Weights, limit: int) -> NDArray[np.intp]:
    """Where the highest scores are, the highest first, of equals the first one."""
    return np.argsort(-scores, kind="stable")[:limit]
