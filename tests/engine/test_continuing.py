from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gpt2studio.engine.window import Window
from gpt2studio.wire.messages import Continue, Ended, Failed, Finished, Started, Stop, Token
from gpt2studio.wire.sampling import NEUTRAL, Sampling
from tests.engine.asking import Asked, continued
from tests.engine.networks import (
    language,
    logits_of,
    random_model,
    storyteller,
    storyteller_tensors,
    transformer,
)

GREEDY = Sampling(temperature=0)
OPENING = "Once upon a time there was"
BOOK = "There was a king who had a golden bird, and he lost it. " * 120


def test_a_greedy_continuation_is_that_of_transformers() -> None:
    request = Continue(id="c", text=OPENING, sampling=GREEDY, length=60, heal=False)
    tokens = language().tokenizer.encode(OPENING)
    network = transformer(storyteller().shape, storyteller_tensors())
    theirs = network.generate(
        torch.tensor([tokens]),
        attention_mask=torch.ones(1, len(tokens)),
        max_new_tokens=60,
        do_sample=False,
        pad_token_id=0,
    )
    asked = continued(storyteller(), request)
    assert asked.tokens("c") == theirs[0, len(tokens) :].tolist()
    assert asked.text("c") == language().tokenizer.decode(asked.tokens("c"))


def test_the_same_seed_gives_the_same_text_and_another_seed_another() -> None:
    request = Continue(id="c", text=OPENING, seed=5, length=30)
    first, second = continued(storyteller(), request), continued(storyteller(), request)
    other = continued(storyteller(), replace(request, seed=6))
    assert first.text("c") == second.text("c") != other.text("c")


def test_a_candidate_is_the_same_alone_and_among_others() -> None:
    request = Continue(id="c", text=OPENING, seed=5, length=30, candidates=4)
    together = continued(storyteller(), request)
    assert len({together.text("c", number) for number in range(4)}) == 4
    for number in range(4):
        alone = continued(storyteller(), replace(request, candidates=1, first_candidate=number))
        assert alone.tokens("c", number) == together.tokens("c", number)


@settings(max_examples=8, deadline=None)
@given(st.data())
def test_requests_that_join_in_mid_flight_each_give_what_they_give_alone(data: st.DataObject) -> None:
    model = random_model(n_positions=48)
    requests = [
        Continue(
            id=str(number),
            text=BOOK[: data.draw(st.integers(0, 400))],
            seed=number,
            length=data.draw(st.integers(1, 12)),
            candidates=data.draw(st.integers(1, 3)),
            sampling=data.draw(st.sampled_from([GREEDY, NEUTRAL, Sampling()])),
        )
        for number in range(4)
    ]
    asked = Asked(model, slots=data.draw(st.integers(1, 5)))
    for request in requests:
        asked.ask(request)
        for _ in range(data.draw(st.integers(0, 5))):
            asked.service.step()
    asked.run()
    for request in requests:
        alone = continued(model, request)
        for candidate in range(request.candidates):
            assert asked.tokens(request.id, candidate) == alone.tokens(request.id, candidate)
            assert asked.text(request.id, candidate) == alone.text(request.id, candidate)


def test_a_text_longer_than_the_window_is_continued_as_if_computed_from_scratch() -> None:
    model = random_model(n_positions=24)
    text = BOOK[:150]
    asked = continued(model, Continue(id="c", text=text, sampling=GREEDY, length=60, heal=False))
    tokens = language().tokenizer.encode(text)
    assert len(tokens) > 24
    for token in asked.tokens("c"):
        seen = tokens[Window(24).start(len(tokens)) :]
        # Random weights leave the two likeliest far enough apart for rounding not to matter.
        assert logits_of(model.network, model.shape, seen)[-1].argmax() == token
        tokens.append(token)


@pytest.mark.parametrize(("length", "special"), [(0, False), (100, False), (3000, False), (3000, True)])
def test_the_start_tells_which_part_of_the_text_is_seen(length: int, special: bool) -> None:
    text = ("Der König sagte „Schön!“ und ging — über den Fluß, 李. " * 60)[:length]
    model = random_model(n_positions=48)
    started = continued(model, Continue(id="c", text=text, length=1, heal=False, special=special)).only(Started, "c")[0]
    tokens = language().tokenizer.encode(text)
    seen = Window(48).of(tokens)
    assert started.tokens == len(tokens)
    assert started.window_tokens == len(seen)
    shown = language().tokenizer.decode(seen).lstrip("\ufffd")
    assert text[started.window_start :].endswith(shown)
    assert len(text) - started.window_start - len(shown) <= 1  # a character may lie across the window's start
    assert (started.single_bytes > 0.1) == ("李" in text)


