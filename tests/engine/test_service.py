from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from gpt2studio.engine.load import model_of
from gpt2studio.engine.service import Service
from gpt2studio.formats.shape import Shape
from gpt2studio.wire.lead import AHEAD
from gpt2studio.wire.messages import (
    Continue,
    Distribution,
    Failed,
    Finished,
    Load,
    Next,
    Score,
    Scored,
    Stop,
    Token,
    Unload,
)
from gpt2studio.wire.sampling import Sampling
from tests.engine.asking import Asked, continued
from tests.engine.networks import STORYTELLER, language, random_tensors, small_shape, storyteller

TEXT = "Once upon a time there was"


def breaking(asked: Asked, error: Callable[[], Exception], at: int) -> None:
    """Let the network of a service fail at its n-th forward."""
    batch = asked.service._batch
    assert batch is not None
    network = storyteller().network
    count = 0

    class Breaking:
        wte, logits = network.wte, network.logits

        def __call__(self, tokens: torch.Tensor, positions: torch.Tensor, attend: object) -> torch.Tensor:
            nonlocal count
            count += 1
            if count == at:
                raise error()
            return network(tokens, positions, attend)  # type: ignore[arg-type]

    batch._network = Breaking()  # type: ignore[assignment]


def test_a_fault_in_a_step_fails_the_requests_in_it_and_the_service_lives(capfd: pytest.CaptureFixture[str]) -> None:
    asked = Asked(storyteller())
    breaking(asked, lambda: RuntimeError("something odd\nwith details"), at=4)
    asked.run(Continue(id="a", text=TEXT, length=9), Next(id="n", text="The"), Continue(id="b", text="The"))
    assert isinstance(asked.to("n")[-1], Distribution)
    for id in ("a", "b"):
        failed = asked.to(id)[-1]
        assert isinstance(failed, Failed)
        assert "something odd" in failed.message
        assert "details" not in failed.message
        assert failed.unforeseen
    assert "with details" in capfd.readouterr().err
    asked.run(Continue(id="c", text=TEXT, length=9))
    assert asked.text("c") == continued(storyteller(), Continue(id="c", text=TEXT, length=9)).text("c")
    assert not asked.service.broken


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried …"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError(
            "MPS backend out of memory (MPS allocated: 17.9 GB, …). Tried to allocate 256 MB on private pool."
        ),
        RuntimeError("Invalid buffer size: 19.1 GB"),
        RuntimeError("[enforce fail at …] DefaultCPUAllocator: can't allocate memory: you tried to allocate 99 bytes."),
        RuntimeError("[enforce fail at …] DefaultCPUAllocator: not enough memory: you tried to allocate 99 bytes."),
    ],
)
def test_too_little_memory_is_told_as_such(error: Exception, capfd: pytest.CaptureFixture[str]) -> None:
    asked = Asked(storyteller())
    breaking(asked, lambda: error, at=1)
    asked.run(Continue(id="c", text=TEXT))
    assert asked.only(Failed, "c")[0].message == "There is not enough memory."
    assert not asked.service.broken


def test_after_an_error_of_the_gpu_the_service_does_not_pretend_to_go_on(capfd: pytest.CaptureFixture[str]) -> None:
    asked = Asked(storyteller())
    breaking(asked, lambda: RuntimeError("CUDA error: an illegal memory access was encountered"), at=1)
    asked.run(Continue(id="c", text=TEXT))
    assert asked.only(Failed, "c")
    assert asked.service.broken
    assert "GPU" in capfd.readouterr().err


def test_weights_that_compute_no_numbers_are_told_as_such() -> None:
    shape = small_shape()
    tensors = random_tensors(shape)
    tensors["h.1.mlp.c_fc.bias"][0] = float("nan")
    asked = Asked(model_of(shape, tensors, language(), torch.float32))
    asked.run(Continue(id="c", text=TEXT), Next(id="n", text=TEXT))
    for id in ("c", "n"):
        assert "no number" in asked.only(Failed, id)[0].message


