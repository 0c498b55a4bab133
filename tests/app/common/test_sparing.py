"""Painting a part: what comes of it is what a whole painting shows there."""

from random import Random
from typing import ClassVar

from hypothesis import given
from hypothesis import strategies as st
from textual._compositor import Compositor
from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widgets import Label, RichLog, Static

from gpt2studio.app.common.sparing import SparingCompositor, blocks

REGIONS = st.lists(st.builds(Region, st.integers(0, 20), st.integers(0, 20), st.integers(1, 9), st.integers(1, 9)))


class Busy(Screen[None]):
    """Panes beside, below and on top of each other, some of which scroll."""

    CSS = """
    #left { width: 20; border: round white; overflow-y: scroll; }
    #right { padding: 1 2; }
    #over { layer: above; offset: 10 4; width: 30; height: 5; border: heavy red; }
    Screen { layers: below above; }
    """
    BINDINGS: ClassVar = []

    def __init__(self) -> None:
        super().__init__()
        self._compositor = SparingCompositor()

    def compose(self) -> ComposeResult:
        with Horizontal():
            with Vertical(id="left"):
                for number in range(40):
                    yield Label(f"row {number} 你好")
            yield Static("words of the page, folded to its width. " * 12, id="right")
        yield RichLog(id="log")
        yield Static("on top of it", id="over")


def part(chops: dict[int, Strip], left: int, right: int) -> Strip:
    """What was painted of a row from *left* to before *right*."""
    painted = [(x, strip) for x, strip in chops.items() if strip is not None and x < right]
    begin = painted[0][0]
    return Strip.join([strip for _, strip in painted]).crop(left - begin, right - begin)


async def test_a_part_is_painted_as_it_is_in_the_whole() -> None:
    dice = Random(1)
    app: App[None] = App()
    async with app.run_test(size=(60, 20)) as pilot:
        await app.push_screen(Busy())
        await pilot.pause()
        compositor = app.screen._compositor
        assert isinstance(compositor, SparingCompositor)
        for _ in range(60):
            app.screen.query_one("#left").scroll_to(y=dice.randrange(20), animate=False)
            app.screen.query_one("#right", Static).update(f"{dice.random()} " * 20)
            await pilot.pause()
            changed = [
                Region(dice.randrange(55), dice.randrange(18), dice.randrange(1, 30), dice.randrange(1, 9))
                for _ in range(dice.randrange(1, 5))
            ]
            compositor._dirty_regions = set(changed)
            update = compositor.render_partial_update()
            whole = Compositor.render_strips(compositor)
            assert update is not None
            covered = {(x, y) for y, left, right in update.spans for x in range(left, right)}
            expected = {place for each in changed for place in cells(each.intersection(Region(0, 0, 60, 20)))}
            assert covered == expected
            for y, left, right in update.spans:
                assert part(dict(update.chops[y]), left, right) == whole[y].crop(left, right)  # type: ignore[arg-type]
        assert compositor.render_partial_update() is None


def cells(region: Region) -> set[tuple[int, int]]:
    return {(x, y) for y in region.line_range for x in range(region.x, region.right)}


@given(REGIONS)
def test_blocks_hold_every_change_and_no_row_twice(regions: list[Region]) -> None:
    found = list(blocks(Compositor._regions_to_spans(regions)))
    changed = set().union(*map(cells, regions)) if regions else set()
    assert changed <= set().union(*map(cells, found)) if found else not changed
    rows = [y for block in found for y in block.line_range]
    assert rows == sorted(set(rows)) == sorted({y for _, y in changed})
    for block in found:  # each row of it changes from its left end to its right one
        assert all({(block.x, y), (block.right - 1, y)} <= changed for y in block.line_range)
