"""A style: a person's texts mixed into what the model expects."""

import math

import numpy as np
import pytest

from gpt2studio.engine.styles import Preparation
from gpt2studio.paths import places
from gpt2studio.retrieval.blend import Blend
from gpt2studio.retrieval.corpus import Corpus
from gpt2studio.retrieval.index import Index
from gpt2studio.retrieval.infinigram import Infinigram
from gpt2studio.retrieval.lexicon import Lexicon
from gpt2studio.retrieval.texts import Text
from gpt2studio.wire.messages import (
    Continue,
    Distribution,
    Draw,
    Ended,
    Failed,
    Finished,
    Next,
    Preparing,
    Score,
    Scored,
    Stop,
    Token,
)
from gpt2studio.wire.sampling import NEUTRAL, Sampling
from gpt2studio.wire.style import Style
from tests.engine.asking import Asked
from tests.engine.networks import language, random_model, storyteller

TALE = (
    "The miller had a grey cat that sang at the mill. The grey cat that sang at the mill was old. "
    "Every night the grey cat that sang at the mill went down to the water.\n"
) * 2
PROMPT = "In the morning the grey cat that sang"
GREEDY = Sampling(temperature=0.0)


def index(name: str, *texts: str) -> None:
    Index(places().indexes / name).add([Text(f"{number}.txt", text) for number, text in enumerate(texts)])


def asked(*requests: Continue | Next | Score) -> Asked:
    """All of them under way at once."""
    service = Asked(storyteller())
    service.run(*requests)
    return service


def test_a_text_whose_style_was_made_ready_goes_before_none_that_is_half_scored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ready = False
    wait = Preparation.wait
    monkeypatch.setattr(Preparation, "wait", lambda self, seconds: ready and wait(self, seconds))
    asked, tokens = Asked(random_model()), tuple(range(1, 200))
    asked.ask(Score(id="styled", tokens=tokens, style=Style(weight=0.5), background=True))
    asked.ask(Score(id="plain", tokens=tokens, background=True))
    asked.service.step()
    ready = True
    for number in range(10):
        asked.service.step()
        asked.ask(Score(id=f"quick {number}", tokens=tokens[:3]))
        while not asked.only(Scored, f"quick {number}"):
            asked.service.step()
    asked.run()
    for id in ("styled", "plain"):
        assert len(asked.only(Scored, id)[0].tokens) == len(tokens)


def blend(*texts: str, weight: float) -> Blend:
    lexicon = Lexicon(language().tokenizer)
    return Blend(Infinigram(Corpus.of([(str(n), text) for n, text in enumerate(texts)], lexicon)), weight)


def test_the_texts_have_the_model_go_on_as_they_do() -> None:
    index("mill", TALE)
    plain, styled = (
        Continue(id=id, text=PROMPT, sampling=GREEDY, length=4, style=style)
        for id, style in (("plain", Style()), ("styled", Style("mill", 1.0)))
    )
    service = asked(plain, styled)
    assert service.text("styled").startswith(" at the mill")
    assert not service.text("plain").startswith(" at the mill")


def test_token_log_probabilities_and_alternatives_are_those_of_the_mix() -> None:
    index("mill", TALE)
    style = Style("mill", 0.7)
    service = asked(
        Continue(id="c", text=PROMPT, sampling=NEUTRAL, seed=4, length=1, heal=False, alternatives=3, style=style),
        Next(id="n", text=PROMPT, sampling=NEUTRAL, heal=False, style=style),
        Score(id="s", text=PROMPT + " at", alternatives=3, style=style),
        Score(id="plain", text=PROMPT + " at"),
    )
    (token,), (distribution,), (scored,) = (
        service.only(Token, "c"),
        service.only(Distribution, "n"),
        service.only(Scored, "s"),
    )
    at = distribution.alternatives[0]
    assert at.text == token.alternatives[0].text == scored.alternatives[-1][0].text == " at"
    assert at.probability == pytest.approx(math.exp(at.logprob), rel=1e-4)
    assert at.logprob == pytest.approx(token.alternatives[0].logprob, abs=1e-3)
    last, plain = scored.logprobs[-1], service.only(Scored, "plain")[0].logprobs[-1]
    assert last is not None
    assert plain is not None
    assert last == pytest.approx(at.logprob, abs=1e-3)
    assert last > plain
    assert scored.ranks[-1] == 1


