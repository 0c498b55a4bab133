"""How much of a text stands in another that is read through, against the index and against looking everywhere."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2studio.retrieval import scanning
from gpt2studio.retrieval.copied import memorisation
from gpt2studio.retrieval.lexicon import Lexicon
from gpt2studio.retrieval.scanning import scanned
from tests.retrieval.strategies import corpus_of

few = st.lists(st.integers(0, 3), max_size=60)


@given(few, st.lists(st.integers(0, 4), max_size=40), st.sampled_from((1, 2, 4, 8)), st.integers(1, 9))
def test_reading_through_finds_what_an_index_finds(
    lexicon: Lexicon, text: list[int], sample: list[int], gram: int, chunk: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scanning, "_CHUNK", chunk)
        found = scanned(np.array(text, np.uint16), sample, gram)
    wanted = memorisation(corpus_of([text], lexicon), sample, gram)
    assert (found.longest, found.share) == (wanted.longest, wanted.share)
    if found.longest:
        stretch = sample[found.begin : found.begin + found.longest]
        assert text[found.place : found.place + found.longest] == stretch
    else:
        assert found.place == -1


@given(st.lists(st.integers(0, 2**20 - 1), min_size=1, max_size=30), st.data())
def test_what_was_cut_out_is_found_whole_whatever_the_tokens_are(text: list[int], data: st.DataObject) -> None:
    begin = data.draw(st.integers(0, len(text) - 1))
    sample = text[begin:]
    found = scanned(np.array(text, np.uint32), [*sample, 2**20])
    assert found.longest == len(sample)
    assert found.begin == 0


def test_a_text_that_says_one_thing_for_ever_is_read_as_quickly_as_another() -> None:
    found = scanned(np.zeros(1 << 20, np.uint16), [0] * 200)
    assert (found.longest, found.share) == (200, 1.0)
