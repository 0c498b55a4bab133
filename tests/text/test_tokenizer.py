import re
from itertools import chain
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gpt2studio.errors import FormatError
from gpt2studio.text.tokenizer import Tokenizer

from . import texts
from .conftest import PATTERN, Pair, shared

fixtures_last = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@given(texts.texts)
@settings(deadline=None, max_examples=400)
def test_the_shipped_vocabulary_gives_the_ids_of_tokenizers(storyteller: Pair, text: str) -> None:
    assert storyteller.ours.encode(text) == storyteller.theirs(text)


@given(texts.texts)
@settings(deadline=None, max_examples=400)
def test_gpt2s_vocabulary_gives_the_ids_of_tokenizers_and_tiktoken(gpt2: Pair, gpt2_tiktoken: Any, text: str) -> None:
    ids = gpt2.ours.encode(text)
    assert ids == gpt2.theirs(text)
    assert ids == gpt2_tiktoken.encode_ordinary(text)


@pytest.mark.parametrize("text", texts.SAMPLES.values(), ids=texts.SAMPLES)
def test_samples_of_many_scripts_give_the_ids_of_tokenizers_and_tiktoken(
    storyteller: Pair, gpt2: Pair, gpt2_tiktoken: Any, text: str
) -> None:
    assert storyteller.ours.encode(text) == storyteller.theirs(text)
    assert gpt2.ours.encode(text) == gpt2.theirs(text) == gpt2_tiktoken.encode_ordinary(text)


@pytest.mark.parametrize(
    "path",
    [
        "stories/train/grimms-fairy-tales.txt",
        "stories/heldout/twilight-land.txt",
        "plays/pygmalion.txt",
        "shakespeare.txt",
        "zh/阿Q正传.txt",
    ],
)
def test_books_give_the_ids_of_tokenizers_and_tiktoken(
    storyteller: Pair, gpt2: Pair, gpt2_tiktoken: Any, path: str
) -> None:
    text = shared(path).read_text("utf-8")[:400_000]
    for variant in (text, text.replace("\n", "\r\n"), text.replace(". ", ".  "), text.replace("\n", "\n    ")):
        ids = gpt2.ours.encode(variant)
        assert ids == gpt2_tiktoken.encode_ordinary(variant)
        assert gpt2.ours.decode(ids) == variant
    assert gpt2.ours.encode(text) == gpt2.theirs(text)
    assert storyteller.ours.encode(text) == storyteller.theirs(text)


