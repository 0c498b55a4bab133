"""Passages, and finding them by their words, in scripts with spaces between words and without."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2studio.retrieval.keywords import keywords
from gpt2studio.retrieval.passages import LENGTH, Passages, cut
from tests.retrieval.conftest import ALICE, DRAGON, WEST

TEXTS = [ALICE, DRAGON, WEST, "雪白的兔子跑得很快。国王睡着了。" * 60]


def content(passages: Passages, passage: int) -> str:
    span = passages.span(passage)
    return TEXTS[span.text][span.offset : span.offset + span.length]


@given(st.text(alphabet='ab .\n!"。雪', max_size=3000))
def test_passages_cover_a_text_without_a_gap(text: str) -> None:
    spans = list(cut(text))
    assert all(end == begin for (_, end), (begin, _) in pairwise(spans))
    assert all(begin < end for begin, end in spans)
    assert "".join(text[begin:end] for begin, end in spans) == text


def test_a_long_paragraph_is_cut_at_its_sentences() -> None:
    paragraph = "It was so, and so it was. " * 200
    spans = list(cut(paragraph))
    assert all(end - begin <= LENGTH for begin, end in spans)
    assert all(paragraph[begin:end].startswith("It was so") for begin, end in spans)


@pytest.mark.parametrize(
    ("term", "there"),
    [
        ("rabbit", "White Rabbit"),
        ("RABBIT", "White Rabbit"),
        ("White Rabbit", "White Rabbit"),
        ("cave", "in a cave"),
        ("白马", "白马"),
        ("妖精", "妖精"),
        ("国王睡着", "国王睡着了"),
    ],
)
def test_a_passage_is_found_by_what_it_says(term: str, there: str) -> None:
    passages = Passages.of(TEXTS)
    hits = passages.search([term])
    assert hits
    assert all(there in content(passages, hit.passage) for hit in hits)


@pytest.mark.parametrize("term", ["Rabbit White", "unicorn", "马白", "精妖", "", "   ", '"', "NEAR(", "* OR -"])
def test_what_no_passage_says_is_not_found(term: str) -> None:
    assert Passages.of(TEXTS).search([term]) == []


def test_the_passage_with_the_rarer_words_comes_first() -> None:
    passages = Passages.of([f"The king and the queen sat there, day {day}.\n" * 12 for day in range(20)] + [DRAGON])
    best = passages.search(["king", "dragon", "supper"])[0]
    assert passages.span(best.passage).text == 20


def test_passages_on_disk_are_those_in_memory(tmp_path: Path) -> None:
    Passages.write(tmp_path, TEXTS)
    stored, fresh = Passages.open(tmp_path), Passages.of(TEXTS)
    assert stored.ranges.tolist() == fresh.ranges.tolist()
    assert stored.search(["dragon", "白马"]) == fresh.search(["dragon", "白马"])
    stored.close()
    fresh.close()


def test_keywords_are_the_words_that_not_every_passage_has() -> None:
    texts = [f"The king of land {n} sat on the throne and said nothing at all.\n" * 12 for n in range(200)]
    passages = Passages.of([*texts, "The dragon ate a rabbit.\n" * 3])
    assert set(keywords("And the king said: the dragon and the Rabbit", passages)) == {"dragon", "rabbit"}


def test_words_with_accents_are_keywords_too() -> None:
    # The search itself takes the accents off.
    texts = [f"Es war der {day}. Tag, und der Wirt sprach kein Wort.\n" * 12 for day in range(200)]
    passages = Passages.of([*texts, "Der Müller und die alte Königin.\n", "Un café.\n"])
    assert set(keywords("Der Müller sprach: Königin!", passages)) == {"müller", "königin"}
    assert passages.documents("café") == 1
    assert passages.documents("thé") == 0


def test_keywords_of_a_script_without_spaces_are_pairs_of_characters() -> None:
    assert {"白马", "妖精"} <= set(keywords("白马和妖精", Passages.of(TEXTS)))


def test_nothing_is_found_in_no_texts() -> None:
    passages = Passages.of([])
    assert len(passages) == 0
    assert passages.search(["king"]) == []
    assert keywords("The king", passages) == []
