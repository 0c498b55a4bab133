"""Scrolling for little: what is shown is what would be shown if everything were drawn anew."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Size
from textual.scrollbar import ScrollBarRender

from gpt2studio.app.manuscript.scrolled_text import looks
from tests.app.manuscript.test_manuscript import page


async def test_rows_that_move_are_those_that_would_be_drawn_anew() -> None:
    dice = Random(7)
    async with page(40, 12) as (app, pilot):
        manuscript = app.manuscript
        app.generate(0, 0, "\n".join(f"row {number} and more of it than fits" for number in range(60)))
        await pilot.pause()
        for _ in range(80):
            at = dice.randrange(len(app.text))
            match dice.randrange(4):
                case 0:
                    app.generate(at, 0, dice.choice(["word ", "\n", "a longer piece of text\nwith a second row "]))
                case 1:
                    app.generate(at, min(dice.randrange(30), len(app.text) - at), "")
                case 2:
                    manuscript.cursor_offset = at
                case 3:
                    manuscript.scroll_to(y=manuscript.scroll_offset.y + dice.randrange(-6, 7), animate=False)
            await pilot.pause()
            region = manuscript.outer_size.region
            shown = manuscript.render_lines(region)
            manuscript._styles_cache.clear()
            assert shown == manuscript.render_lines(region)
            bar = manuscript.vertical_scrollbar
            assert bar.position == pytest.approx(manuscript.scroll_y)
            assert bar.window_virtual_size == manuscript.virtual_size.height


@given(st.integers(1, 60), st.integers(1, 40), st.tuples(st.integers(1, 400), st.integers(1, 400)), st.floats(0, 1))
def test_a_scrollbar_looks_the_same_where_its_thumb_is_said_to_be_the_same(
    size: int, window: int, beyond: tuple[int, int], share: float
) -> None:
    bar = Bar(size, window)
    heights = [window + each for each in beyond]
    position = share * min(beyond)
    said = [looks(bar, height=height, position=position) for height in heights]  # type: ignore[arg-type]
    if said[0] == said[1]:
        drawn = [
            ScrollBarRender.render_bar(size, height, window, position).segments for height in heights if height != size
        ]
        assert all(each == drawn[0] for each in drawn)


class Bar:
    """What `looks` asks of a scrollbar."""

    def __init__(self, size: int, window: int) -> None:
        self.size = Size(1, size)
        self.window_size, self.window_virtual_size, self.position = window, 100, 0.0