@pytest.mark.parametrize(
    "unit", ["a", " ", "\n", "\t ", "👩‍👩‍👧", "天", "the", "a1", "\n ", "\u00a0", "'s", "=-"], ids=repr
)
def test_a_lot_of_one_thing_gives_the_ids_of_tokenizers(gpt2: Pair, unit: str) -> None:
    text = unit * (150_000 // len(unit.encode()))
    assert gpt2.ours.encode(text) == gpt2.theirs(text)
    assert gpt2.ours.count(text) == len(gpt2.theirs(text))


def test_a_million_letters_without_a_space_give_the_ids_of_tiktoken(gpt2: Pair, gpt2_tiktoken: Any) -> None:
    text = "".join(map(chr, (97 + (n * n * 7919 >> 5) % 26 for n in range(1_000_000))))
    assert gpt2.ours.encode(text) == gpt2_tiktoken.encode_ordinary(text)


@given(texts.awkward_text)
@settings(deadline=None)
def test_the_end_token_is_one_token_only_where_it_is_allowed(gpt2: Pair, gpt2_tiktoken: Any, text: str) -> None:
    assert gpt2.ours.encode(text, special=True) == gpt2_tiktoken.encode(text, allowed_special="all")


def test_the_end_tokens_id_is_the_vocabularys(storyteller: Pair, gpt2: Pair) -> None:
    assert storyteller.ours.encode("<|endoftext|>", special=True) == [0]
    assert gpt2.ours.encode("<|endoftext|>", special=True) == [50256]
    assert gpt2.ours.encode("<|endoftext|>") == [27, 91, 437, 1659, 5239, 91, 29]
    assert gpt2.ours.decode([50256]) == "<|endoftext|>"


@given(texts.broken_text)
@fixtures_last
def test_lone_surrogates_are_encoded_as_replacement_characters(tokenizer: Tokenizer, text: str) -> None:
    repaired = re.sub("[\ud800-\udfff]", "\ufffd", text)
    assert tokenizer.encode(text) == tokenizer.encode(repaired)
    assert tokenizer.decode(tokenizer.encode(text)) == repaired
    assert tokenizer.count(text) == len(tokenizer.encode(repaired))


def test_two_surrogates_that_make_a_character_are_that_character(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode("a\ud83d\ude00\udc00") == tokenizer.encode("a😀\ufffd")


@given(texts.texts)
@fixtures_last
def test_decoding_gives_the_text_back(tokenizer: Tokenizer, text: str) -> None:
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids) == text
    assert tokenizer.decode_bytes(ids) == text.encode()


@given(st.data())
@fixtures_last
def test_the_texts_of_any_tokens_join_to_what_they_decode_to(tokenizer: Tokenizer, data: st.DataObject) -> None:
    ids = data.draw(st.lists(st.integers(0, len(tokenizer.vocabulary) - 1)))
    parts, decoded = tokenizer.texts(ids), tokenizer.decode(ids)
    assert len(parts) == len(ids)
    assert "".join(parts) == decoded
    assert [decoded[start:end] for start, end in tokenizer.spans(ids)] == parts


@given(texts.texts)
@fixtures_last
def test_a_character_split_between_tokens_stands_with_its_last(tokenizer: Tokenizer, text: str) -> None:
    ids = tokenizer.encode(text)
    seen = 0
    for number, part in enumerate(tokenizer.texts(ids), 1):
        seen += len(part)
        whole = len(tokenizer.decode_bytes(ids[:number]))
        assert len(text[:seen].encode()) <= whole
        assert seen == len(text) or len(text[: seen + 1].encode()) > whole


def test_an_id_that_the_vocabulary_lacks_is_named(tokenizer: Tokenizer) -> None:
    for token in (len(tokenizer.vocabulary), -1):
        with pytest.raises(FormatError, match=f"Token {token} is not"):
            tokenizer.decode([0, token])


@given(texts.texts)
@fixtures_last
def test_the_word_start_is_where_the_last_pre_token_begins(tokenizer: Tokenizer, text: str) -> None:
    start = tokenizer.word_start(text)
    assert text[start:] == "".join(PATTERN.findall(text)[-1:])
    last = tokenizer.encode(text[start:])
    assert tokenizer.encode(text)[-len(last) or len(text) * 4 :] == last


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("Once upon a ti", " ti"),
        ("Once upon a ", " "),
        ("it's", "'s"),
        ("two\n\n", "\n\n"),
        ("end.", "."),
        ("他说。你好", "你好"),
        ("a  b", " b"),
        ("word", "word"),
        ("a\n\nb", "b"),
    ],
)
def test_the_word_start_of_plain_cases(storyteller: Pair, text: str, last: str) -> None:
    assert text[storyteller.ours.word_start(text) :] == last


@given(st.lists(texts.awkward_text | texts.mixed_text), st.booleans())
@fixtures_last
def test_a_text_that_comes_in_pieces_has_the_ids_of_the_whole(
    tokenizer: Tokenizer, pieces: list[str], special: bool
) -> None:
    arrays = list(tokenizer.encode_chunks(pieces, special=special))
    assert list(chain.from_iterable(arrays)) == tokenizer.encode("".join(pieces), special=special)


def test_a_long_text_that_comes_in_pieces_comes_out_in_pieces(storyteller: Pair) -> None:
    arrays = list(storyteller.ours.encode_chunks(["word and " * 1000] * 10))
    assert max(map(len, arrays)) < 4000


def test_the_share_of_single_bytes_tells_scripts_that_a_vocabulary_hardly_knows(storyteller: Pair, gpt2: Pair) -> None:
    share = storyteller.ours.single_byte_share
    assert share("混沌未分天地乱") == 1.0
    assert share("Once upon a time") == share("") == 0.0
    assert 0.0 < gpt2.ours.single_byte_share("混沌未分天地乱") < 1.0
    assert gpt2.ours.single_byte_share("“Café”") == 0.0


@given(texts.texts)
@fixtures_last
def test_the_share_of_single_bytes_counts_characters(tokenizer: Tokenizer, text: str) -> None:
    data = b""
    alone: list[bool] = []
    for token in tokenizer.encode(text):
        data += tokenizer.decode_bytes([token])
        alone += [len(tokenizer.decode_bytes([token])) == 1] * (len(data) - len(alone))
    flags = []
    for number, character in enumerate(text):
        start = len(text[:number].encode())
        if not character.isascii():
            flags.append(all(alone[start : start + len(character.encode())]))
    assert tokenizer.single_byte_share(text) == (sum(flags) / len(flags) if flags else 0.0)
