"""Guests beside the person at the machine: they hold up nothing, and are not forgotten."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import SimpleNamespace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gpt2studio.engine import service
from gpt2studio.engine.batch import Batch, Row
from gpt2studio.engine.guests import SHARE, Courtesy, seats
from gpt2studio.engine.language import Language
from gpt2studio.wire.messages import Continue, Failed, Finished, Next, Started, Stop, Token
from tests.engine.asking import Asked, continued
from tests.engine.networks import random_model, storyteller

TEXT = "Once upon a time there was"
ENDLESS = Continue(id="own", text=TEXT, length=0, stop_at_end=False, seed=1)


def guest(number: int, length: int = 12) -> Continue:
    return Continue(
        id=f"guest {number}", text=TEXT + " a" * 9 * number, seed=number, length=length, stop_at_end=False, guest=True
    )


def test_guests_never_take_the_last_places() -> None:
    asked = Asked(storyteller(), slots=8)
    asked.ask(*(guest(number, length=1000) for number in range(12)))
    for _ in range(20):
        asked.service.step()
    assert sum(bool(asked.only(Started, f"guest {number}")) for number in range(12)) == seats(8) == 5
    asked.ask(replace(ENDLESS, length=8, candidates=3))
    while not asked.only(Finished, "own"):
        asked.service.step()
    assert len(asked.only(Token, "own")) == 24


def test_where_the_person_waits_too_guests_come_after() -> None:
    asked = Asked(storyteller(), slots=1)
    asked.ask(*(guest(number) for number in range(3)), ENDLESS)
    asked.service.step()
    assert asked.only(Started, "own")
    assert not any(asked.only(Started, f"guest {number}") for number in range(3))


def test_the_only_place_is_the_persons_at_once_and_the_guests_again_after_that() -> None:
    asked = Asked(storyteller(), slots=1)
    asked.ask(guest(1, length=40), guest(2))
    while len(asked.only(Token, "guest 1")) < 9:
        asked.service.step()
    asked.ask(replace(ENDLESS, length=8, candidates=2), Next(id="next", text="The"))
    asked.service.step()
    assert asked.only(Started, "own")
    while not asked.only(Finished, "own"):
        asked.service.step()
    assert len(asked.only(Token, "guest 1")) == 9
    asked.run()
    for number, length in ((1, 40), (2, 12)):
        assert asked.text(f"guest {number}") == continued(storyteller(), guest(number, length)).text(f"guest {number}")


def test_a_guest_that_was_set_aside_can_stop_and_leaves_nothing_behind() -> None:
    asked = Asked(storyteller(), slots=1)
    asked.ask(guest(1, length=1000))
    while not asked.only(Token, "guest 1"):
        asked.service.step()
    asked.ask(ENDLESS)
    asked.service.step()
    asked.ask(Stop(id="", request="guest 1"))
    assert asked.only(Finished, "guest 1")
    asked.run(Stop(id="", request="own"))
    asked.run(replace(guest(2), id="after"))
    assert asked.text("after") == continued(storyteller(), guest(2)).text("guest 2")


def test_guests_go_on_while_the_person_writes_and_each_text_is_the_one_it_is_alone() -> None:
    asked = Asked(storyteller())
    asked.ask(ENDLESS, *(guest(number) for number in range(4)))
    while not all(asked.only(Finished, f"guest {number}") for number in range(4)):
        asked.service.step()
    told = len(asked.only(Token, "own"))
    asked.run(Stop(id="", request="own"))
    assert asked.tokens("own")[:told] == continued(storyteller(), replace(ENDLESS, length=told)).tokens("own")[:told]
    for number in range(4):
        assert asked.text(f"guest {number}") == continued(storyteller(), guest(number)).text(f"guest {number}")


def test_a_prompt_of_the_persons_is_read_before_guests_go_on() -> None:
    asked = Asked(storyteller())
    asked.ask(guest(1, length=1000))
    for _ in range(6):
        asked.service.step()
    before = len(asked.only(Token, "guest 1"))
    asked.ask(replace(ENDLESS, text="word " * 700))
    while not asked.only(Token, "own"):
        asked.service.step()
    assert len(asked.only(Token, "guest 1")) == before


@given(st.lists(st.floats(0, 1), min_size=1, max_size=200))
def test_what_guests_cost_stays_within_their_share(costs: list[float]) -> None:
    courtesy, own, extra, largest = Courtesy(), 0.0, 0.0, 0.0
    for more in costs:
        if courtesy.allows:
            courtesy.took(0.01 + more, shared=True)
            extra, largest = extra + more, max(largest, more)
        else:
            courtesy.took(0.01, shared=False)
            own += 0.01
    assert extra <= SHARE * own + largest + 1e-9


def test_however_much_a_step_with_guests_costs_there_is_another() -> None:
    courtesy = Courtesy()
    shared = 0
    for _ in range(1000):
        if courtesy.allows:
            shared += 1
        courtesy.took(0.5 if courtesy.allows else 0.01, shared=courtesy.allows)
    assert shared >= 4


@dataclass
class Clock:
    """Time as the work done would have taken it."""

    now: float = 0.0


STEP, MORE, READ = 0.010, 0.006, 0.1
"""Seconds that a step takes, that each guest in it adds, and that reading a guest's request takes."""


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """What the engine takes for the time."""
    clock = Clock()
    step: Callable[[Batch], list[tuple[Row, torch.Tensor]]] = Batch.step
    read = Language.held_prompt

    def timed(batch: Batch) -> list[tuple[Row, torch.Tensor]]:
        ready = step(batch)
        clock.now += STEP + MORE * sum(row.guest for row, _ in ready)
        return ready

    def slow(*args: object, **options: object) -> object:
        clock.now += READ
        return read(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(service, "time", SimpleNamespace(perf_counter=lambda: clock.now))
    monkeypatch.setattr(Batch, "step", timed)
    monkeypatch.setattr(Language, "held_prompt", slow)
    return clock


def test_the_persons_tokens_take_a_quarter_longer_at_most_whatever_guests_write(clock: Clock) -> None:
    asked = Asked(random_model())
    asked.ask(ENDLESS)
    asked.service.step()
    asked.ask(*(guest(number, length=0) for number in range(6)))
    began = clock.now
    for _ in range(600):
        asked.service.step()
    told, took = len(asked.only(Token, "own")), clock.now - began
    largest = READ + 6 * MORE
    assert took <= told * STEP * (1 + SHARE) + largest
    # Nor are guests kept from what they may have.
    assert took >= told * STEP * (1 + 0.8 * SHARE) - largest
    assert all(asked.only(Token, f"guest {number}") for number in range(6))


def test_long_texts_of_guests_are_read_when_there_is_time_for_them(clock: Clock) -> None:
    asked = Asked(random_model())
    asked.ask(ENDLESS)
    asked.service.step()
    began = clock.now
    asked.ask(*(guest(number) for number in range(5)))
    asked.service.step()
    assert clock.now - began < 2 * READ  # one of them at most
    for _ in range(100):
        asked.service.step()
    assert clock.now - began < 101 * STEP * (1 + SHARE) + 2 * READ
    asked.ask(Stop(id="", request="own"), Stop(id="", request="guest 4"))
    assert asked.only(Finished, "guest 4")
    asked.run()
    assert all(asked.only(Finished, f"guest {number}") for number in range(4))


def test_a_guests_request_that_cannot_be_is_refused_and_the_others_go_on() -> None:
    asked = Asked(random_model())
    asked.run(replace(guest(1), candidates=0), guest(2))
    assert asked.only(Failed, "guest 1")
    assert asked.only(Finished, "guest 2")
    empty = Asked()
    empty.run(guest(1))
    assert [failed.message for failed in empty.only(Failed, "guest 1")] == ["No model is loaded."]
