"""The queue before the engine, without a server."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpt2studio.web.admission import Admission
from gpt2studio.web.limits import Limits
from gpt2studio.web.refusals import Refused


class Guests:
    """Visitors who hold their places until they are told to go."""

    def __init__(self, **limits: int) -> None:
        self.admission = Admission(Limits(**limits))
        self.inside: list[str] = []
        self.leave: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    def send(self, name: str, visitor: str, rows: int = 1, user: str = "") -> None:
        self.leave[name] = asyncio.Event()
        self.tasks[name] = asyncio.create_task(self._stay(name, visitor, rows, user))

    async def come(self, name: str, visitor: str, rows: int = 1, user: str = "") -> None:
        self.send(name, visitor, rows, user)
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def go(self, name: str) -> None:
        self.leave[name].set()
        await self.tasks[name]
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def _stay(self, name: str, visitor: str, rows: int, user: str) -> None:
        async with self.admission.place(visitor, rows, user):
            self.inside.append(name)
            await self.leave[name].wait()


async def test_places_go_to_visitors_in_turn_not_to_who_asks_most() -> None:
    guests = Guests(running=1)
    for name in ("a1", "a2", "a3", "a4"):
        await guests.come(name, "a")
    await guests.come("b1", "b")
    await guests.come("c1", "c")
    for name in ("a1", "a2", "b1", "c1", "a3", "a4"):
        await guests.go(name)
    assert guests.inside.index("b1") < guests.inside.index("a3")
    assert guests.inside.index("c1") < guests.inside.index("a3")
    assert len(guests.inside) == 6


async def test_who_needs_many_places_is_not_passed_by_for_ever() -> None:
    guests = Guests(running=2)
    await guests.come("small1", "a")
    await guests.come("big", "b", 2)
    await guests.come("small2", "c")
    assert guests.inside == ["small1"]
    await guests.go("small1")
    assert guests.inside == ["small1", "big"]
    await guests.go("big")
    assert guests.inside[-1] == "small2"
    await guests.go("small2")
    assert guests.admission.running == 0


async def test_a_visitors_users_have_their_turns_among_themselves_and_no_more_than_that_visitor() -> None:
    guests = Guests(running=1)
    for name, user in (("a1", "u"), ("a2", "u"), ("a3", "u"), ("a4", "v"), ("a5", "w")):
        await guests.come(name, "a", user=user)
    await guests.come("b1", "b", user="u")
    await guests.come("b2", "b", user="u")
    for name in ("a1", "a2", "b1", "a4", "b2", "a5", "a3"):
        assert guests.inside[-1] == name
        await guests.go(name)


async def test_whoever_makes_up_users_takes_the_queue_from_nobody() -> None:
    guests = Guests(running=2, waiting=8, waiting_each=4)
    for number in range(6):
        await guests.come(f"a{number}", "a", user=f"u{number}")
    with pytest.raises(Refused):
        async with guests.admission.place("a", 1, "another"):
            pass
    await guests.come("b", "b")
    await guests.go("a0")
    assert guests.inside[-1] == "b"
    for leave in guests.leave.values():
        leave.set()
    await asyncio.gather(*guests.tasks.values())


async def test_past_the_limits_it_is_refused() -> None:
    guests = Guests(running=1, waiting=3, waiting_each=2)
    await guests.come("a1", "a")
    await guests.come("a2", "a")
    await guests.come("a3", "a")
    with pytest.raises(Refused) as mine:
        async with guests.admission.place("a", 1):
            pass
    assert mine.value.status == 429
    assert mine.value.retry_after is not None
    await guests.come("b1", "b")
    with pytest.raises(Refused):
        async with guests.admission.place("c", 1):
            pass
    for name in ("a1", "a2", "b1", "a3"):
        guests.leave[name].set()
    await asyncio.gather(*guests.tasks.values())
    assert guests.admission.running == guests.admission.waiting == 0


async def test_a_place_that_comes_free_as_the_next_visitor_leaves_is_not_lost() -> None:
    guests = Guests(running=1)
    await guests.come("a", "a")
    await guests.come("b", "b")
    guests.tasks["a"].cancel()
    guests.tasks["b"].cancel()
    await asyncio.wait(guests.tasks.values())
    assert guests.admission.running == guests.admission.waiting == 0


async def test_a_place_that_comes_free_as_the_next_visitors_time_is_up_is_not_lost() -> None:
    guests = Guests(running=1, seconds=0)  # the time is up in the turn of the loop after the one in which they came
    await guests.come("a", "a")
    guests.send("b", "b")
    await asyncio.sleep(0)
    guests.leave["a"].set()
    with pytest.raises(Refused):
        await guests.tasks["b"]
    assert guests.admission.running == guests.admission.waiting == 0


visits = st.tuples(st.just("come"), st.sampled_from("abc"), st.integers(1, 5))
moves = st.tuples(st.sampled_from(("go", "give up")), st.integers(0, 20), st.none())
turns = st.tuples(st.just("turn"), st.none(), st.none())


@settings(max_examples=300, deadline=None)
@given(st.sampled_from((0, 300)), st.lists(st.one_of(visits, moves, turns), min_size=1, max_size=40))
def test_whatever_happens_every_place_comes_back(seconds: int, deeds: list[tuple[str, Any, Any]]) -> None:
    async def live() -> None:
        guests = Guests(running=3, waiting=8, waiting_each=4, seconds=seconds)
        for deed, who, rows in deeds:
            names = list(guests.tasks)
            if deed == "come":
                guests.send(f"{len(names)}", who, rows)
            elif deed == "turn":
                await asyncio.sleep(0)
            elif who < len(names) and deed == "go":
                guests.leave[names[who]].set()
            elif who < len(names):
                guests.tasks[names[who]].cancel()
            assert 0 <= guests.admission.running <= 3
        for leave in guests.leave.values():
            leave.set()
        for end in await asyncio.gather(*guests.tasks.values(), return_exceptions=True):
            assert end is None or isinstance(end, Refused | asyncio.CancelledError)
        assert guests.admission.running == guests.admission.waiting == 0
        async with guests.admission.place("somebody else", 3):
            assert guests.admission.running == 3

    asyncio.run(live())
