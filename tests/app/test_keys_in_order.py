"""Keys that come in one burst act in the order in which they were typed."""

from collections.abc import Iterable
from pathlib import Path

from textual import events
from textual.keys import _character_to_key

from gpt2studio.settings import Settings
from tests.app.studios import Bench, Setup, opened

SLOW = ("--pace", "40")
ENDLESS = Settings(pace=0, length=0)


def burst(bench: Bench, keys: Iterable[str]) -> None:
    """Post the keys as a terminal sends them that was busy: all at once."""
    for key in keys:
        name = _character_to_key(key) if len(key) == 1 else key
        bench.studio.post_message(events.Key(name, key if len(key) == 1 else None))


async def test_a_line_and_enter_in_one_burst_is_a_line_and_then_enter(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        burst(bench, [*"Once upon a time", "enter", *"and then"])
        await bench.until(lambda: bench.write.prompt_line.value == "and then")
        await bench.idle()
        assert bench.text.startswith("Once upon a time")
        assert bench.by_model == bench.text.removeprefix("Once upon a time")


async def test_a_line_and_ctrl_j_in_one_burst_goes_on_from_the_line(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        burst(bench, [*"Once upon a time", "ctrl+j"])
        await bench.until(lambda: bench.text != "")
        await bench.idle()
        assert bench.text.startswith("Once upon a time")
        assert bench.write.prompt_line.value == ""


async def test_the_cursor_moves_before_the_letters_typed_after_it_in_the_prompt_line(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        burst(bench, [*"bd", "left", "c", "home", "a", "end", *"ef", "left", "backspace", "end", "g"])
        await bench.until(lambda: bench.write.prompt_line.value.endswith("g"))
        assert bench.write.prompt_line.value == "abcdfg"


async def test_the_cursor_moves_before_the_letters_typed_after_it_in_the_manuscript(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        burst(bench, ["tab", *"bd", "left", "c", "home", "a", "end", *"e", "enter", *"xy", "up", "end", "!"])
        await bench.until(lambda: "!" in bench.text)
        assert bench.text == "abcde!\nxy"


async def test_undo_in_a_burst_takes_back_what_was_typed_before_it_and_nothing_after(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        burst(bench, ["tab", *"gone", "ctrl+z", *"kept", "ctrl+z", "ctrl+y", *" too"])
        await bench.until(lambda: bench.text.endswith("too"))
        assert bench.text == "kept too"


async def test_a_burst_while_a_continuation_streams_takes_that_back_and_goes_on_from_the_line(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path, engine=SLOW, settings=ENDLESS)) as bench:
        await bench.ready()
        burst(bench, [*"One", "enter"])
        await bench.until(lambda: len(bench.by_model) > 5)
        burst(bench, ["ctrl+z", *"wo", "home", "T", "end", "enter", *"three"])
        await bench.until(lambda: bench.write.prompt_line.value == "three")
        await bench.until(lambda: len(bench.text) > len("One Two "))
        assert bench.text.startswith("One Two")
        assert bench.by_model == bench.text.removeprefix("One Two")
        burst(bench, ["escape", "tab", "ctrl+home", *"Part", "enter"])
        await bench.until(lambda: bench.text.startswith("Part\nOne Two"))
        assert not bench.write.writer.busy


async def test_keys_that_come_before_the_first_paint_are_not_lost(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path, typed_ahead=(*"Hello", "enter", *"again"))) as bench:
        await bench.until(lambda: bench.write.prompt_line.value == "again")
        await bench.idle()
        assert bench.text.startswith("Hello")
        assert bench.by_model == bench.text.removeprefix("Hello")


async def test_a_paste_in_a_burst_stands_where_it_was_pasted(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        burst(bench, [*"ad", "left"])
        bench.studio.post_message(events.Paste("bc"))
        burst(bench, ["end", "e"])
        await bench.until(lambda: bench.write.prompt_line.value.endswith("e"))
        assert bench.write.prompt_line.value == "abcde"


async def test_a_screen_opened_in_a_burst_has_the_keys_after_it(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        burst(bench, [*"ab", "f3", "f2", *"cd", "f1", "escape", *"ef"])
        await bench.until(lambda: bench.write.prompt_line.value.endswith("ef"))
        assert bench.write.prompt_line.value == "abcdef"