def test_what_a_request_shares_with_an_earlier_one_is_not_computed_again() -> None:
    asked = Asked(storyteller(), slots=4)
    text = BOOK[:600]
    asked.run(Continue(id="first", text=text, length=20))
    asked.run(Continue(id="again", text=text, length=5, seed=1))
    asked.run(Continue(id="longer", text=text + " And then the bird", length=5))
    asked.run(Continue(id="other", text="Something else", length=5))
    first, again, longer, other = (asked.only(Started, id)[0] for id in ("first", "again", "longer", "other"))
    assert first.reused == 0
    assert again.reused >= first.tokens - 3  # the last tokens are taken back to heal
    assert longer.reused >= first.tokens - 3
    assert other.reused == 0


def test_what_was_remembered_changes_nothing() -> None:
    asked = Asked(storyteller(), slots=2)
    requests = [Continue(id=str(n), text=BOOK[: 40 * n], seed=n, length=10, candidates=1 + n % 3) for n in range(8)]
    for request in requests:
        asked.run(request)
    for request in requests:
        alone = continued(storyteller(), request)
        for candidate in range(request.candidates):
            assert asked.tokens(request.id, candidate) == alone.tokens(request.id, candidate)


def test_several_candidates_compute_their_prompt_once() -> None:
    asked = Asked(storyteller(), slots=4)
    computed: list[int] = []
    network = storyteller().network
    text = BOOK[:1000]
    batch = asked.service._batch
    assert batch is not None

    def counting(tokens: torch.Tensor, positions: torch.Tensor, attend: object) -> torch.Tensor:
        computed.append(len(tokens))
        return network(tokens, positions, attend)  # type: ignore[arg-type]

    counting.wte, counting.logits = network.wte, network.logits  # type: ignore[attr-defined]
    batch._network = counting  # type: ignore[assignment]
    asked.run(Continue(id="c", text=text, length=4, candidates=4))
    prompt = asked.only(Started, "c")[0].tokens
    assert prompt <= sum(computed) <= prompt + 4 * 4 + 3


def test_more_candidates_than_slots_wait_and_a_later_request_does_not_wait_for_all_of_them() -> None:
    asked = Asked(storyteller(), slots=2)
    asked.ask(Continue(id="many", text=OPENING, length=5, candidates=12))
    for _ in range(3):
        asked.service.step()
    asked.run(Continue(id="one", text=OPENING, length=5))
    order = [answer.id for _, answer in asked.answers if isinstance(answer, Ended)]
    assert len(order) == 13
    assert order.index("one") < 6


@pytest.mark.parametrize("length", [1, 7])
def test_a_continuation_ends_at_its_length(length: int) -> None:
    asked = continued(storyteller(), Continue(id="c", text=OPENING, length=length, heal=False))
    assert len(asked.tokens("c")) == length
    assert asked.only(Ended, "c")[0].finish == "length"
    assert asked.only(Finished, "c")[0].tokens == length
    assert isinstance(asked.to("c")[0], Started)
    assert isinstance(asked.to("c")[-1], Finished)


def test_a_continuation_without_a_length_goes_on_to_the_end_token() -> None:
    # The end token's logit is raised until it comes.
    sampling = Sampling(bias={"0": 9.0})
    request = Continue(id="c", text=OPENING, length=0, sampling=sampling, seed=2)
    asked = continued(storyteller(), request)
    assert asked.only(Ended, "c")[0].finish == "end"
    assert 0 not in asked.tokens("c")
    assert "<|endoftext|>" not in asked.text("c")


def test_where_it_does_not_end_the_text_the_end_token_cannot_be_drawn() -> None:
    sampling = Sampling(bias={"0": 1000.0})
    asked = continued(storyteller(), Continue(id="c", text=OPENING, length=9, sampling=sampling, stop_at_end=False))
    assert asked.only(Ended, "c")[0].finish == "length"
    assert len(asked.tokens("c")) == 9
    assert 0 not in asked.tokens("c")


def test_an_empty_text_begins_a_document() -> None:
    asked = continued(storyteller(), Continue(id="c", sampling=GREEDY, length=8))
    network = transformer(storyteller().shape, storyteller_tensors())
    theirs = network.generate(
        torch.tensor([[0]]), attention_mask=torch.ones(1, 1), max_new_tokens=8, do_sample=False, pad_token_id=0
    )
    assert asked.tokens("c") == theirs[0, 1:].tolist()
    started = asked.only(Started, "c")[0]
    assert (started.tokens, started.window_start, started.window_tokens) == (0, 0, 0)


