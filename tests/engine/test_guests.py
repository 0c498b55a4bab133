"""Guests beside the person at the machine: they hold up nothing, and are not forgotten."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from gpt2studio.engine.guests import SHARE, Courtesy, seats
from gpt2studio.wire.messages import Continue, Finished, Started, Stop, Token
from tests.engine.asking import Asked, continued
from tests.engine.networks import storyteller

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
