"""The manuscript: exact ink, the cursor kept, rows as they are drawn."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from textual import events
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from gpt2studio.app.manuscript.manuscript import Manuscript
from gpt2studio.app.surprise.shading import Shading
from gpt2studio.stories.splice import Author, Piece, Splice

TEXTS = st.text(alphabet="ab \n\t你👩\u200d\u0301é\x1b\u2028", max_size=12)
SHADES = {f"surprise-{band}": "#555555" for band in range(1, 5)}


class Page(App[None]):
    """A page with nothing but a manuscript, which keeps its own account of every edit."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.ink = b""

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return {
            "ink-person": "#111111",
            "ink-model": "#222222",
            "mark-model": "#333333",
            "outside-window": "#444444",
            **SHADES,
        }

    def compose(self) -> ComposeResult:
        yield Manuscript(self.record, placeholder="Write a line.")

    def record(self, at: int, removed: str, inserted: str) -> None:
        assert self.text[at : at + len(removed)] == removed
        self.change(at, len(removed), inserted, 0)

    def change(self, at: int, taken: int, inserted: str, author: int) -> None:
        self.text = self.text[:at] + inserted + self.text[at + taken :]
        self.ink = self.ink[:at] + bytes([author]) * len(inserted) + self.ink[at + taken :]

    @property
    def manuscript(self) -> Manuscript:
        return self.query_one(Manuscript)

    def generate(self, at: int, taken: int, text: str, author: Author = Author.MODEL) -> None:
        gone = self.text[at : at + taken]
        removed = (Piece(Author.PERSON, gone),) if gone else ()
        self.manuscript.mirror(Splice(at, removed, (Piece(author, text),) if text else ()))
        self.change(at, taken, text, author.ink)

    def agrees(self) -> bool:
        ink = b"".join(row + b"\n" for row in self.manuscript.ink.rows)[:-1]
        expected = bytes(10 if character == "\n" else self.ink[place] for place, character in enumerate(self.text))
        return self.manuscript.text == self.text and ink == expected

    def shown(self) -> list[str]:
        height = self.manuscript.size.height
        return ["".join(segment.text for segment in self.manuscript.render_line(y)).rstrip() for y in range(height)]


@asynccontextmanager
async def page(width: int = 30, height: int = 8) -> AsyncIterator[tuple[Page, Pilot[None]]]:
    app = Page()
    async with app.run_test(size=(width, height)) as pilot:
        app.manuscript.focus()
        await pilot.pause()
        yield app, pilot


KEYS = [*"aé你", "space", "enter", "backspace", "delete", "left", "right", "home", "end", "up", "down", "shift+left"]
KEYS += ["shift+up", "ctrl+w", "ctrl+k", "ctrl+u", "ctrl+x", "ctrl+shift+k", "ctrl+home", "ctrl+end"]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
async def test_ink_and_offsets_stay_exact_whatever_is_done(data: st.DataObject) -> None:
    async with page() as (app, pilot):
        for _ in range(data.draw(st.integers(1, 25))):
            step = data.draw(st.sampled_from(["key", "key", "model", "person", "paste", "take"]))
            if step == "key":
                await pilot.press(data.draw(st.sampled_from(KEYS)))
            elif step == "paste":
                app.manuscript.post_message(events.Paste(data.draw(TEXTS)))
                await pilot.pause()
            else:
                at = data.draw(st.integers(0, len(app.text)))
                taken = data.draw(st.integers(0, len(app.text) - at)) if step == "take" else 0
                app.generate(at, taken, data.draw(TEXTS), Author.PERSON if step == "person" else Author.MODEL)
            assert app.agrees()
            assert 0 <= app.manuscript.cursor_offset <= len(app.text)
        app.shown()


async def test_the_models_words_have_their_own_ink_and_a_mark() -> None:
    async with page() as (app, pilot):
        await pilot.press(*"Once")
        app.generate(4, 0, " upon\na time")
        assert app.shown()[:2] == ["▎ Once upon", "▎ a time"]
        await pilot.press("enter", *"mine")
        assert app.shown()[2] == "  mine"
        model = app.manuscript.get_component_rich_style("painted-text--model", partial=True).color
        inked = {segment.text: segment.style.color for segment in app.manuscript.render_line(0) if segment.style}
        assert inked[" upon"] == model
        assert inked["Once"] != model
        assert model is not None


