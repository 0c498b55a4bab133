"""Which tokens may come next where the end of the text was taken back."""

import numpy as np
import pytest

from gpt2studio.engine.language import Language
from gpt2studio.paths import shipped
from gpt2studio.text.tokenizer import Tokenizer


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


def test_a_space_alone_is_always_open(language: Language) -> None:
    assert len(texts_allowed(language, " ", 0.9)) > 3000
