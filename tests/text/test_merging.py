import random
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpt2studio.text import merging
from gpt2studio.text.merging import Merger
from gpt2studio.text.vocabulary import Vocabulary

from .conftest import Pair, write_vocabulary


def merged_one_by_one(vocabulary: Vocabulary, data: bytes) -> list[int]:
    """The definition: join the leftmost pair of the lowest rank until none is left."""
    ranks = {pair: rank for rank, pair in enumerate(vocabulary.merges)}
    ids = [token for token in (vocabulary.byte_ids[byte] for byte in data) if token is not None]
    while True:
        found = [(ranks[pair], at) for at, pair in enumerate(pairwise(ids)) if pair in ranks]
        if not found:
            return ids
        _, at = min(found)
        ids[at : at + 2] = [vocabulary.merges[ids[at], ids[at + 1]]]


@given(st.text("aeinrst ", max_size=200).map(str.encode) | st.binary(max_size=200))
@settings(deadline=None)
def test_bytes_are_merged_as_defined(storyteller: Pair, data: bytes) -> None:
    assert Merger(storyteller.ours.vocabulary).merge(data) == merged_one_by_one(storyteller.ours.vocabulary, data)


@pytest.mark.parametrize("seed", range(20))
def test_merges_in_no_learned_order_are_applied_as_defined(tmp_path: Path, seed: int) -> None:
    """A file may rank a pair above the one that makes its left half."""
    draw = random.Random(seed)
    tokens, merges = list("abc"), []
    for _ in range(60):
        left, right = draw.choice(tokens), draw.choice(tokens)
        if len(left + right) < 9:
            merges.append(f"{left} {right}")
            tokens.append(left + right)
    draw.shuffle(merges)
    merges = list(dict.fromkeys(merges))
    ids = {text: token for token, text in enumerate(dict.fromkeys(tokens))}
    vocabulary = write_vocabulary(tmp_path, ids, merges)
    merger = Merger(vocabulary)
    for length in (*range(12), 40, 47, 48, 49, 50, 100, 300):
        data = "".join(draw.choices("abc", k=length)).encode()
        assert merger.merge(data) == merged_one_by_one(vocabulary, data)
        assert merger.merge(b"a" * length) == merged_one_by_one(vocabulary, b"a" * length)


@pytest.mark.parametrize("unit", ["a", " ", "\n", "=", "ab", "👩‍👩‍👧", "天地", "etaoin"], ids=repr)
def test_the_work_grows_with_the_length_and_not_with_its_square(storyteller: Pair, gpt2: Pair, unit: str) -> None:
    for pair in (storyteller, gpt2):
        work = []
        for length in (20_000, 40_000):
            merger = Merger(pair.ours.vocabulary)
            merger.merge(unit.encode() * (length // len(unit.encode())))
            work.append(merger.steps)
        assert work[1] <= 2.2 * work[0] + 100
        assert work[1] <= 4 * 40_000


def test_a_long_word_is_not_scanned_for_every_merge(storyteller: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    def scan(self: Merger, ids: list[int]) -> list[int]:
        raise AssertionError(f"scanned {len(ids)} tokens")

    monkeypatch.setattr(merging.Merger, "_short", scan)
    assert Merger(storyteller.ours.vocabulary).merge(b"na" * 1000)
