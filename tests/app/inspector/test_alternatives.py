"""The alternatives for the next token, and taking one."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual import on
from textual.app import App, ComposeResult

from gpt2studio.app.inspector.alternatives import EMPTY, Alternatives
from gpt2studio.wire.messages import Alternative, Distribution


def distribution(*chances: tuple[str, float]) -> Distribution:
    alternatives = tuple(
        Alternative(token=token, text=text, logprob=math.log(chance or 0.003), probability=chance)
        for token, (text, chance) in enumerate(chances)
    )
    return Distribution(id="1", alternatives=alternatives, entropy=2.5, kept=1234)


THREE = distribution((" castle", 0.6), ("\n", 0.3), ("[red]", 0.0))


class Host(App[None]):
    """A screen with nothing but the list, which remembers what was taken."""

    def __init__(self, width: int = 26) -> None:
        super().__init__()
        self.list = Alternatives()
        self.width = width
        self.taken: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.list

    def on_mount(self) -> None:
        self.list.styles.width = self.width
        self.list.focus()

    @on(Alternatives.Taken)
    def _taken(self, event: Alternatives.Taken) -> None:
        assert event.control is self.list
        self.taken.append(event.alternative.text)

    def lines(self) -> list[str]:
        return [self.list.render_line(y).text for y in range(self.list.size.height)]


async def test_without_alternatives_a_sentence_names_the_key() -> None:
    host = Host()
    async with host.run_test() as pilot:
        assert " ".join(" ".join(host.lines()).split()) == EMPTY
        assert "F8" in EMPTY
        await pilot.press("1", "enter", "down", "enter")
        assert host.taken == []


async def test_tokens_are_seen_with_their_chances() -> None:
    host = Host()
    async with host.run_test() as pilot:
        host.list.show(THREE)
        await pilot.pause()
        first, second, third = (line.split() for line in host.lines()[:3])
        assert first == ["1", "·castle", "━" * 10, "60%"]
        assert second == ["2", "⏎", "━" * 5, "30%"]
        assert third == ["3", "[red]", "0.3%"]
        assert host.list.border_subtitle == "1,234 kept"
        assert not "".join(host.lines()[3:]).strip()


async def test_a_digit_takes_that_one() -> None:
    host = Host()
    async with host.run_test() as pilot:
        host.list.show(THREE)
        await pilot.press("2", "3", "4", "0")
        assert host.taken == ["\n", "[red]"]


async def test_arrows_choose_and_enter_takes() -> None:
    host = Host()
    async with host.run_test() as pilot:
        host.list.show(THREE)
        await pilot.press("up", "enter", "down", "down", "down", "enter", "up", "enter")
        assert host.taken == [" castle", "[red]", "\n"]


async def test_a_click_takes_the_one_under_it() -> None:
    host = Host()
    async with host.run_test() as pilot:
        host.list.show(THREE)
        await pilot.click(host.list, offset=(8, 1))
        await pilot.click(host.list, offset=(8, 5))
        assert host.taken == ["\n"]


async def test_the_row_under_the_pointer_is_marked_until_it_leaves() -> None:
    host = Host()
    async with host.run_test() as pilot:
        host.list.show(THREE)
        await pilot.hover(host.list, offset=(3, 2))
        assert host.list.hovered == 2
        await pilot.hover(host.list, offset=(60, 20))
        assert host.list.hovered is None


async def test_new_alternatives_begin_at_the_first_and_none_clears_them() -> None:
    host = Host()
    async with host.run_test() as pilot:
        host.list.show(THREE)
        await pilot.press("down")
        host.list.show(THREE)
        assert host.list.chosen == 0
        host.list.show(None)
        assert host.list.rows == ()
        assert host.list.border_subtitle == ""


async def test_a_digit_that_takes_nothing_is_left_to_others() -> None:
    class Counting(Host):
        BINDINGS = [("1,4", "count", "Count")]
        counted = 0

        def action_count(self) -> None:
            self.counted += 1

    host = Counting()
    async with host.run_test() as pilot:
        await pilot.press("1")
        host.list.show(THREE)
        await pilot.press("1", "4")
        assert host.counted == 2
        assert host.taken == [" castle"]


def chances() -> st.SearchStrategy[Distribution]:
    row = st.tuples(st.text(max_size=12), st.floats(0, 1))
    return st.lists(row, max_size=12).map(lambda rows: distribution(*rows))


@pytest.mark.parametrize("width", [10, 24, 80])
async def test_every_line_is_as_wide_as_the_list_whatever_the_tokens(width: int) -> None:
    host = Host(width)
    async with host.run_test():

        @given(chances())
        @settings(max_examples=60, deadline=None)
        def drawn(given_chances: Distribution) -> None:
            host.list.show(given_chances)
            strips = [host.list.render_line(y) for y in range(9)]
            assert {strip.cell_length for strip in strips} == {width}

        drawn()
