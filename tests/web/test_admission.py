"""The queue before the engine, without a server."""

import asyncio
import contextlib

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

    async def come(self, name: str, visitor: str, rows: int = 1) -> None:
        self.leave[name] = asyncio.Event()
        self.tasks[name] = asyncio.create_task(self._stay(name, visitor, rows))
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def go(self, name: str) -> None:
        self.leave[name].set()
        await self.tasks[name]
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def _stay(self, name: str, visitor: str, rows: int) -> None:
        async with self.admission.place(visitor, rows):
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


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 5), st.booleans()), min_size=1, max_size=20))
def test_whatever_happens_every_place_comes_back(visits: list[tuple[str, int, bool]]) -> None:
    async def live() -> None:
        guests = Guests(running=3, waiting=8, waiting_each=4)
        for number, (visitor, rows, gives_up) in enumerate(visits):
            await guests.come(f"{number}", visitor, rows)
            assert 0 <= guests.admission.running <= 3
            if gives_up:
                guests.tasks[f"{number}"].cancel()
                await asyncio.sleep(0)
        for leave in guests.leave.values():
            leave.set()
        with contextlib.suppress(Refused):
            await asyncio.gather(*guests.tasks.values(), return_exceptions=True)
        assert guests.admission.running == guests.admission.waiting == 0

    asyncio.run(live())
