from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gpt2studio.text.counting import StretchCounts
from gpt2studio.text.tokenizer import Tokenizer

from . import texts
from .conftest import Pair

STORY = "\n\n".join(f"Paragraph {number} of a story. It has “words”, and an end!" for number in range(3000))


@given(texts.texts)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_count_is_that_of_the_tokens(tokenizer: Tokenizer, text: str) -> None:
    assert tokenizer.count(text) == len(tokenizer.encode(text))


@given(st.lists(st.sampled_from([*texts.BITS, *texts.SPACES, "。", "！", ". ", "? 'tis", "…"]), min_size=10))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_long_paragraph_counts_as_the_sum_of_its_sentences(tokenizer: Tokenizer, bits: list[str]) -> None:
    text = "".join(bits).replace("\n", " ")
    text *= 5000 // max(1, len(text)) + 1
    assert tokenizer.count(text) == len(tokenizer.encode(text))


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 9), texts.awkward_text), max_size=12))
@settings(deadline=None, max_examples=50)
def test_the_count_follows_every_edit(storyteller: Pair, edits: list[tuple[int, int, str]]) -> None:
    text = STORY[:300]
    for at, length, new in edits:
        text = text[:at] + new + text[at + length :]
        assert storyteller.ours.count(text) == len(storyteller.ours.encode(text))


def test_one_keystroke_counts_one_paragraph_anew() -> None:
    counted: list[str] = []

    def count(stretch: str) -> int:
        counted.append(stretch)
        return len(stretch)

    counts = StretchCounts(count)
    counts.count(STORY)
    counted.clear()
    changed = STORY[:100_000] + "x" + STORY[100_000:]
    counts.count(changed)
    assert sum(map(len, counted)) < 100
    assert any("x" in stretch for stretch in counted)


def test_one_keystroke_in_one_long_paragraph_counts_one_sentence_anew() -> None:
    counted: list[str] = []

    def count(stretch: str) -> int:
        counted.append(stretch)
        return len(stretch)

    counts = StretchCounts(count)
    text = STORY.replace("\n\n", " ")
    counts.count(text)
    counted.clear()
    counts.count(text[:100_000] + "x" + text[100_000:])
    assert sum(map(len, counted)) < 100


def test_what_is_remembered_is_bounded() -> None:
    counts = StretchCounts(len)
    for number in range(300):
        counts.count(f"{number} " * 10_000)
    assert sum(map(len, counts)) < 10_000_000
