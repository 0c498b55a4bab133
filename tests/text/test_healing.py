import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gpt2studio.text.healing import split_for_healing
from gpt2studio.text.tokenizer import Tokenizer
from gpt2studio.text.utf8 import sound

from . import texts
from .conftest import Pair


@given(texts.texts | texts.broken_text, st.booleans())
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_kept_and_what_is_typed_are_the_text(tokenizer: Tokenizer, text: str, special: bool) -> None:
    kept, typed = split_for_healing(tokenizer, text, special=special)
    assert tokenizer.decode_bytes(kept) + typed == sound(text).encode()
    assert len(tokenizer.encode(text, special=special)) - len(kept) <= 4


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("Once upon a ti", " ti"),
        ("Once upon a time ", " "),
        ("Once upon a time\t", "\t"),
        ("two  ", " "),
        (" ", " "),
        ("Once", "Once"),
        ("it's", "'s"),
        ("chapter 12", " 12"),
        ("e\u0301", "\u0301"),
        ("The end.", ""),
        ("“Yes,”", ""),
        ("a line\n", ""),
        ("a line\n ", " "),
        ("", ""),
        ("\ud800", ""),
    ],
)
def test_a_trailing_space_or_an_open_word_is_typed_again(storyteller: Pair, text: str, typed: str) -> None:
    kept, open_bytes = split_for_healing(storyteller.ours, text)
    assert open_bytes == typed.encode()
    assert kept == storyteller.ours.encode(sound(text)[: len(text) - len(typed)])


def test_of_a_sentence_of_chinese_only_the_last_tokens_are_open(gpt2: Pair) -> None:
    text = "很久很久以前在一个遥远的地方住着一位国王"
    kept, typed = split_for_healing(gpt2.ours, text)
    ids = gpt2.ours.encode(text)
    assert kept == ids[:-4]
    assert typed == gpt2.ours.decode_bytes(ids[-4:])


def test_a_word_after_an_end_token_is_open_to_its_start(gpt2: Pair) -> None:
    assert split_for_healing(gpt2.ours, "<|endoftext|>Onc", special=True) == ([50256], b"Onc")
    assert split_for_healing(gpt2.ours, "<|endoftext|> ", special=True) == ([50256], b" ")
    assert split_for_healing(gpt2.ours, "<|endoftext|>", special=True) == ([50256], b"")
