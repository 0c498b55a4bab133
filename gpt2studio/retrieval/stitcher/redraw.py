"""A stitch as it was before one of its tokens was drawn: begun again, and drawn again up to there."""

from gpt2studio.retrieval.stitcher.candidate import begun
from gpt2studio.retrieval.stitcher.model import Searched
from gpt2studio.retrieval.stitcher.stitching import Stitch
from gpt2studio.wire.draw import pick, uniform
from gpt2studio.wire.messages import Draw, Next


def asked_about(request: Next, searched: Searched) -> Stitch:
    """The stitch at the place that a question is about."""
    tokenizer = searched.corpus.lexicon.tokenizer
    if request.tokens:
        return _begun(request, tokenizer.decode(list(request.tokens)), searched, heal=False)
    if request.draw is None:
        return _begun(request, request.text, searched, heal=request.heal)
    stitch = _begun(request, request.text, searched, heal=request.heal)
    if _redrawn(stitch, request.draw, searched):
        return stitch
    # The texts are not what they were, or a person chose some of the tokens.
    return _begun(request, request.text + tokenizer.decode(list(request.draw.written)), searched, heal=False)


def _redrawn(stitch: Stitch, draw: Draw, searched: Searched) -> bool:
    """Draw again what was written, with what healed the border before it, and whether it came again."""
    corpus = searched.corpus
    draws = told = 0
    while True:
        number = uniform(draw.seed, draw.candidate, draws)
        options = stitch.options(number)
        choice = pick(options.chances, number)
        token = corpus.token(int(options.places[choice]))
        if len(corpus.lexicon.token_bytes[token]) > len(stitch.said.typed):
            if told == len(draw.written):
                return True
            if token != draw.written[told]:
                return False
            told += 1
        stitch.take(options, choice)
        draws += 1


def _begun(request: Next, text: str, searched: Searched, *, heal: bool) -> Stitch:
    return begun(text, searched, request.sampling, special=request.special, heal=heal)
