"""Texts that are stitched: where their words come from, and that the same request gives the same text."""

import math
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gpt2studio.retrieval.texts import straight
from gpt2studio.wire.messages import (
    Alternative,
    Continue,
    Distribution,
    Draw,
    Ended,
    Failed,
    Finished,
    Load,
    Next,
    Score,
    Scored,
    Started,
    Stop,
    Token,
    Unload,
    Unloaded,
)
from gpt2studio.wire.sampling import Sampling
from tests.retrieval.asking import ME, Asked, indexed
from tests.retrieval.conftest import ALICE, DRAGON, WEST

TEXTS = {"alice.txt": ALICE, "dragon.txt": DRAGON, "西游.txt": WEST * 3}

prompts = st.sampled_from(
    [
        "",
        "Once upon a ti",
        "The dragon ",
        "The Queen",
        'He said, "',
        "The unicorn",
        "Zorblax",
        "唐僧",
        "行者道：“",
        "\n\n",
        "雪",
    ]
)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GPT2STUDIO_HOME", str(tmp_path_factory.mktemp("home")))
        indexed("tales", TEXTS)
        asked = Asked()
        asked.load("stitch:tales")
    return asked


@given(
    prompts,
    st.integers(0, 2**63),
    st.sampled_from([0.0, 0.3, 0.7, 1.0]),
    st.sampled_from([0.0, 0.5, 0.9, 3.0]),
    st.integers(1, 60),
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_every_source_really_holds_its_token_s_text(
    asked: Asked, prompt: str, seed: int, wildness: float, temperature: float, length: int
) -> None:
    sampling = Sampling(temperature=temperature, wildness=wildness)
    answers = asked.ask(Continue(id="a", text=prompt, seed=seed, sampling=sampling, length=length))
    tokens = [answer for answer in answers if isinstance(answer, Token)]
    assert len(tokens) == length
    assert isinstance(answers[-1], Finished)
    for token in tokens:
        assert token.source is not None
        content = TEXTS[token.source.file]
        assert content[token.source.offset : token.source.offset + token.source.length] == token.text
        assert "\N{REPLACEMENT CHARACTER}" not in token.text
        assert token.rank >= 1
        assert math.isfinite(token.logprob)
        assert token.logprob < 0


@given(prompts, st.integers(0, 1000), st.sampled_from([0.0, 0.4, 1.0]))
@settings(max_examples=15, deadline=None)
def test_a_seed_gives_the_same_text_whatever_else_is_under_way(
    asked: Asked, prompt: str, seed: int, wildness: float
) -> None:
    request = Continue(id="a", text=prompt, seed=seed, length=30, sampling=Sampling(wildness=wildness))
    alone = asked.text(request)
    others = [Continue(id=f"{n}", text="The King", seed=n, length=n) for n in range(5, 50, 20)]
    shared = asked.ask(others[0], request, *others[1:])
    assert "".join(each.text for each in shared if isinstance(each, Token) and each.id == "a") == alone
    seen = Continue(id="a", text=prompt, seed=seed, length=30, alternatives=3, sampling=Sampling(wildness=wildness))
    assert asked.text(seen) == alone


def test_a_candidate_draws_the_same_whatever_batch_it_stands_in(asked: Asked) -> None:
    three = asked.tokens(Continue(id="a", text="The ", candidates=3, length=25))
    third = asked.tokens(Continue(id="a", text="The ", candidates=1, first_candidate=2, length=25))
    assert [token.text for token in three if token.candidate == 2] == [token.text for token in third]
    assert len({"".join(t.text for t in three if t.candidate == number) for number in range(3)}) > 1


def test_other_seeds_give_other_texts(asked: Asked) -> None:
    texts = {asked.text(Continue(id="a", text="The dragon", seed=seed, length=40)) for seed in range(8)}
    assert len(texts) > 2


def test_at_temperature_0_the_seed_makes_no_difference(asked: Asked) -> None:
    cold = Sampling(temperature=0, wildness=0.5)
    texts = {asked.text(Continue(id="a", text="The", seed=seed, length=40, sampling=cold)) for seed in range(5)}
    assert len(texts) == 1


def test_the_longest_match_is_gone_on_from(asked: Asked) -> None:
    cold = Sampling(temperature=0, wildness=0)
    text = asked.text(Continue(id="a", text="Every morning the dragon ran", length=6, sampling=cold))
    assert text.startswith(" to the\nsea")


@pytest.mark.parametrize(
    ("prompt", "next_words"),
    [
        ("Once upon a ti", "me there"),
        ("Once upon a ", "time"),
        ("Suddenly a White Rab", "bit with"),
        ("Once upon a time", " there"),
    ],
)
def test_borders_heal(asked: Asked, prompt: str, next_words: str) -> None:
    cold = Sampling(temperature=0, wildness=0)
    assert asked.text(Continue(id="a", text=prompt, length=4, sampling=cold)).startswith(next_words)


@pytest.mark.parametrize("prompt", ["The dragon Zorblax", "Zorblax", "The dragon Zorblax "])
def test_a_word_that_no_text_has_is_left_as_it_is(asked: Asked, prompt: str) -> None:
    for seed in range(10):
        text = asked.text(Continue(id="a", text=prompt, seed=seed, length=1))
        assert prompt.endswith(" ") or not text[:1].isalnum()


def test_a_prompt_with_typographic_quotes_finds_the_straight_ones(asked: Asked) -> None:
    cold = Sampling(temperature=0, wildness=0)
    requests = [Continue(id="a", text=text, length=5, sampling=cold) for text in ("“Oh dear!”", straight("“Oh dear!”"))]
    assert asked.text(requests[0]) == asked.text(requests[1])


def runs(tokens: list[Token]) -> int:
    """How many places a text was copied from."""
    sources = [token.source for token in tokens if token.source is not None]
    return 1 + sum(
        (one.file, one.offset + one.length) != (other.file, other.offset) for one, other in pairwise(sources)
    )


def test_the_wilder_the_more_places(asked: Asked) -> None:
    counts = [
        sum(
            runs(asked.tokens(Continue(id="a", text="The", seed=seed, length=60, sampling=Sampling(wildness=wildness))))
            for seed in range(6)
        )
        for wildness in (0.0, 0.5, 1.0)
    ]
    assert counts[0] < counts[1] < counts[2]


# --- ends ------------------------------------------------------------------------------------------------------------


def test_a_stop_text_ends_a_candidate_and_is_no_part_of_it(asked: Asked) -> None:
    whole = asked.text(Continue(id="a", text="The", seed=3, length=60))
    stop = whole[20:26]
    answers = asked.ask(Continue(id="a", text="The", seed=3, length=60, stop=(stop, "never")))
    assert "".join(each.text for each in answers if isinstance(each, Token)) == whole[: whole.index(stop)]
    assert [each.finish for each in answers if isinstance(each, Ended)] == ["stop"]


def test_without_a_length_a_text_s_end_is_the_end(asked: Asked) -> None:
    cold = Sampling(temperature=0, wildness=0)
    request = Continue(id="a", text="So the dragon went down", length=0, sampling=cold)
    answers = asked.ask(request)
    assert "".join(each.text for each in answers if isinstance(each, Token)) == " a large hole.\n"
    assert [each.finish for each in answers if isinstance(each, Ended)] == ["end"]


def test_with_a_length_a_text_s_end_is_a_seam(asked: Asked) -> None:
    cold = Sampling(temperature=0, wildness=0)
    tokens = asked.tokens(Continue(id="a", text="So the dragon went down", length=30, sampling=cold))
    assert len(tokens) == 30
    assert "".join(token.text for token in tokens).startswith(" a large hole.\n")


def test_a_stopped_request_keeps_what_came(asked: Asked) -> None:
    request = Continue(id="a", text="The", seed=3, length=0, stop_at_end=False, candidates=2)
    asked.service.receive(ME, request)
    for _ in range(6):
        asked.service.step()
    asked.service.receive(ME, Stop(id="s", request="a"))
    assert not asked.service.busy
    answers = asked.ask(request.__class__(id="b", text="The", length=1))
    assert isinstance(answers[-1], Finished)
    stopped, asked.told = asked.told, []
    assert [each.finish for each in stopped if isinstance(each, Ended)] == ["stopped", "stopped"]
    assert isinstance(stopped[-1], Finished)
    assert stopped[-1].tokens == sum(isinstance(each, Token) for each in stopped) > 0


# --- what could come next --------------------------------------------------------------------------------------------


@given(prompts, st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from([0.3, 1.0, 2.0]))
@settings(max_examples=20, deadline=None)
def test_what_is_drawn_was_among_what_could_come(
    asked: Asked, prompt: str, wildness: float, temperature: float
) -> None:
    sampling = Sampling(temperature=temperature, wildness=wildness)
    (answer,) = asked.ask(Next(id="n", text=prompt, alternatives=60, sampling=sampling))
    assert isinstance(answer, Distribution)
    chances = {each.text: each.probability for each in answer.alternatives if each.probability > 0}
    assert sum(each.probability for each in answer.alternatives) == pytest.approx(1.0)
    assert answer.kept == sum(each.probability > 0 for each in answer.alternatives)
    assert [each.probability for each in answer.alternatives] == sorted(
        (each.probability for each in answer.alternatives), reverse=True
    )
    for seed in range(5):
        tokens = asked.tokens(Continue(id="a", text=prompt, seed=seed, length=1, sampling=sampling))
        assert any(text.startswith(tokens[0].text) for text in chances)


def test_beside_each_token_stands_what_else_could_have_been_copied(asked: Asked) -> None:
    wild = Sampling(wildness=1, temperature=2)
    tokens = asked.tokens(Continue(id="a", text="The", length=30, alternatives=6, sampling=wild))
    for token in tokens:
        assert len(token.alternatives) == 6
        chance = {each.token: each.probability for each in token.alternatives}
        assert token.token in chance or max(chance.values()) < 1
        assert sum(chance.values()) <= 1.0 + 1e-9
    assert any(sum(each.probability > 0 for each in token.alternatives) > 1 for token in tokens)
    own = [math.exp(each.logprob) for token in tokens for each in token.alternatives]
    assert all(0 < each < 1 for each in own)


@pytest.mark.parametrize("prompt", ["The Queen", "The dragon ", "Once upon a ti", ""])
def test_an_alternative_that_a_person_takes_comes_next(asked: Asked, prompt: str) -> None:
    (answer,) = asked.ask(Next(id="n", text=prompt, alternatives=12, sampling=Sampling(wildness=1)))
    assert isinstance(answer, Distribution)
    for each in answer.alternatives:
        taken = Sampling(temperature=0, bias={str(each.token): 1e4}, order=("bias", "temperature"))
        lines = asked.ask(Continue(id="a", text=prompt, length=8, sampling=taken))
        tokens = [line for line in lines if isinstance(line, Token)]
        if each.probability > 0:
            assert next(token.text for token in tokens if token.text) == each.text
        else:
            told = "".join(token.text for token in tokens)
            assert told.startswith(each.text) or isinstance(lines[-1], Failed)


@pytest.mark.parametrize("prompt", ["The Queen", "Once upon a ti", ""])
def test_a_token_of_a_stitch_can_be_looked_at_as_it_was_drawn(asked: Asked, prompt: str) -> None:
    wild = Sampling(wildness=0.8)
    tokens = asked.tokens(Continue(id="a", text=prompt, seed=9, length=20, sampling=wild))
    for place, token in enumerate(tokens):
        draw = Draw(seed=9, written=tuple(each.token for each in tokens[:place]))
        question = Next(id="n", text=prompt, sampling=wild, draw=draw, token=token.token, alternatives=30)
        (answer,) = asked.ask(question)
        assert isinstance(answer, Distribution)
        assert answer.chosen is not None
        assert answer.chosen.probability > 0
        assert answer.chosen.logprob == pytest.approx(token.logprob)
        assert answer.chosen.rank == token.rank


# --- score -----------------------------------------------------------------------------------------------------------


def scored(asked: Asked, text: str, alternatives: int = 0) -> Scored:
    *_, answer = asked.ask(Score(id="s", text=text, alternatives=alternatives))
    assert isinstance(answer, Scored)
    return answer


def test_a_text_of_the_index_scores_better_than_another(asked: Asked) -> None:
    own, other = (scored(asked, text).perplexity for text in (ALICE[:300], "Quantum tariffs grew by 4 percent in Q3."))
    assert own is not None
    assert other is not None
    assert own < 4 < 100 < other


def test_a_text_is_scored_from_any_of_its_tokens_on(asked: Asked) -> None:
    whole = scored(asked, ALICE[:300])
    *_, part = asked.ask(Score(id="s", tokens=whole.tokens, first=7))
    assert isinstance(part, Scored)
    assert part.tokens == whole.tokens[7:]
    assert part.logprobs == whole.logprobs[7:]
    assert part.entropies == whole.entropies[7:]
    assert all(entropy is not None and entropy > 0 for entropy in part.entropies)
    (failed,) = asked.ask(Score(id="s", tokens=whole.tokens, first=len(whole.tokens)))
    assert isinstance(failed, Failed)


def test_a_score_has_a_line_for_every_token(asked: Asked) -> None:
    answer = scored(asked, "The dragon 雪", alternatives=3)
    assert "".join(answer.texts) == "The dragon 雪"
    assert answer.logprobs[0] is answer.ranks[0] is None
    assert [len(each) for each in answer.alternatives] == [0, *[3] * (len(answer.tokens) - 1)]
    best: Alternative = answer.alternatives[1][0]
    assert best.probability == pytest.approx(math.exp(best.logprob))
    assert scored(asked, "").perplexity is None


# --- loading ---------------------------------------------------------------------------------------------------------


def test_what_is_loaded_is_told() -> None:
    indexed("tales", TEXTS)
    loaded = Asked().load("stitch:tales")
    assert (loaded.model, loaded.vocabulary, loaded.end_token, loaded.device) == ("stitch:tales", 8192, 0, "cpu")
    assert loaded.weights > 0


def test_an_index_is_loaded_by_its_folder_too() -> None:
    folder = indexed("tales", TEXTS)
    asked = Asked()
    asked.load(str(folder))
    assert asked.text(Continue(id="a", text="Once upon a", length=1)) == " time"


def test_texts_are_stitched_without_an_index(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("texts")
    (folder / "dragon.txt").write_text(DRAGON)
    for model in (folder, folder / "dragon.txt"):
        asked = Asked()
        asked.load(f"stitch:{model}")
        token = asked.tokens(Continue(id="a", text="Once upon a", length=1))[0]
        assert (token.text, token.source and token.source.file) == (" time", "dragon.txt")


def test_without_an_index_the_story_itself_is_searched() -> None:
    asked = Asked()
    asked.load("stitch:")
    story = "The zebra Quirk lived in a purple lighthouse, and nobody knew why he did.\n\n" * 2 + "It rained. " * 60
    cold = Sampling(temperature=0, wildness=0)
    tokens = asked.tokens(Continue(id="a", text=story + "The zebra Quirk", length=6, sampling=cold))
    assert "".join(token.text for token in tokens).startswith(" lived in a purple")
    for token in tokens:
        assert token.source is not None
        assert token.source.file == ""
        assert story[token.source.offset :][: token.source.length] == token.text


def test_before_anything_is_set_up_the_example_is_searched() -> None:
    asked = Asked()
    asked.load("stitch:")
    tokens = asked.tokens(Continue(id="a", text="", length=10))
    assert all(token.source is not None and token.source.file.endswith(".txt") for token in tokens)


def test_what_the_stitcher_sees_is_told(asked: Asked) -> None:
    text = "It rained. " * 400 + "The dragon"
    started = asked.ask(Continue(id="a", text=text, length=1))[0]
    assert isinstance(started, Started)
    assert started.tokens > started.window_tokens
    assert 0 < started.window_start < len(text)


# --- faults ----------------------------------------------------------------------------------------------------------


def test_nothing_is_done_without_a_model() -> None:
    asked = Asked()
    for request in (Continue(id="a"), Next(id="a"), Score(id="a", text="The")):
        (answer,) = asked.ask(request)
        assert isinstance(answer, Failed)
        assert answer.message == "No model is loaded."


def test_a_model_that_is_not_there_is_said_and_the_old_one_stays(asked: Asked) -> None:
    (answer,) = asked.ask(Load(id="l", model="stitch:nowhere"))
    assert isinstance(answer, Failed)
    assert "nowhere" in answer.message
    assert asked.text(Continue(id="a", text="Once upon a", length=1)) == " time"


def test_texts_without_a_word_say_so() -> None:
    indexed("empty", {"empty.txt": ""})
    asked = Asked()
    asked.load("stitch:empty")
    (started, answer) = asked.ask(Continue(id="a", text="The"))
    assert isinstance(started, Started)
    assert isinstance(answer, Failed)
    assert answer.message == "There is no text to stitch from."


@pytest.mark.parametrize(
    "request_", [Continue(id="a", candidates=0), Continue(id="a", length=-1), Continue(id="a", stop=("",))]
)
def test_a_request_that_means_nothing_is_refused(asked: Asked, request_: Continue) -> None:
    (answer,) = asked.ask(request_)
    assert isinstance(answer, Failed)
    assert answer.hint


def test_unloading_ends_what_is_under_way() -> None:
    indexed("tales", TEXTS)
    asked = Asked()
    asked.load("stitch:tales")
    asked.service.receive(ME, Continue(id="a", length=0, stop_at_end=False))
    asked.service.step()
    answers = asked.ask(Unload(id="u"))
    assert isinstance(answers[-1], Unloaded)
    assert isinstance(asked.told[-1], Failed)
    assert not asked.service.busy


@pytest.mark.parametrize("text", ["a", "x a", "。", "国王", '"', "\n\n\nThe", "The cat sat.\nThe dog sat."])
@pytest.mark.parametrize("prompt", ["", "a", "The", "国王", "Zorblax "])
def test_from_the_smallest_texts_there_is_something_to_tell(tmp_path: Path, text: str, prompt: str) -> None:
    (tmp_path / "small.txt").write_text(text)
    asked = Asked()
    asked.load(str(tmp_path / "small.txt"))
    answers = asked.ask(
        Continue(id="c", text=prompt, length=8, alternatives=3),
        Next(id="n", text=prompt),
        Next(id="d", text=prompt, draw=Draw(seed=0)),
    )
    assert not [answer for answer in answers if isinstance(answer, Failed)]
    for token in (answer for answer in answers if isinstance(answer, Token)):
        assert token.source is not None
        assert text[token.source.offset : token.source.offset + token.source.length] == token.text