def test_a_stop_text_ends_a_candidate_and_is_not_part_of_it() -> None:
    request = Continue(id="c", text=OPENING, sampling=GREEDY, length=60)
    whole = continued(storyteller(), request).text("c")
    stop = whole[20:31]
    asked = continued(storyteller(), replace(request, stop=("never there", stop)))
    assert asked.text("c") == whole[: whole.index(stop)]
    assert asked.only(Ended, "c")[0].finish == "stop"
    assert asked.only(Finished, "c")[0].tokens == len(asked.tokens("c"))


def test_a_stop_ends_a_request_within_a_token_and_keeps_what_came() -> None:
    asked = Asked(storyteller())
    asked.ask(Continue(id="c", text=OPENING, length=0, candidates=2), Continue(id="other", text=OPENING, length=9))
    while not asked.tokens("c", 1):
        asked.service.step()
    came = len(asked.only(Token, "c"))
    asked.ask(Stop(id="c", request="c"))
    assert [each.finish for each in asked.only(Ended, "c")] == ["stopped", "stopped"]
    assert asked.only(Finished, "c")[0].tokens == came == len(asked.only(Token, "c"))
    asked.run()
    assert len(asked.only(Token, "c")) == came
    assert len(asked.tokens("other")) == 9


def test_a_stop_for_what_is_not_under_way_is_no_error() -> None:
    asked = Asked(storyteller())
    asked.run(Stop(id="s", request="nothing"))
    assert asked.answers == []


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000), st.sampled_from(["", "\n\n", "the", "и"]))
def test_the_tokens_are_told_with_the_models_own_probability(seed: int, stop: str) -> None:
    sampling = Sampling(temperature=1.7, top_k=0, repetition_penalty=1.2)
    request = Continue(
        id="c", text=OPENING, seed=seed, length=6, sampling=sampling, heal=False, stop=(stop,) if stop else ()
    )
    asked = continued(storyteller(), request)
    tokens = language().tokenizer.encode(OPENING)
    for line in asked.only(Token, "c"):
        logits = logits_of(storyteller().network, storyteller().shape, tokens)[-1]
        assert line.logprob == pytest.approx(torch.log_softmax(logits, -1)[line.token].item(), abs=1e-4)
        own = logits[line.token]  # its neighbours may lie closer than rounding
        assert int((logits > own + 1e-4).sum()) < line.rank <= int((logits > own - 1e-4).sum())
        tokens.append(line.token)


def test_alternatives_are_the_likeliest_tokens_with_their_chance_of_being_drawn() -> None:
    sampling = Sampling(temperature=0.5, top_k=3)
    request = Continue(id="c", text=OPENING, length=1, sampling=sampling, heal=False, alternatives=5)
    line = continued(storyteller(), request).only(Token, "c")[0]
    logits = logits_of(storyteller().network, storyteller().shape, language().tokenizer.encode(OPENING))[-1]
    top = logits.topk(5).indices.tolist()
    assert [each.token for each in line.alternatives] == top
    chances = torch.softmax(logits[top[:3]] / 0.5, -1).tolist()
    assert [each.probability for each in line.alternatives] == pytest.approx([*chances, 0, 0], abs=1e-5)
    assert [each.text for each in line.alternatives] == [language().tokenizer.decode([token]) for token in top]


@pytest.mark.parametrize(
    "request_",
    [
        Continue(id="c", candidates=0),
        Continue(id="c", candidates=10**12),
        Continue(id="c", length=-1),
        Continue(id="c", stop=("end", "")),
    ],
)
def test_what_means_nothing_is_refused_with_a_word(request_: Continue) -> None:
    failed = continued(storyteller(), request_).only(Failed, "c")[0]
    assert failed.message
    assert failed.hint


def test_the_penalties_look_at_as_many_tokens_as_asked() -> None:
    # A penalty that forbids repetition, over the continuation alone: no token comes twice, one of the prompt may.
    forbidding = Sampling(temperature=0, presence_penalty=100, penalty_range=0)
    tokens = continued(storyteller(), Continue(id="c", text=BOOK[:200], length=40, sampling=forbidding)).tokens("c")
    prompt = set(language().tokenizer.encode(BOOK[:200]))
    assert len(set(tokens)) == len(tokens)
    assert set(tokens) & prompt
    wide = replace(forbidding, penalty_range=1024)
    tokens = continued(storyteller(), Continue(id="c", text=BOOK[:200], length=40, sampling=wide)).tokens("c")
    assert not set(tokens) & prompt
