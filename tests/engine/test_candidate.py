import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpt2studio.engine.candidate import Candidate
from gpt2studio.wire.messages import Answer, Continue, Distribution, Ended, Next, Token
from gpt2studio.wire.sampling import NEUTRAL, Sampling
from tests.engine.asking import Asked, continued
from tests.engine.networks import language, storyteller

GREEDY = Sampling(temperature=0)


def candidate(text: str = "", **settings: object) -> Candidate:
    request = Continue(id="c", text=text, sampling=GREEDY, **settings)  # type: ignore[arg-type]
    prompt = language().prompt(text, special=request.special, heal=request.heal)
    return Candidate(request, 0, prompt, language())


def wanting(*tokens: int) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    """Logits of a model that wants these tokens most, the first of them above all."""
    values = np.zeros(8192, dtype=np.float32)
    for place, token in enumerate(tokens):
        values[token] = 100 - place
    return values


def token_of(text: str) -> int:
    (token,) = language().tokenizer.encode(text)
    return token


def byte_tokens(data: bytes) -> list[int]:
    ids = [language().tokenizer.vocabulary.byte_ids[byte] for byte in data]
    return [token for token in ids if token is not None]


def texts(answers: list[Answer]) -> list[str]:
    return [answer.text for answer in answers if isinstance(answer, Token | Ended)]


def test_half_a_character_waits_for_its_other_half() -> None:
    each = candidate()
    first, second, third = byte_tokens("\u674e".encode())
    assert texts(each.take(wanting(first))) == [""]
    assert texts(each.take(wanting(second))) == [""]
    assert texts(each.take(wanting(third))) == ["\u674e"]


def test_a_last_part_of_a_character_is_told_at_the_end() -> None:
    each = candidate(length=2)
    first, second, _ = byte_tokens("\u674e".encode())
    assert texts(each.take(wanting(first))) == [""]
    assert texts(each.take(wanting(second))) == ["", "\ufffd"]


def test_bytes_that_can_be_no_character_are_told_at_once() -> None:
    each = candidate()
    (bad,) = byte_tokens(b"\xff")
    assert texts(each.take(wanting(bad))) == ["\ufffd"]


def test_a_word_begun_is_gone_on_with_inside_the_word() -> None:
    each = candidate("Once upon a ti")
    assert language().tokenizer.decode(each.tokens) == "Once upon a"
    lines = each.take(wanting(token_of(" king"), token_of(" time")))
    assert texts(lines) == ["me"]
    assert [line.token for line in lines if isinstance(line, Token)] == [token_of(" time")]


def test_a_trailing_space_becomes_the_next_words_own() -> None:
    each = candidate("Once upon a time ")
    assert texts(each.take(wanting(token_of("."), token_of(" there")))) == ["there"]


def test_a_token_within_what_is_typed_is_no_part_of_the_continuation() -> None:
    each = candidate("Once upon a ti", length=2)
    assert each.take(wanting(token_of(" t"))) == []
    assert texts(each.take(wanting(token_of(" king"), *language().tokenizer.encode("ime")[:1]))) != []
    assert texts(each.take(wanting(token_of(" king"))))[0] == " king"
    assert each.ended
    assert each.told == 2


def test_the_end_token_does_not_come_before_what_is_typed_is_spelled() -> None:
    each = candidate("Once upon a ti")
    assert texts(each.take(wanting(0, token_of(" time")))) == ["me"]
    assert [line.finish for line in each.take(wanting(0)) if isinstance(line, Ended)] == ["end"]


def test_without_healing_the_text_is_taken_as_it_is() -> None:
    each = candidate("Once upon a ti", heal=False)
    assert language().tokenizer.decode(each.tokens) == "Once upon a ti"
    assert texts(each.take(wanting(token_of(" king")))) == [" king"]


@pytest.mark.parametrize("text", ["Once upon a ti", "Once upon a time ", "Onc", "The k", "She said tha"])
def test_what_is_typed_stays_and_the_text_goes_on_from_it(text: str) -> None:
    asked = continued(storyteller(), Continue(id="c", text=text, length=12, candidates=6, seed=4))
    for number in range(6):
        healed = text + asked.text("c", number)
        assert len(asked.tokens("c", number)) == 12
        # The border is where the tokenizer would have put it: no token of the continuation stands across it oddly.
        assert len(language().tokenizer.encode(healed)) <= len(language().tokenizer.encode(text)) + 12
    assert asked.text("c", 0) != asked.text("c", 1)


@settings(max_examples=15, deadline=None)
@given(st.text(max_size=12), st.integers(0, 3))
def test_any_text_can_be_continued(text: str, seed: int) -> None:
    asked = continued(storyteller(), Continue(id="c", text=text, length=3, seed=seed, sampling=NEUTRAL))
    assert [each.finish for each in asked.only(Ended, "c")] in (["length"], ["end"])


def test_the_end_token_in_a_text_is_plain_text_unless_it_is_allowed() -> None:
    text = "The end.<|endoftext|>"
    assert 0 not in candidate(text).tokens
    assert candidate(text, special=True).tokens[-1] == 0


def asked_next(text: str, alternatives: int = 8, sampling: Sampling = NEUTRAL) -> Distribution:
    asked = Asked(storyteller())
    asked.run(Next(id="n", text=text, alternatives=alternatives, sampling=sampling))
    return asked.only(Distribution, "n")[0]


def test_what_comes_next_goes_on_with_half_a_word() -> None:
    first = asked_next("The king went hom").alternatives[0]
    assert first.text == "e"
    assert first.probability > 0.9


def test_what_comes_next_after_a_whole_word_is_another_word() -> None:
    texts = [each.text for each in asked_next("The king went home").alternatives]
    assert " to" in texts
    assert "" not in texts


def test_what_comes_next_after_a_space_is_a_word_without_one() -> None:
    texts = [each.text for each in asked_next("The king went home ").alternatives]
    assert "to" in texts


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(["The king went hom", "The king went home", "A", "", "He said, ", "the old wom"]))
def test_the_chances_of_all_that_can_come_next_add_up_to_1(text: str) -> None:
    everything = asked_next(text, alternatives=20_000)
    assert sum(each.probability for each in everything.alternatives) == pytest.approx(1, abs=1e-6)
    expected = np.exp([each.logprob for each in everything.alternatives])
    assert expected.sum() == pytest.approx(1, abs=1e-6)
    assert everything.entropy == pytest.approx(-(expected * np.log(expected)).sum(), abs=1e-6)
    few = asked_next(text, alternatives=10, sampling=Sampling(top_k=5, temperature=1.0))
    assert few.kept <= 10
    assert sum(each.probability for each in few.alternatives) == pytest.approx(1, abs=1e-6)


def test_the_chances_are_those_with_which_the_next_text_is_drawn() -> None:
    chances: dict[str, float] = {}
    for each in asked_next("The king went hom", alternatives=20_000).alternatives:
        chances[each.text] = chances.get(each.text, 0) + each.probability
    asked = continued(
        storyteller(), Continue(id="c", text="The king went hom", length=1, candidates=400, sampling=NEUTRAL)
    )
    drawn = [asked.text("c", number) for number in range(400)]
    likeliest = max(chances, key=chances.__getitem__)
    assert drawn.count(likeliest) / 400 == pytest.approx(chances[likeliest], abs=0.02)
