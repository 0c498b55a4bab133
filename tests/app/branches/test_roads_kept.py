"""Whatever a person does to a text, the road before it stays, and can be walked again."""

from pathlib import Path

from gpt2studio.app.branches.tree import TreeScreen
from tests.app.studios import Setup, opened


async def test_an_edit_in_the_middle_of_what_the_model_wrote_leaves_the_old_text_one_road_up(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await bench.line("Go")
        old, ink = bench.text, bench.ink
        middle = 2 + len(bench.by_model) // 2
        bench.manuscript.focus()
        bench.manuscript.cursor_offset = middle
        await bench.pilot.press("backspace", *"XY")
        new = old[: middle - 1] + "XY" + old[middle:]
        assert bench.text == new
        assert bench.by_model == old[2 : middle - 1] + old[middle:]
        await bench.pilot.press("f5")
        await bench.idle()
        whole = bench.text
        await bench.pilot.press("alt+left", "alt+left", "alt+left")
        assert (bench.text, bench.ink) == (old, ink)
        await bench.pilot.press("alt+right", "alt+right", "alt+right")
        assert bench.text == whole
        await bench.pilot.press("f10")
        await bench.until(lambda: isinstance(bench.studio.screen, TreeScreen))
        await bench.pilot.pause()
        await bench.shows("you   XY")


async def test_another_way_on_from_an_earlier_text_branches_off_there(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await bench.line("Go")
        first = bench.text
        await bench.line("and")
        long = bench.text
        await bench.pilot.press("alt+left", "alt+left")
        assert bench.text == first
        await bench.line("but")
        other = bench.text
        assert other.startswith(first)
        await bench.pilot.press("alt+up", "alt+right")
        assert bench.text == long
        await bench.pilot.press("alt+down")
        assert bench.text == other


async def test_a_retry_after_an_edit_inside_keeps_the_edited_one(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await bench.line("Go")
        bench.manuscript.focus()
        bench.manuscript.cursor_offset = 6
        await bench.pilot.press("delete", *"Z")
        edited = bench.text
        await bench.pilot.press("ctrl+r")
        await bench.idle()
        assert "Z" not in bench.text
        await bench.pilot.press("ctrl+z")
        assert bench.text == edited


async def test_a_chosen_alternative_goes_on_and_undo_takes_it_back(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await bench.line("Go")
        before = bench.text
        await bench.pilot.press("f8")
        await bench.idle()
        one = bench.text
        await bench.until(lambda: len(bench.write.alternatives.rows) == 9)
        await bench.pilot.press("3")
        await bench.idle()
        assert bench.text.startswith(one)
        assert len(bench.text) > len(one)
        await bench.pilot.press("ctrl+z")
        assert bench.text == one
        await bench.pilot.press("ctrl+z")
        assert bench.text == before
