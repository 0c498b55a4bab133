import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gpt2studio.engine.score import Scores, windows
from tests.engine.networks import language, random_model, random_tensors, storyteller, storyteller_tensors, transformer

TEXT = "The old woman looked at the king and said: “You may keep the golden apple.”\n\nBut he had gone. ¿Dónde está 李?"


def scores(model_name: str, tokens: list[int], alternatives: int = 0) -> Scores:
    model = storyteller() if model_name == "storyteller" else random_model()
    *_, last = model.scorer.score(tokens, alternatives)
    return last


def test_scores_are_those_of_transformers() -> None:
    tokens = language().tokenizer.encode(TEXT)
    ours = scores("storyteller", tokens, alternatives=5)
    with torch.inference_mode():
        logits = transformer(storyteller().shape, storyteller_tensors())(torch.tensor([tokens])).logits[0, :-1]
    expected = torch.log_softmax(logits, -1)
    own = expected[range(len(tokens) - 1), tokens[1:]]
    assert ours.logprobs[0] is ours.ranks[0] is None
    assert ours.logprobs[1:] == pytest.approx(own.tolist(), abs=1e-4)
    assert ours.ranks[1:] == ((expected > own[:, None]).sum(-1) + 1).tolist()
    assert ours.entropies[0] is None
    assert ours.entropies[1:] == pytest.approx((-(expected.exp() * expected).sum(-1)).tolist(), abs=1e-3)
    top, ids = expected.topk(5)
    assert [[token for token, _ in place] for place in ours.alternatives[1:]] == ids.tolist()
    assert [[logprob for _, logprob in place] for place in ours.alternatives[1:]] == [
        pytest.approx(row, abs=1e-4) for row in top.tolist()
    ]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 8191), min_size=25, max_size=100))
def test_a_long_text_is_scored_in_windows_that_overlap(tokens: list[int]) -> None:
    model = random_model(n_positions=24)
    network = transformer(model.shape, random_tensors(model.shape))
    ours = scores("random", tokens)
    assert len(ours.logprobs) == len(ours.ranks) == len(tokens)
    for start, first, end in windows(len(tokens), 24):
        with torch.inference_mode():
            logits = network(torch.tensor([tokens[start:end]])).logits[0]
        expected = torch.log_softmax(logits, -1)
        for at in range(first, end):
            assert ours.logprobs[at] == pytest.approx(expected[at - 1 - start, tokens[at]].item(), abs=1e-4)


@given(st.integers(0, 5000), st.integers(2, 1024))
def test_every_token_but_the_first_is_scored_once_with_half_a_window_before_it(tokens: int, n_positions: int) -> None:
    scored = [(at, at - start) for start, first, end in windows(tokens, n_positions) for at in range(first, end)]
    assert [at for at, _ in scored] == list(range(1, tokens))
    assert all(before >= min(at, n_positions // 2) for at, before in scored)
    assert all(end - start <= max(n_positions, 2) for start, _, end in windows(tokens, n_positions))


def test_nothing_and_a_single_token_have_no_scores() -> None:
    assert scores("random", []) == Scores.none(0)
    assert scores("random", [5]) == Scores(0)


def test_one_likely_text_is_less_perplexing_than_another() -> None:
    def perplexity(text: str) -> float:
        known = [each for each in scores("storyteller", language().tokenizer.encode(text)).logprobs if each is not None]
        return math.exp(-sum(known) / len(known))

    assert perplexity("Once upon a time there was a king.") < perplexity("King a was there time a upon once.")


def test_after_an_edit_only_what_follows_is_computed_again() -> None:
    model = random_model(n_positions=1024)
    tokens = [(7 * n) % 8000 for n in range(900)]
    *_, before = model.scorer.score(tokens)
    edited = [*tokens[:500], 1, 2, *tokens[501:]]
    *_, after = model.scorer.score(edited, first=500)
    *_, anew = random_model(n_positions=1024).scorer.score(edited)
    assert (before.computed, after.computed, anew.computed) == (899, 901 - 500, 900)
    assert after.logprobs == [pytest.approx(each, abs=1e-4) for each in anew.logprobs[500:]]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 8191), min_size=25, max_size=100), st.data())
def test_the_end_of_a_text_is_scored_as_in_the_whole(tokens: list[int], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(tokens) - 1))
    *_, whole = random_model(n_positions=24).scorer.score(tokens)
    *_, end = random_model(n_positions=24).scorer.score(tokens, first=first)
    assert end.logprobs == [each if each is None else pytest.approx(each, abs=1e-4) for each in whole.logprobs[first:]]
    assert len(end.ranks) == len(end.entropies) == len(end.alternatives) == len(tokens) - first
