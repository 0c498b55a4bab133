"""One candidate of the stitcher: its tokens with their sources, as lines."""

from gpt2studio.retrieval.stitcher.dial import Dial
from gpt2studio.retrieval.stitcher.model import Searched
from gpt2studio.retrieval.stitcher.outlook import Outlook
from gpt2studio.retrieval.stitcher.places import Said
from gpt2studio.retrieval.stitcher.stitching import Stitch
from gpt2studio.retrieval.texts import straight
from gpt2studio.text.healing import split_for_healing
from gpt2studio.text.utf8 import StreamDecoder
from gpt2studio.wire.draw import pick, uniform
from gpt2studio.wire.messages import Answer, Continue, Source, Token
from gpt2studio.wire.sampling import Sampling
from gpt2studio.wire.telling import Telling

_SURELY = 1e3
"""A bias from which on a token is asked for by name; lesser ones mean nothing here."""
_TEXT = 4000
"""Characters of a text that tell its topic, and more."""


def begun(text: str, searched: Searched, sampling: Sampling, *, special: bool, heal: bool) -> Stitch:
    """A stitch that goes on from a text, its last border healed where that is wanted."""
    text = straight(text)
    tokenizer = searched.corpus.lexicon.tokenizer
    tokens, typed = split_for_healing(tokenizer, text, special=special) if heal else ([], b"")
    if not typed or not _whole(typed):
        tokens, typed = tokenizer.encode(text, special=special), b""
    said = Said(tokens=list(tokens), text=text[-_TEXT:], typed=typed)
    return Stitch(searched.places, said, Dial(sampling.wildness), sampling.temperature)


def _chosen(sampling: Sampling) -> int | None:
    """The token that a person has taken from the alternatives: one that is biased as if nothing else could come."""
    return next((int(token) for token, bias in sampling.bias.items() if bias >= _SURELY), None)


def _whole(data: bytes) -> bool:
    """Whether this is whole characters: half of one is no beginning of a word."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


class Candidate(Telling):
    """A continuation as it comes, from its prompt to its end."""

    def __init__(self, request: Continue, number: int, searched: Searched) -> None:
        self._decoder = StreamDecoder()
        super().__init__(request, number, self._decoder.finish)
        self._searched = searched
        self._stitch = begun(request.text, searched, request.sampling, special=request.special, heal=request.heal)
        self._draws = 0
        # Bytes of a character that has only begun.
        self._split = 0

    def take(self) -> list[Answer]:
        """Draw the next token; what there is to tell now."""
        request, stitch = self._request, self._stitch
        if request.length == 0 and request.stop_at_end and stitch.at_an_end:
            return self.end("end")
        number = uniform(request.seed, self._number, self._draws)
        self._draws += 1
        options = stitch.options(None if request.alternatives else number)
        outlook = Outlook(self._searched, stitch, options)
        beside = outlook.alternatives(request.alternatives)
        typed = len(stitch.said.typed)
        if (chosen := _chosen(request.sampling)) is not None:
            options = stitch.leading_to(chosen)
        choice = pick(options.chances, number)
        token = stitch.take(options, choice)
        data = self._searched.corpus.lexicon.token_bytes[token][typed:]
        if not data:
            return []  # it lies wholly within what was typed: not part of the continuation
        text = self._decoder.push(data)
        self._split += len(data) - len(text.encode())
        line = Token(
            id=request.id,
            candidate=self._number,
            token=token,
            text=text,
            logprob=outlook.logprob(token),
            rank=outlook.rank(token),
            alternatives=beside,
            source=self._source(int(options.places[choice]), len(text)),
        )
        return self.tell(line)

    def _source(self, place: int, length: int) -> Source:
        """Where the characters stand that the token at *place* completes."""
        corpus = self._searched.corpus
        end = corpus.span(place + 1, 0)
        return Source(file=corpus.names[end.text], offset=end.offset - (self._split > 0) - length, length=length)
