"""How much of a text stands in others, against looking at every stretch."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2studio.retrieval.copied import longest_copied, matching_lengths, memorisation
from gpt2studio.retrieval.corpus import Corpus, Found
from gpt2studio.retrieval.lexicon import Lexicon
from tests.retrieval.conftest import ALICE, DRAGON
from tests.retrieval.strategies import Texts, corpus_of, places_of, texts, tokens

TEXTS = {"alice": ALICE, "dragon": DRAGON}
CONTENTS = list(TEXTS.values())


@given(texts, tokens)
def test_each_token_knows_how_far_the_texts_go_along_with_it(lexicon: Lexicon, texts: Texts, sample: list[int]) -> None:
    lengths = matching_lengths(corpus_of(texts, lexicon), sample).tolist()
    for begin, length in enumerate(lengths):
        assert not length or places_of(sample[begin : begin + length], texts)
        end = begin + length + 1
        assert end > len(sample) or not places_of(sample[begin:end], texts)


def test_a_long_copy_is_measured_by_one_look(lexicon: Lexicon, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = Corpus.of(TEXTS.items(), lexicon)
    sample = lexicon.encode(DRAGON).tolist()
    looked: list[bytes] = []
    find = corpus.find_packed

    def watched(pattern: bytes) -> Found:
        looked.append(pattern)
        return find(pattern)

    monkeypatch.setattr(corpus, "find_packed", watched)
    assert matching_lengths(corpus, sample).tolist() == list(range(len(sample), 0, -1))
    assert len(looked) == 1


@given(texts, tokens, st.integers(1, 3))
def test_memorisation_is_the_longest_stretch_and_the_share_of_grams(
    lexicon: Lexicon, texts: Texts, sample: list[int], gram: int
) -> None:
    corpus = corpus_of(texts, lexicon)
    found = memorisation(corpus, sample, gram)
    stretches = [sample[b:e] for b in range(len(sample)) for e in range(b + 1, len(sample) + 1)]
    assert found.longest == max((len(each) for each in stretches if places_of(each, texts)), default=0)
    grams = [sample[at : at + gram] for at in range(len(sample) - gram + 1)]
    assert found.share == (sum(bool(places_of(each, texts)) for each in grams) / len(grams) if grams else 0.0)
    if found.longest:
        stretch = sample[found.begin : found.begin + found.longest]
        assert found.place in places_of(stretch, texts)


def test_the_longest_copied_stretch_is_found_to_the_character(lexicon: Lexicon) -> None:
    corpus = Corpus.of(TEXTS.items(), lexicon)
    mine = "Nobody knew why. “Nonsense!” said Alice, very softly, and laughed."
    found = longest_copied(corpus, mine, CONTENTS.__getitem__)
    assert found is not None
    assert mine[found.offset : found.offset + found.length] == ". “Nonsense!” said Alice, very"
    assert found.text == "alice"
    assert ALICE[found.span.offset : found.span.offset + found.span.length] == '. "Nonsense!" said Alice, very'


@given(st.integers(0, len(DRAGON)), st.integers(0, len(DRAGON)), st.text(alphabet="xyz ", max_size=9))
def test_what_was_cut_out_of_a_text_is_found_in_it(lexicon: Lexicon, one: int, other: int, strange: str) -> None:
    begin, end = sorted((one, other))
    corpus = Corpus.of(TEXTS.items(), lexicon)
    mine = f"{strange}{DRAGON[begin:end]}{strange}"
    found = longest_copied(corpus, mine, CONTENTS.__getitem__)
    edges = 12 + 2 * max(len(word) for word in DRAGON.split())  # a word that is cut in two counts for nothing
    if found is None:
        assert end - begin < edges
    else:
        span = found.span
        assert mine[found.offset :][: found.length] == CONTENTS[span.text][span.offset :][: span.length]
        assert found.length >= end - begin - edges


def test_a_part_of_a_word_is_none(lexicon: Lexicon) -> None:
    text = "When I was a boy I had a kingdom, 国王 too."
    corpus = Corpus.of([("boy", text)], lexicon)

    def copied(mine: str) -> str:
        found = longest_copied(corpus, mine, [text].__getitem__)
        return mine[found.offset :][: found.length].strip() if found is not None else ""

    assert copied("boyish") == copied("king") == copied("zzxq") == ""
    assert copied("a boyish kingdom") == "kingdom"
    assert copied("the boy I knew") == "boy I"
    assert copied("王") == "王"


def test_what_stands_nowhere_is_not_found(lexicon: Lexicon) -> None:
    corpus = Corpus.of([("numbers", "1 2 3")], lexicon)
    assert longest_copied(corpus, "雪", ["1 2 3"].__getitem__) is None
    assert longest_copied(corpus, "", ["1 2 3"].__getitem__) is None
