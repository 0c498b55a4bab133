"""Stitching: a text goes on as it does at another place in the corpus, up to a good seam, then from a further one."""

from dataclasses import dataclass, replace

import numpy as np

from gpt2studio.errors import EngineError
from gpt2studio.retrieval.stitcher.dial import Dial
from gpt2studio.retrieval.stitcher.places import Places, Ranking, Said
from gpt2studio.retrieval.stitcher.seams import Seam, begins_word, seam
from gpt2studio.retrieval.stitcher.topics import PlaceArray, Weights
from gpt2studio.text.utf8 import StreamDecoder

CHOICES = 20
"""Among so many places, at most, a new one is chosen."""

_LOOKED_BACK = 16
"""Tokens before one that a person has chosen that may match."""

_KEPT = 4000
"""Characters of the text so far that are kept: more than anything looks back."""


@dataclass(frozen=True, slots=True)
class Options:
    """Places whose token may come next, and the chance of each."""

    places: PlaceArray
    chances: Weights
    """They add up to 1."""
    stays: bool
    """Whether the first place is where copying would just go on."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A token that may come next."""

    token: int
    data: bytes
    """What it adds to the text."""
    within: bool
    """Whether it begins with what is typed, and not after it."""


class Stitch:
    """One text being stitched."""

    def __init__(self, places: Places, said: Said, dial: Dial, temperature: float) -> None:
        self._places = places
        self._corpus = places.corpus
        self._dial = dial
        self._temperature = temperature
        self._words = 0
        self._decoder = StreamDecoder()
        # Bytes of a character that has only begun.
        self._split = 0
        self.said = said
        places.take_up(said)

    def options(self, number: float | None = None) -> Options:
        """What may come next; where a *number* is given that draws the first place, that place alone."""
        staying, seam_here = self._staying()
        leaving = 1.0 if staying is None else self._leaving(seam_here)
        ranking = None
        if leaving > 0 and (number is None or number >= 1 - leaving):
            ranking = self._ranking(seam_here, may_be_empty=staying is not None)
        if ranking is None or not len(ranking.places):
            assert staying is not None
            return Options(np.array([staying]), np.array([1.0]), stays=True)
        shares = ranking.shares(self._temperature)
        if staying is None:
            return Options(ranking.places, shares, stays=False)
        return Options(
            np.concatenate([[staying], ranking.places]), np.concatenate([[1 - leaving], leaving * shares]), stays=True
        )

    def leading_to(self, token: int) -> Options:
        """The places where *token* comes next, a person having chosen it: after the longest end of what was said.

        Raises EngineError where the texts do not have it.
        """
        corpus, said = self._corpus, self.said
        wanted = [token]
        if said.typed and not corpus.lexicon.token_bytes[token].startswith(said.typed):
            wanted = [*corpus.lexicon.tokenizer.encode(said.typed.decode("utf-8", "replace")), token]
        for length in range(min(len(said.tokens), _LOOKED_BACK), -1, -1):
            found = corpus.find([*said.tokens[len(said.tokens) - length :], *wanted])
            if found.count:
                places = corpus.places(found)[:CHOICES].astype(np.int64) + length
                return Options(places, np.full(len(places), 1 / len(places)), stays=places[0] == said.at)
        raise EngineError("The texts do not have that word.", "Choose another.")

    @property
    def at_an_end(self) -> bool:
        """Whether the text that is copied from ends here."""
        return self.said.at is not None and self._corpus.token(self.said.at) == self._corpus.lexicon.border

    def shown(self, place: int) -> Shown:
        """The first token from *place* on that spells more than what is typed, or the last of a text ending there."""
        typed, within = self.said.typed, bool(self.said.typed)
        while True:
            token = self._corpus.token(place)
            data = self._corpus.lexicon.token_bytes[token]
            if len(data) > len(typed) or self._corpus.token(place + 1) == self._corpus.lexicon.border:
                return Shown(token, data[len(typed) :], within)
            place, typed, within = place + 1, typed[len(data) :], False

    def take(self, options: Options, choice: int) -> int:
        """Copy the token at the place chosen; that token."""
        place = int(options.places[choice])
        if not (options.stays and choice == 0):
            if self.said.at is not None:
                self.said.left.append((self.said.at, len(self.said.tokens)))
            self._words = 0
        said = self.said
        token = self._corpus.token(place)
        data = self._corpus.lexicon.token_bytes[token]
        new = data[len(said.typed) :]
        added = self._decoder.push(new)
        self._split += len(new) - len(added.encode())
        said.typed = said.typed[len(data) :]
        said.tokens.append(token)
        said.text = said.text[-_KEPT:] + added
        said.at, said.unknown = place + 1, 0
        self._words += begins_word(added)
        return token

    def _staying(self) -> tuple[int | None, Seam]:
        """The place that comes next where copying goes on, and the seam before it; None at the beginning or an end."""
        if self.said.at is None or self.at_an_end:
            return None, Seam.SENTENCE
        if self._split or self.said.typed:
            return self.said.at, Seam.NONE
        after = self._corpus.lexicon.token_bytes[self._corpus.token(self.said.at)]
        return self.said.at, seam(self.said.text, after.decode("utf-8", "replace"))

    def _leaving(self, seam_here: Seam) -> float:
        """The chance of going on from another place than the present one."""
        assert self.said.at is not None
        if seam_here is not Seam.NONE and self._places.said_lately(self.said, self.said.at):
            return 1.0  # going on would say it all again
        leaving = self._dial.leaving(seam_here, self._words)
        return float(leaving >= 0.5) if self._temperature == 0 else leaving

    def _ranking(self, seam_here: Seam, *, may_be_empty: bool) -> Ranking:
        wanted = self._dial.wanted(seam_here)
        ranking = self._places.ranked(self.said, wanted, CHOICES)
        if may_be_empty or len(ranking.places):
            return ranking
        # Something must be found: with a shorter match, or on the same topic, or just anything.
        ranking = self._places.ranked(self.said, replace(wanted, least=1), CHOICES)
        if not len(ranking.places):
            ranking = self._places.anywhere(self.said.text, CHOICES)
        if not len(ranking.places):
            raise EngineError("There is no text to stitch from.", "Add texts: gpt2studio index TEXTS… --name NAME")
        return ranking
