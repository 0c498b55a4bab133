"""The sampler x-ray: what each stage left over, and the draw that chose."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpt2studio.engine.sampling import FUNCTIONS, Logits, Seen
from gpt2studio.wire.messages import Continue, Distribution, Draw, Next, Score, Scored
from gpt2studio.wire.sampling import NEUTRAL, Sampling
from tests.engine.asking import Asked, continued
from tests.engine.networks import logits_of, random_model, storyteller
from tests.engine.test_sampling import SAMPLINGS

TEXTS = st.sampled_from(["", "The", "The old king", "The king and the ki", "who", "Once upon a time ", "— 李"])
ALL = 9000


def told(asked: Asked, request: Next) -> Distribution:
    asked.run(request)
    (answer,) = asked.only(Distribution, request.id)
    return answer


@settings(max_examples=40, deadline=None)
@given(TEXTS, SAMPLINGS, st.integers(0, 2**32))
def test_every_token_of_a_continuation_is_drawn_again_from_what_its_stages_left(
    text: str, sampling: Sampling, seed: int
) -> None:
    asked = continued(random_model(1024), Continue(id="c", text=text, sampling=sampling, seed=seed, length=5))
    tokens = asked.tokens("c")
    for place, token in enumerate(tokens):
        draw = Draw(seed=seed, written=tuple(tokens[:place]))
        request = Next(id=f"n{place}", text=text, sampling=sampling, draw=draw, token=token, stages=True)
        answer = told(asked, request)
        assert answer.drawn is not None
        assert answer.chosen is not None
        assert answer.drawn.token == token == answer.chosen.token
        assert answer.drawn.low <= answer.drawn.number < answer.drawn.high
        assert answer.drawn.high - answer.drawn.low == pytest.approx(answer.chosen.probability)
        assert answer.chosen.trace == () or answer.chosen.trace[-1] == answer.chosen.probability
        assert not answer.stages or answer.stages[-1].kept == answer.kept


@settings(max_examples=40, deadline=None)
@given(SAMPLINGS, st.lists(st.integers(1, 8191), min_size=1, max_size=20))
def test_the_stages_multiply_out_to_the_distribution_that_is_drawn_from(sampling: Sampling, tokens: list[int]) -> None:
    asked = Asked(random_model(1024))
    answer = told(asked, Next(id="n", tokens=tuple(tokens), sampling=sampling, stages=True, alternatives=ALL))
    model = random_model(1024)
    values = logits_of(model.network, model.shape, tokens)[-1].numpy()
    left = Logits(values)
    if model.language._sayable is not None:
        left = left.among(model.language._sayable)
    seen = Seen.of(tokens[-sampling.penalty_range :]) if sampling.penalty_range else Seen.of(())
    before = dense(left)
    by_token = {each.token: each for each in answer.alternatives}
    stages = iter(enumerate(answer.stages))
    for name in sampling.order:
        left = FUNCTIONS[name](left, seen, sampling)
        after = dense(left)
        if np.allclose(before, after, rtol=1e-4, atol=1e-9):
            before = after
            continue
        number, stage = next((n, each) for n, each in stages if each.name == name)
        assert stage.kept == np.count_nonzero(after)
        assert stage.mass == pytest.approx(before[after > 0].sum(), abs=1e-4)
        kept = np.flatnonzero(after)[:50]
        assert [by_token[token].trace[number] for token in kept.tolist()] == pytest.approx(
            after[kept].tolist(), rel=1e-3, abs=1e-7
        )
        if name in ("top_k", "top_p", "min_p", "typical"):  # what is left over keeps its proportions
            assert after[kept].tolist() == pytest.approx((before[kept] / stage.mass).tolist(), rel=1e-3, abs=1e-7)
        before = after
    chances = np.zeros(len(before))
    for each in answer.alternatives:
        chances[each.token] = each.probability
    assert chances.sum() == pytest.approx(1)
    assert chances == pytest.approx(before, abs=1e-4)


def dense(logits: Logits) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    chances = np.zeros(8192)
    chances[logits.ids()] = logits.probabilities()
    return chances


def test_the_stage_that_cut_a_token_is_the_first_at_which_it_has_no_chance() -> None:
    sampling = replace(NEUTRAL, temperature=0.5, top_k=3)
    answer = told(Asked(storyteller()), Next(id="n", text="The old", sampling=sampling, stages=True, alternatives=5))
    assert [stage.name for stage in answer.stages] == ["temperature", "top_k"]
    assert [len(each.trace) for each in answer.alternatives] == [2] * 5
    assert [each.trace[1] > 0 for each in answer.alternatives] == [True] * 3 + [False] * 2
    assert all(each.trace[0] > 0 for each in answer.alternatives)
    assert [each.rank for each in answer.alternatives] == [1, 2, 3, 4, 5]


def test_another_sampling_of_the_same_place_needs_no_computing() -> None:
    asked = Asked(storyteller())
    first = told(asked, Next(id="a", text="The old king", stages=True))
    batch = asked.service._batch
    assert batch is not None
    batch._network = None  # type: ignore[assignment]
    again = told(asked, Next(id="b", text="The old king", sampling=replace(NEUTRAL, top_k=2), stages=True))
    assert first.entropy == again.entropy
    assert again.kept == 2


def test_a_token_is_told_of_however_unlikely_it_is() -> None:
    answer = told(Asked(storyteller()), Next(id="n", text="The old", token=4321, alternatives=2, stages=True))
    assert answer.chosen is not None
    assert answer.chosen.token == 4321
    assert answer.chosen.rank > 40
    assert answer.chosen.probability == 0


def test_fewer_alternatives_than_none_are_none() -> None:
    asked = Asked(storyteller())
    assert told(asked, Next(id="n", text="The old", alternatives=-1)).alternatives == ()
    asked.run(Score(id="s", text="The old king", alternatives=-1))
    assert asked.only(Scored, "s")[0].alternatives == ((), (), ())


def test_the_draw_of_each_of_several_candidates_is_its_own() -> None:
    asked = continued(storyteller(), Continue(id="c", text="The ki", seed=7, length=4, candidates=3))
    for candidate in range(3):
        tokens = asked.tokens("c", candidate)
        draw = Draw(seed=7, candidate=candidate, written=tuple(tokens[:-1]))
        answer = told(asked, Next(id=f"n{candidate}", text="The ki", draw=draw))
        assert answer.drawn is not None
        assert answer.drawn.token == tokens[-1]


@pytest.mark.parametrize("text", ["Once upon a time ", "The old ki"])
def test_a_token_that_can_end_a_word_or_go_on_with_it_is_counted_once(text: str) -> None:
    sampling = replace(NEUTRAL, temperature=0.9)
    answer = told(Asked(storyteller()), Next(id="n", text=text, sampling=sampling, stages=True))
    assert [stage.name for stage in answer.stages] == ["temperature"]
    assert 4096 < answer.kept == answer.stages[0].kept <= 8192