def test_parameters_that_leave_nothing_to_draw_fail_with_a_word() -> None:
    asked = Asked(storyteller())
    asked.run(Continue(id="c", text=TEXT, sampling=Sampling(bias={"5": float("nan")}, top_k=0)))
    assert "nothing to draw" in asked.only(Failed, "c")[0].message


def test_an_id_belongs_to_its_client() -> None:
    asked = Asked(storyteller())
    for number, client in enumerate(("one", "other")):
        asked.ask(Continue(id="1", text=TEXT, length=6, seed=number), client=client)
    asked.ask(Stop(id="", request="1"), client="third")
    asked.run()
    for client in ("one", "other"):
        assert isinstance(asked.to("1", client)[-1], Finished)


def test_an_id_that_is_under_way_is_refused_without_closing_the_first() -> None:
    asked = Asked(storyteller())
    asked.ask(Continue(id="1", text=TEXT, length=6), Score(id="1", text=TEXT))
    asked.run()
    assert [type(answer) for _, answer in asked.answers].count(Failed) == 1
    assert asked.only(Failed, "")
    assert isinstance(asked.to("1")[-1], Finished)


def test_a_client_that_leaves_takes_its_requests_with_it() -> None:
    asked = Asked(storyteller(), slots=2)
    asked.ask(Continue(id="1", text=TEXT, length=0, candidates=5), Score(id="2", text=TEXT), client="gone")
    asked.ask(Continue(id="1", text=TEXT, length=6))
    for _ in range(3):
        asked.service.step()
    asked.service.part("gone")
    told = len(asked.to("1", "gone"))
    asked.run()
    assert len(asked.to("1", "gone")) == told
    assert len(asked.tokens("1")) == 6


def test_what_is_stopped_before_it_has_an_answer_fails_as_stopped() -> None:
    asked = Asked(storyteller())
    asked.ask(Score(id="s", text=TEXT), Next(id="n", text=TEXT), Stop(id="", request="s"), Stop(id="", request="n"))
    asked.run()
    assert [type(asked.to(id)[-1]) for id in ("s", "n")] == [Failed, Failed]


def test_unloading_fails_what_is_under_way_and_what_comes_after() -> None:
    asked = Asked(storyteller())
    asked.ask(Continue(id="c", text=TEXT, length=0), Score(id="s", text=TEXT))
    asked.service.step()
    asked.run(Unload(id="u"), Continue(id="late", text=TEXT))
    assert all(isinstance(asked.to(id)[-1], Failed) for id in ("c", "late"))
    assert not asked.service.busy


@pytest.mark.parametrize("settings", [{"model": "/nowhere"}, {"device": "abacus"}, {"dtype": "float12"}])
def test_a_load_that_cannot_be_done_says_why_and_leaves_the_model_that_is_held(settings: dict[str, str]) -> None:
    asked = Asked(storyteller())
    asked.run(Load(id="l", **{"model": str(STORYTELLER), **settings}), Continue(id="c", text=TEXT, length=3))
    assert next(iter(settings.values())) in asked.only(Failed, "l")[0].message
    assert asked.only(Failed, "l")[0].hint
    assert len(asked.tokens("c")) == 3


def test_a_score_does_not_wait_for_a_long_text_nor_the_text_for_the_score() -> None:
    asked = Asked(storyteller())
    asked.ask(Continue(id="c", text=TEXT, length=0, stop_at_end=False))
    asked.ask(Score(id="s", text="The king was old. " * 600))
    while not asked.only(Scored, "s"):
        asked.service.step()
    assert asked.tokens("c")


def test_texts_that_are_scored_at_once_do_not_mix() -> None:
    texts = {"a": "The king was old. " * 300, "b": "A bird sang in the tree. " * 250, "c": TEXT}
    together = Asked(storyteller())
    together.run(*(Score(id=id, text=text) for id, text in texts.items()))
    for id, text in texts.items():
        alone = Asked(storyteller())
        alone.run(Score(id=id, text=text))
        assert together.only(Scored, id) == alone.only(Scored, id)


