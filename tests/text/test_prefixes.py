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
def test_the_tokens_that_begin_with_some_bytes_are_those_of_a_plain_search(tokenizer: Tokenizer, typed: bytes) -> None:
    vocabulary = tokenizer.vocabulary
    searched = [
        token
        for token, data in enumerate(vocabulary.token_bytes)
        if data and token != vocabulary.end_token and data.startswith(typed)
    ]
    assert sorted(PrefixIndex(vocabulary).beginning_with(typed)) == searched


def test_the_end_token_is_never_typed(storyteller: Pair, gpt2: Pair) -> None:
    for pair in (storyteller, gpt2):
        index = PrefixIndex(pair.ours.vocabulary)
        for typed in (b"", b"<", b"<|", b"<|endoftext|>"):
            assert pair.ours.vocabulary.end_token not in index.beginning_with(typed)