def test_a_score_with_a_style_is_the_mix_at_every_token() -> None:
    index("mill", TALE)
    text = PROMPT + " at the mill, and the king laughed at the grey cat that sang."
    service = asked(
        Score(id="s", text=text, style=Style("mill", 0.6)),
        Score(id="all", text=text, alternatives=storyteller().shape.vocab_size),
    )
    (mixed,), (plain,) = service.only(Scored, "s"), service.only(Scored, "all")
    by_hand = blend(TALE, weight=0.6)
    for place in range(1, len(mixed.tokens)):
        logprobs = np.zeros(storyteller().shape.vocab_size, dtype=np.float32)
        for each in plain.alternatives[place]:
            logprobs[each.token] = each.logprob
        expected = by_hand.mixed(logprobs, mixed.tokens[:place])
        assert mixed.logprobs[place] == pytest.approx(float(expected[mixed.tokens[place]]), abs=1e-4)


def test_the_x_ray_of_a_token_is_of_the_mix_that_it_was_drawn_from() -> None:
    index("mill", TALE)
    style = Style("mill", 0.8)
    service = asked(Continue(id="c", text=PROMPT, seed=5, length=6, style=style))
    tokens = service.only(Token, "c")
    for place, token in enumerate(tokens):
        draw = Draw(seed=5, written=tuple(each.token for each in tokens[:place]))
        service.run(Next(id=f"x{place}", text=PROMPT, draw=draw, token=token.token, stages=True, style=style))
        (seen,) = service.only(Distribution, f"x{place}")
        assert seen.drawn is not None
        assert seen.drawn.token == token.token
        assert seen.chosen is not None
        assert seen.chosen.logprob == pytest.approx(token.logprob, abs=1e-4)


def test_what_a_style_writes_is_the_same_whatever_the_batch() -> None:
    index("mill", TALE)
    request = Continue(id="all", text=PROMPT, seed=7, length=24, candidates=4, style=Style("mill", 0.5))
    together = asked(request, Continue(id="other", text="A king", seed=1, length=30))
    for number in range(4):
        alone = asked(
            Continue(id="one", text=PROMPT, seed=7, length=24, first_candidate=number, style=Style("mill", 0.5))
        )
        assert alone.tokens("one", number) == together.tokens("all", number)


def test_a_weight_of_nothing_is_the_model_itself() -> None:
    service = asked(
        Continue(id="plain", text=PROMPT, seed=3, length=8),
        Continue(id="off", text=PROMPT, seed=3, length=8, style=Style("no such index", 0.0)),
    )
    assert service.text("plain") == service.text("off")


def test_without_an_index_the_text_itself_and_the_example_are_mixed_in() -> None:
    story = TALE * 4 + PROMPT
    service = asked(Continue(id="c", text=story, sampling=GREEDY, length=3, style=Style("", 1.0)))
    assert service.text("c") == " at the mill"


def test_a_text_is_not_scored_by_itself() -> None:
    service = asked(Score(id="plain", text=TALE * 4), Score(id="s", text=TALE * 4, style=Style("", 0.5)))
    plain, styled = service.only(Scored, "plain")[0].perplexity, service.only(Scored, "s")[0].perplexity
    assert plain is not None
    assert styled is not None
    assert styled > 0.8 * plain


def test_an_index_that_has_grown_is_read_again() -> None:
    index("mill", "Nothing of the kind.")
    service = Asked(storyteller())
    ask = {"text": PROMPT, "sampling": GREEDY, "length": 3, "style": Style("mill", 1.0)}
    service.run(Continue(id="before", **ask))  # type: ignore[arg-type]
    Index.open(places().indexes / "mill").add([Text("tale", TALE)])
    service.run(Continue(id="after", **ask))  # type: ignore[arg-type]
    assert service.text("after") == " at the mill"
    assert service.text("before") != " at the mill"


def test_an_index_that_is_not_there_is_told_and_others_go_on() -> None:
    service = asked(
        Continue(id="bad", text=PROMPT, style=Style("nowhere", 0.5)), Continue(id="good", text=PROMPT, length=3)
    )
    (failed,) = service.only(Failed, "bad")
    assert "nowhere" in failed.message
    assert service.only(Finished, "good")


def test_texts_that_are_new_to_the_vocabulary_tell_how_far_they_are() -> None:
    index("many", *(f"{number}. {TALE}" for number in range(5)))
    service = asked(Score(id="s", text=PROMPT, style=Style("many", 0.5)))
    assert service.only(Preparing, "s")
    assert isinstance(service.to("s")[-1], Scored)


def test_a_request_that_waits_for_its_texts_can_be_stopped() -> None:
    index("mill", TALE)
    service = Asked(storyteller())
    service.ask(
        Continue(id="c", text=PROMPT, candidates=2, style=Style("mill", 0.5)),
        Stop(id="stop", request="c"),
        Next(id="n", text=PROMPT, style=Style("mill", 0.5)),
        Stop(id="stop", request="n"),
    )
    assert [ended.finish for ended in service.only(Ended, "c")] == ["stopped", "stopped"]
    assert isinstance(service.to("c")[-1], Finished)
    assert isinstance(service.to("n")[-1], Failed)
    assert not service.service.busy
