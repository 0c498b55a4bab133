import re
import subprocess
import sys

import pytest
import regex
from hypothesis import given, settings

from gpt2studio.text import remembered, splitting
from gpt2studio.text.tokenizer import Tokenizer

from . import texts
from .conftest import PATTERN, Pair


@given(texts.texts)
@settings(deadline=None)
def test_pre_tokens_are_those_of_gpt2s_pattern(text: str) -> None:
    assert splitting.pre_tokens(text) == PATTERN.findall(text)


def test_white_space_is_what_the_pattern_means_by_it() -> None:
    every = "".join(map(chr, range(0x110000)))
    theirs = set(regex.findall(r"\s", every))
    assert theirs == set(re.findall(rf"[{splitting._SPACE}]", every))
    assert theirs <= set(re.findall(r"\s", every))


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_segments_of_any_size_split_as_the_whole(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(splitting, "_SEGMENT", size)

    @given(texts.texts)
    @settings(deadline=None, max_examples=100)
    def check(text: str) -> None:
        segments = list(splitting.segments(text))
        assert "".join(segments) == text
        assert [each for segment in segments for each in PATTERN.findall(segment)] == PATTERN.findall(text)

    check()


def test_a_full_table_goes_on_giving_the_same_tokens(storyteller: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "_ENTRIES", 5)
    tokenizer = Tokenizer(storyteller.ours.vocabulary)
    text = "\n".join(texts.SAMPLES.values())
    assert tokenizer.encode(text) == tokenizer.encode(text) == storyteller.theirs(text)
    assert len(tokenizer._chunks) <= 5


def test_long_words_are_not_kept(storyteller: Pair) -> None:
    tokenizer = Tokenizer(storyteller.ours.vocabulary)
    tokenizer.encode("a " + "b" * 100_000 + " c." + "你好。" * 1000)
    assert max(map(len, [*tokenizer._chunks, *tokenizer._pre_tokens])) < 100


def test_the_text_package_is_light() -> None:
    heavy = "{'numpy', 'torch', 'textual', 'tokenizers', 'hypothesis'}"
    code = f"import sys, gpt2studio.text.healing, gpt2studio.text.prefixes; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
