"""Finding, counting and placing stretches, against looking at every place."""

from hypothesis import given
from hypothesis import strategies as st

from gpt2studio.retrieval.corpus import Corpus
from gpt2studio.retrieval.lexicon import Lexicon, pieces
from tests.retrieval.conftest import ALICE, DRAGON, WEST
from tests.retrieval.strategies import Texts, corpus_of, places_of, texts, tokens


@given(texts, st.lists(st.integers(0, 3), max_size=5))
def test_a_stretch_is_found_wherever_it_stands_and_nowhere_else(
    lexicon: Lexicon, texts: Texts, stretch: list[int]
) -> None:
    corpus = corpus_of(texts, lexicon)
    found = corpus.find(stretch)
    places = sorted(corpus.places(found).tolist())
    if stretch:
        assert places == places_of(stretch, texts)
    assert found.count == len(places)


@given(texts, tokens, st.integers(1, 3), st.booleans())
def test_the_longest_suffix_is_the_longest(
    lexicon: Lexicon, texts: Texts, context: list[int], at_least: int, continued: bool
) -> None:
    found = corpus_of(texts, lexicon).longest_suffix(context, at_least, continued=continued)

    def times(length: int) -> int:
        places = places_of(context[len(context) - length :], texts)
        ends = {sum(len(text) + 1 for text in texts[: n + 1]) - 1 for n in range(len(texts))}
        return sum(not (continued and place + length in ends) for place in places)

    expected = max((n for n in range(1, len(context) + 1) if times(n) >= at_least), default=0)
    assert found.length == expected
    if expected:
        assert found.count == times(expected)


def test_no_match_crosses_the_border_between_two_texts(lexicon: Lexicon) -> None:
    corpus = Corpus.of([("one", "The king"), ("two", " said nothing")], lexicon)
    tokens = lexicon.tokenizer.encode
    assert corpus.find(tokens(" king")).count == 1
    assert corpus.find(tokens(" king said")).count == 0
    assert corpus.longest_suffix(tokens("The king said")).length == len(tokens(" said"))


def test_tokens_of_another_vocabulary_are_found_nowhere(lexicon: Lexicon) -> None:
    corpus = corpus_of([[0, 1, 2]], lexicon)
    for stranger in (-1, lexicon.border, lexicon.border + 1, 1 << 40):
        assert corpus.find([0, stranger]).count == 0
        assert corpus.longest_suffix([1, 0, stranger]).length == 0
        assert corpus.longest_suffix([stranger, 0, 1]).length == 2


@given(texts, st.lists(st.integers(0, 3), min_size=1, max_size=4), st.integers(0, 4))
def test_a_stretch_that_grows_by_a_token_is_found_within_where_it_was(
    lexicon: Lexicon, texts: Texts, stretch: list[int], token: int
) -> None:
    corpus = corpus_of(texts, lexicon)
    assert corpus.extended(corpus.find(stretch), token) == corpus.find([*stretch, token])


@given(st.lists(st.text(alphabet="ab é雪🧙 \n", max_size=80), min_size=1, max_size=3), st.data())
def test_every_place_knows_its_characters(lexicon: Lexicon, contents: list[str], data: st.DataObject) -> None:
    corpus = Corpus.of([(str(n), text) for n, text in enumerate(contents)], lexicon)
    place = data.draw(st.integers(0, len(corpus) - 1))
    length = data.draw(st.integers(0, 6))
    stretch = corpus.stretch(place, length)
    span = corpus.span(place, len(stretch))
    begun = b"".join(lexicon.token_bytes[token] for token in stretch)
    expected = sum(byte & 0xC0 != 0x80 for byte in begun)
    assert span.length == expected
    before = b"".join(
        lexicon.token_bytes[token]
        for token in corpus.stretch(corpus.begin_of(span.text), place - corpus.begin_of(span.text))
    )
    assert contents[span.text].encode().startswith(before + begun)
    assert span.offset == sum(byte & 0xC0 != 0x80 for byte in before)


@given(st.integers(0, len(ALICE)), st.integers(0, len(WEST) - 1))
def test_an_offset_is_in_the_token_that_is_found_for_it(lexicon: Lexicon, alice: int, west: int) -> None:
    corpus = Corpus.of([("alice", ALICE), ("west", WEST * 40)], lexicon)
    for text, offset in ((0, min(alice, len(ALICE) - 1)), (1, west * 40)):
        place = corpus.place_of(text, offset)
        span = corpus.span(place, 1)
        assert span.text == text
        assert span.offset <= offset < span.offset + span.length


@given(st.text(alphabet="ab .\n\t'", max_size=200), st.integers(1, 20))
def test_a_text_in_pieces_has_the_tokens_of_the_whole(lexicon: Lexicon, text: str, size: int) -> None:
    parts = list(pieces(text, size))
    assert "".join(parts) == text
    encode = lexicon.tokenizer.encode
    assert [token for part in parts for token in encode(part)] == encode(text)


def test_a_corpus_of_nothing_is_searched_without_a_fault(lexicon: Lexicon) -> None:
    for corpus in (Corpus.of([], lexicon), Corpus.of([("empty", "")], lexicon)):
        assert corpus.find([5]).count == 0
        assert corpus.longest_suffix([5, 6]).length == 0


def test_a_stretch_ends_where_its_text_does(lexicon: Lexicon) -> None:
    corpus = Corpus.of([("alice", ALICE), ("dragon", DRAGON)], lexicon)
    assert lexicon.tokenizer.decode(corpus.stretch(0, 10_000)) == ALICE
    assert lexicon.tokenizer.decode(corpus.stretch(corpus.begin_of(1), 10_000)) == DRAGON
