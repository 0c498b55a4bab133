from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gpt2studio.text.prefixes import PrefixIndex
from gpt2studio.text.tokenizer import Tokenizer

from .conftest import Pair

typed_bytes = (
    st.binary(max_size=4)
    | st.text(max_size=8).map(str.encode)
    | st.sampled_from([b" ", b" t", b" ti", b"<|endoftext|>", b"\n", "天".encode()[:2], b"\xff", b"\xff\xff", b" the"])
)


@given(typed_bytes)
@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_compatible_tokens_are_those_of_a_plain_search(tokenizer: Tokenizer, typed: bytes) -> None:
    vocabulary = tokenizer.vocabulary
    tokens = {
        token: data for token, data in enumerate(vocabulary.token_bytes) if data and token != vocabulary.end_token
    }
    searched = {token for token, data in tokens.items() if data.startswith(typed)}
    if typed and typed not in tokens.values():
        parts = {token: data for token, data in tokens.items() if typed.startswith(data)}
        searched |= {token for token, data in parts.items() if len(data) == max(map(len, parts.values()))}
    found = PrefixIndex(vocabulary).compatible(typed)
    assert set(found) == searched
    assert len(found) == len(searched) > 0


def test_a_space_can_go_on_as_half_a_vocabulary(storyteller: Pair) -> None:
    index = PrefixIndex(storyteller.ours.vocabulary)
    assert len(index.compatible(b" ")) > 3000


def test_a_piece_of_a_word_goes_on_as_the_words_that_begin_with_it(storyteller: Pair) -> None:
    index = PrefixIndex(storyteller.ours.vocabulary)
    texts = {storyteller.ours.decode([token]) for token in index.compatible(b" ti")}
    assert {" tired", " time", " tiny"} <= texts
    assert not {" ", " to", "ti", "", "<|endoftext|>"} & texts


def test_a_whole_word_is_not_taken_apart(storyteller: Pair) -> None:
    index = PrefixIndex(storyteller.ours.vocabulary)
    texts = {storyteller.ours.decode([token]) for token in index.compatible(b" sea")}
    assert all(text.startswith(" sea") for text in texts)
    assert " sea" in texts


def test_the_end_token_is_never_typed(storyteller: Pair, gpt2: Pair) -> None:
    for pair in (storyteller, gpt2):
        index = PrefixIndex(pair.ours.vocabulary)
        for typed in (b"", b"<", b"<|", b"<|endoftext|>"):
            assert pair.ours.vocabulary.end_token not in index.compatible(typed)
