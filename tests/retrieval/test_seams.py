"""Where a text may go on from another place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2studio.retrieval.stitcher.dial import FAITHFUL, WILD, Dial
from gpt2studio.retrieval.stitcher.seams import Seam, begins_word, inside_quotes, seam


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "Once", Seam.PARAGRAPH),
        ("The end.\n\n", "Once", Seam.PARAGRAPH),
        ("The end.\n", "\n", Seam.NONE),
        ("He went home.", " Then", Seam.SENTENCE),
        ("He went home.", "\n", Seam.SENTENCE),
        ('"Oh dear!"', " She", Seam.SENTENCE),
        ('"Oh dear!"', " said", Seam.PHRASE),
        ("So she went,", " and", Seam.PHRASE),
        ("He stopped--", "\n", Seam.PHRASE),
        ("Good morning, Mr.", " Holmes", Seam.WORD),
        ("signed by J.", " Watson", Seam.WORD),
        ("Scene 4.", " Soup", Seam.WORD),
        ("the white", " rabbit", Seam.WORD),
        ("the rab", "bit", Seam.NONE),
        ("the king ", "said", Seam.NONE),
        ("he said", ",", Seam.NONE),
        ('he said, "', "Off", Seam.NONE),
        ("行者道：", "“", Seam.PHRASE),
        ("他走了。", "后来", Seam.SENTENCE),
        ("他走了。", "”", Seam.NONE),
        ("一座高", "山", Seam.WORD),
    ],
)
def test_a_seam_is_where_a_reader_pauses(before: str, after: str, expected: Seam) -> None:
    assert seam(before, after) is expected


@given(st.text(), st.text())
def test_every_two_texts_have_a_seam_or_none(before: str, after: str) -> None:
    assert seam(before, after) in Seam


def test_words_begin_after_spaces_and_with_every_character_of_a_script_without_them() -> None:
    assert begins_word(" king")
    assert begins_word("雪")
    assert not begins_word("king")
    assert not begins_word("")


def test_speech_is_open_between_quotes() -> None:
    assert inside_quotes('He said, "Come')
    assert not inside_quotes('He said, "Come!" and went')


@given(st.floats(0, 1), st.sampled_from(list(Seam)), st.integers(0, 200))
def test_the_chance_of_leaving_is_one_and_grows_with_the_words(wildness: float, here: Seam, words: int) -> None:
    dial = Dial(wildness)
    assert 0 <= dial.leaving(here, words) <= dial.leaving(here, words + 1) <= 1
    assert dial.leaving(Seam.NONE, words) == 0


@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 80))
def test_the_wilder_the_sooner_a_sentence_is_left(one: float, other: float, words: int) -> None:
    tame, wild = sorted((one, other))
    assert Dial(tame).leaving(Seam.SENTENCE, words) <= Dial(wild).leaving(Seam.SENTENCE, words)
    assert Dial(tame).wanted(Seam.SENTENCE).least >= Dial(wild).wanted(Seam.SENTENCE).least


def test_faithful_keeps_whole_sentences_and_wild_single_words() -> None:
    assert Dial(0).leaving(Seam.PHRASE, 500) == Dial(0).leaving(Seam.WORD, 500) == 0
    assert Dial(0).leaving(Seam.SENTENCE, int(FAITHFUL)) == 1
    assert Dial(1).leaving(Seam.WORD, int(WILD)) == 1