async def test_the_cursor_rides_along_where_text_comes_and_stays_elsewhere() -> None:
    async with page() as (app, pilot):
        await pilot.press(*"one two")
        app.generate(7, 0, " three")
        assert app.manuscript.cursor_offset == len("one two three")
        app.manuscript.cursor_offset = 3
        app.generate(len(app.text), 0, " four\nfive")
        assert app.manuscript.cursor_offset == 3
        app.generate(0, 2, "")
        assert app.manuscript.cursor_offset == 1


async def test_what_a_person_reads_stands_still_while_the_text_grows_below() -> None:
    async with page(height=6) as (app, pilot):
        app.generate(0, 0, "line\n" * 40)
        app.manuscript.cursor_offset = len(app.text)
        await pilot.pause()
        app.manuscript.scroll_to(y=3, animate=False)
        await pilot.pause()
        app.generate(len(app.text), 0, "more\n" * 10)
        await pilot.pause()
        assert app.manuscript.scroll_offset.y == 3
        app.manuscript.cursor_offset = len(app.text)
        await pilot.pause()
        app.generate(len(app.text), 0, "more\n" * 10)
        await pilot.pause()
        assert app.manuscript.scroll_offset.y > 40


async def test_who_types_behind_the_models_words_stays_in_sight_however_they_push_on() -> None:
    async with page(height=6) as (app, pilot):
        app.generate(0, 0, "The old king went down to the sea. " * 20)
        app.manuscript.cursor_offset = at = len(app.text)
        for word in [" king", "\n", " went", ".\n\n", " down"] * 12:
            await pilot.press("x")  # painted before the model goes on, or not: both happen
            for part in (word, " to"):
                app.generate(at, 0, part)
                at += len(part)
                _, y = app.manuscript.wrapped_document.location_to_offset(app.manuscript.cursor_location)
                assert 0 <= y - app.manuscript.scroll_offset.y < app.manuscript.size.height


async def test_terminal_codes_and_markup_are_shown_and_never_obeyed() -> None:
    async with page() as (app, _):
        app.generate(0, 0, "[red]\x1b[31m [/]\x07")
        assert app.shown()[0] == "▎ [red]␛[31m [/]␇"


async def test_wide_and_joined_characters_are_one_step_of_the_cursor() -> None:
    async with page() as (app, pilot):
        app.generate(0, 0, "e\u0301你👩\u200d👧")
        app.manuscript.cursor_offset = len(app.text)
        steps = []
        for _ in range(3):
            await pilot.press("left")
            steps.append(app.manuscript.cursor_offset)
        assert steps == [3, 2, 0]
        assert app.shown()[0] == "▎ e\u0301你👩\u200d👧"


async def test_the_placeholder_is_drawn_but_is_no_text() -> None:
    async with page() as (app, pilot):
        assert app.shown()[0] == "  Write a line."
        assert app.manuscript.text == ""
        await pilot.press("x")
        assert app.shown()[0] == "  x"


async def test_text_outside_the_window_is_dim() -> None:
    async with page() as (app, _):
        app.generate(0, 0, "gone seen")
        app.manuscript.outside = 5
        first, second = [
            segment for segment in app.manuscript.render_line(0) if segment.text.strip() in ("gone", "seen")
        ]
        assert first.style
        assert second.style
        assert first.style.color != second.style.color
        app.generate(0, 4, "")
        assert app.manuscript.outside == 1


@given(st.data())
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
def test_painting_only_what_changed_gives_the_page_that_painting_all_of_it_gives(data: st.DataObject) -> None:
    async def play() -> None:
        async with page() as (app, pilot):
            manuscript = app.manuscript
            app.generate(0, 0, "once there was\na king and\t his daughter at the very end of the sea\n" * 4)
            for _ in range(8):
                length = len(app.text)
                place = data.draw(st.integers(0, length))
                match data.draw(st.integers(0, 4)):
                    case 0:
                        taken = data.draw(st.integers(0, min(3, length - place)))
                        app.generate(place, taken, data.draw(TEXTS))
                    case 1:
                        manuscript.insert(data.draw(TEXTS))
                    case 2:
                        manuscript.action_delete_left()
                    case 3:
                        manuscript.cursor_offset = place
                    case 4:
                        ends = np.arange(3, length + 3, 3)
                        manuscript.shading = Shading(ends - 3, ends, (ends % 5).astype(np.uint8))
                        manuscript.outside = place
                await pilot.pause()
                part = manuscript.outer_size.region
                painted = manuscript.render_lines(part)
                manuscript.refresh()
                assert painted == manuscript.render_lines(part)

    asyncio.run(play())