def test_a_score_that_is_stopped_leaves_the_next_one_unharmed() -> None:
    asked, alone = Asked(storyteller()), Asked(storyteller())
    asked.ask(Score(id="long", text="The king was old. " * 300), Score(id="s", text=TEXT))
    asked.service.step()
    asked.service.step()
    asked.run(Stop(id="", request="long"))
    alone.run(Score(id="s", text=TEXT))
    assert asked.only(Scored, "s") == alone.only(Scored, "s")


def test_the_service_can_be_asked_before_there_is_a_model() -> None:
    told: list[object] = []
    service = Service(lambda client, answers: told.extend(answers))
    service.receive("client", Continue(id="c"))
    assert isinstance(told[0], Failed)
    assert not service.busy


def test_slots_are_bounded_by_memory_and_by_a_maximum() -> None:
    from gpt2studio.engine.cache import MOST_SLOTS, slots_that_fit

    small = Shape(vocab_size=10, n_positions=8, n_embd=8, n_layer=1, n_head=1, end_token=None)
    huge = Shape(vocab_size=10, n_positions=1 << 20, n_embd=1 << 14, n_layer=96, n_head=1, end_token=None)
    assert slots_that_fit(small, torch.float32, torch.device("cpu")) == MOST_SLOTS
    assert slots_that_fit(huge, torch.float32, torch.device("cpu")) == 1


def test_scoring_in_the_background_waits_while_a_text_is_gone_on_with() -> None:
    asked = Asked(storyteller())
    asked.ask(
        Score(id="s", text=TEXT, background=True), Continue(id="c", text=TEXT, length=5), Score(id="now", text="A.")
    )
    while not asked.only(Finished, "c"):
        assert not asked.to("s")
        asked.service.step()
    assert asked.only(Scored, "now")
    asked.run()
    assert asked.only(Scored, "s")


def test_scoring_in_the_background_has_the_time_in_which_a_text_rests() -> None:
    asked = Asked(storyteller(), slots=2)
    asked.ask(Continue(id="c", text=TEXT, length=AHEAD + 9, pace=0.01, stop_at_end=False, candidates=3))
    while not asked.service.rest:  # also of a candidate that waits for a place
        asked.service.step()
    asked.ask(Score(id="s", text=TEXT, background=True))
    assert not asked.service.rest
    written = len(asked.only(Token, "c"))
    while not asked.only(Scored, "s"):
        asked.service.step()
    assert len(asked.only(Token, "c")) == written
    assert asked.service.rest


def test_a_text_that_overflows_spoils_none_that_has_its_place_after_it() -> None:
    whole = storyteller()
    bad = whole.language.tokenizer.encode(" dragon")[0]
    embedding = whole.network.wte.clone()
    embedding[bad] = torch.inf  # stands for numbers beyond what 16 bits hold
    model = replace(whole, network=replace(whole.network, wte=embedding))
    asked = Asked(model, slots=2)
    long, short = (Continue(id=text, text=text, length=9, heal=False) for text in (TEXT + " a girl" * 20, "The king"))
    asked.run(Continue(id="bad", text="He saw a dragon" + " and went home" * 20, length=1))
    assert asked.only(Failed, "bad")
    asked.run(long, short)
    for request in (long, short):
        assert asked.text(request.id) == continued(model, request).text(request.id)


def test_tokens_are_scored_as_their_text_is() -> None:
    asked = Asked(storyteller())
    tokens = tuple(storyteller().language.tokenizer.encode(TEXT))
    asked.run(Score(id="t", tokens=tokens, first=2), Score(id="s", text=TEXT), Score(id="bad", tokens=(99999,)))
    (of_tokens,), (of_text,) = asked.only(Scored, "t"), asked.only(Scored, "s")
    assert of_tokens.logprobs == pytest.approx(of_text.logprobs[2:], abs=1e-5)
    assert of_tokens.tokens == tokens[2:]
    assert asked.only(Failed, "bad")
