"""Which tokens may come next where the end of the text was taken back."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gpt2studio.engine.language import Language
from gpt2studio.paths import shipped
from gpt2studio.text.healing import split_for_healing
from gpt2studio.text.tokenizer import Tokenizer
from tests.text import texts


@pytest.fixture(scope="module")
def language() -> Language:
    return Language(Tokenizer.of_folder(shipped("models") / "storyteller"))


def texts_allowed(language: Language, typed: str, chance: float) -> list[str]:
    """What may come where *typed* itself has this chance among all tokens that begin with it."""
    values = np.zeros(len(language.token_bytes), dtype=np.float32)
    begin = [token for token, data in enumerate(language.token_bytes) if data.startswith(typed.encode())]
    [itself] = [token for token in begin if language.token_bytes[token] == typed.encode()]
    values[itself] = np.log(chance / (1 - chance) * (len(begin) - 1))
    allowed = language.allowed(values, typed.encode(), may_end=True)
    return [language.token_bytes[token].decode() for token in allowed.ids().tolist()]


def test_a_word_that_can_well_be_meant_as_it_stands_is_left_alone(language: Language) -> None:
    assert texts_allowed(language, " who", 0.2) == [" who"]


def test_a_piece_that_hardly_ever_stands_alone_goes_on_as_any_word_that_begins_with_it(language: Language) -> None:
    texts = texts_allowed(language, " sh", 0.01)
    assert len(texts) > 10
    assert {" sh", " she", " shining"} & set(texts) >= {" sh", " she"}


def spellings(language: Language, typed: bytes) -> set[bytes]:
    """The tokens that may come where nothing speaks for any."""
    allowed = language.allowed(np.zeros(len(language.token_bytes), dtype=np.float32), typed, may_end=True)
    return {language.token_bytes[token] for token in allowed.ids().tolist()}


def test_a_piece_of_a_word_goes_on_as_the_words_that_begin_with_it(language: Language) -> None:
    assert {b" tired", b" time", b" tiny"} <= spellings(language, b" ti")
    assert not {b" ", b" to", b"ti", b"<|endoftext|>"} & spellings(language, b" ti")


@pytest.mark.parametrize("word", [" rooftop", " goblet", " tinderbox", " Rumpelstilt", "皇帝", " 12345", "'s"])
def test_a_word_of_several_tokens_is_spelled_as_it_always_is(language: Language, word: str) -> None:
    rest = word.encode()
    for token in language.tokenizer.encode(word):
        data = language.token_bytes[token]
        others = spellings(language, rest) - {data}
        assert all(other.startswith(rest) for other in others)
        rest = rest.removeprefix(data)
    assert rest == b""


@settings(max_examples=20, deadline=None)
@given(typed=st.binary(min_size=1, max_size=6))
def test_any_bytes_can_be_spelled(language: Language, typed: bytes) -> None:
    for data in spellings(language, typed):
        assert typed.startswith(data) or data.startswith(typed)
    assert spellings(language, typed)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=texts.texts | texts.broken_text | st.text(" \n<|>ab'1é王"), special=st.booleans())
def test_a_prompt_is_the_text_split_as_a_whole(language: Language, text: str, special: bool) -> None:
    tokens = language.tokenizer.encode(text, special=special)
    kept, typed = split_for_healing(language.tokenizer, text, special=special)
    prompt = language.prompt(text, special=special, heal=True)
    assert prompt.total == len(tokens)
    if tokens:
        assert prompt.unhealed[prompt.begun :] == tokens
        assert (prompt.tokens[prompt.begun :], prompt.typed) == (kept, typed)


def test_a_space_alone_is_always_open(language: Language) -> None:
    assert len(texts_allowed(language, " ", 0.9)) > 3000
