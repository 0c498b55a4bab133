"""The Write screen, whole: lines, continuations, undo, branches, and what is there after a restart."""

from functools import partial
from pathlib import Path

from textual import events

from gpt2studio.settings import Settings
from tests.app.studios import Bench, Setup, opened

FIRST = "Once upon a time"
SLOW = ("--pace", "40")
ENDLESS = Settings(pace=0, length=0)


async def test_a_line_and_enter_and_the_model_goes_on(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        assert bench.write.prompt_line.has_focus
        await bench.line(FIRST)
        assert bench.text.startswith(FIRST)
        assert bench.by_model == bench.text.removeprefix(FIRST)
        assert len(bench.by_model.split()) >= 4
        assert bench.write.prompt_line.value == ""


async def test_enter_on_an_empty_line_just_goes_on_and_on_an_empty_page_from_nothing(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await bench.line("")
        first = bench.text
        assert first
        assert bench.by_model == first
        await bench.line("")
        assert bench.text.startswith(first)
        assert len(bench.text) > len(first)


async def test_a_continue_asked_before_the_model_is_loaded_waits_and_says_so(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path, engine=("--load-when", str(tmp_path / "now")))) as bench:
        await bench.pilot.press(*"Hi", "enter")
        await bench.shows("waiting for the model")
        assert bench.text == "Hi"
        (tmp_path / "now").touch()
        await bench.idle()
        assert bench.text == "Hi" + bench.by_model
        assert bench.by_model


async def test_escape_stops_within_a_token_and_keeps_what_came(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path, engine=SLOW, settings=ENDLESS)) as bench:
        await bench.ready()
        await bench.pilot.press(*"Go", "enter")
        await bench.until(lambda: len(bench.text) > 20)
        await bench.pilot.press("escape")
        kept = bench.text
        assert not bench.write.writer.busy
        await bench.pilot.pause(0.1)
        assert bench.text == kept
        await bench.shows("stopped")


async def test_a_retry_keeps_the_old_one_as_a_branch(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await bench.line(FIRST)
        first = bench.text
        await bench.pilot.press("ctrl+r")
        await bench.idle()
        second = bench.text
        assert second.startswith(FIRST)
        assert bench.studio.desk.story.position() == (2, 2)
        await bench.pilot.press("alt+up")
        assert bench.text == first
        await bench.shows("branch 1 of 2")
        await bench.pilot.press("alt+down")
        assert bench.text == second


async def test_one_continuation_is_one_step_to_undo_also_after_a_restart(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await bench.line(FIRST)
        whole = bench.text
        await bench.pilot.press("ctrl+z")
        assert bench.text == FIRST
        await bench.pilot.press("ctrl+y")
        assert bench.text == whole
    async with opened(Setup(tmp_path)) as bench:
        assert bench.text == whole
        await bench.pilot.press("ctrl+z")
        assert bench.text == FIRST
        await bench.pilot.press("ctrl+z")
        assert bench.text == ""


async def test_undo_during_a_stream_stops_it_and_takes_it_back_whole(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path, engine=SLOW, settings=ENDLESS)) as bench:
        await bench.ready()
        await bench.pilot.press(*"Go", "enter")
        await bench.until(lambda: len(bench.text) > 5)
        await bench.pilot.press("ctrl+z")
        assert bench.text == "Go"
        assert not bench.write.writer.busy


async def test_the_model_goes_on_at_the_cursor_while_the_person_types_elsewhere(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path, engine=SLOW)) as bench:
        await bench.ready()
        bench.manuscript.focus()
        await bench.pilot.press(*"AZ", "left", "f5")
        await bench.until(lambda: len(bench.by_model) > 5)
        await bench.pilot.press("ctrl+end", *"end")
        await bench.pilot.press("ctrl+home", *"start")
        await bench.idle()
        assert bench.text == f"startA{bench.by_model}Zend"


async def test_what_is_written_within_a_line_does_not_run_into_the_rest(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await bench.ready()
        bench.manuscript.focus()
        await bench.pilot.pause()
        bench.manuscript.insert("The tall dark")
        bench.manuscript.cursor_offset = 9
        await bench.pilot.press("f5")
        await bench.idle()
        first = bench.text
        assert first.startswith("The tall ")
        assert first.endswith(" dark")
        assert len(bench.by_model) > 6
        place = bench.manuscript.cursor_offset
        assert first[place:] == " dark"  # before the space: the next words bring their own
        await bench.pilot.press("f8")
        await bench.idle()
        assert bench.text.endswith(" dark")
        assert not bench.text.endswith("  dark")
        assert bench.manuscript.cursor_offset > place
        await bench.pilot.press("ctrl+z", "ctrl+r")
        await bench.idle()
        assert bench.text.endswith(" dark")
        assert bench.text != first
        await bench.pilot.press("ctrl+z", "ctrl+z")
        await bench.until(lambda: bench.text == "The tall dark")


async def test_exactly_one_token_and_a_digit_takes_an_alternative(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await bench.ready()
        bench.manuscript.focus()
        await bench.pilot.press(*"Go", "f8")
        await bench.idle()
        assert len(bench.by_model.split()) == 1 or bench.by_model in ",."
        await bench.until(lambda: len(bench.write.alternatives.rows) == 9)
        before = bench.text
        await bench.pilot.press("3")
        await bench.idle()
        assert bench.text == before + " king"
        await bench.pilot.press("x")
        assert bench.text == before + " kingx"
        assert bench.manuscript.has_focus


async def test_one_token_goes_on_from_what_is_typed_in_the_prompt_line(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await bench.ready()
        await bench.pilot.press(*"Go", "f8")
        await bench.idle()
        assert bench.text == f"Go{bench.by_model}"
        assert bench.by_model
        assert bench.write.prompt_line.value == ""


async def test_keys_that_come_in_one_go_find_their_places(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await bench.ready()
        for key, character in (("a", "a"), ("tab", None), ("b", "b"), ("tab", None), ("enter", None)):
            bench.studio.post_message(events.Key(key, character))
        await bench.until(lambda: bench.by_model != "")
        await bench.idle()
        assert bench.text == f"b a{bench.by_model}"


async def test_one_token_is_as_many_as_a_character_takes(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await bench.ready()
        bench.manuscript.focus()
        await bench.pilot.pause()
        bench.manuscript.insert("é")
        await bench.pilot.press("f8")
        await bench.idle()
        assert bench.text == "é字"
        last = bench.studio.desk.story.last_generation
        assert last is not None
        assert [token.text for token in bench.studio.desk.story.tokens(last.node)] == ["", "", "字"]


async def test_a_line_of_a_script_begins_a_new_line(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        bench.manuscript.focus()
        await bench.pilot.pause()
        bench.manuscript.insert("ANNA: Who is there?")
        bench.write.prompt_line.focus()
        bench.write.prompt_line.value = "BEN: It is I."
        await bench.pilot.press("enter")
        await bench.idle()
        assert bench.text.startswith("ANNA: Who is there?\nBEN: It is I.")


async def test_the_arrow_recalls_lines_also_after_a_restart(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        for line in ("one", "two"):
            bench.write.prompt_line.value = line
            await bench.pilot.press("enter")
            await bench.idle()
        await bench.pilot.press(*"dra", "up", "up")
        assert bench.write.prompt_line.value == "one"
        await bench.pilot.press("down", "down")
        assert bench.write.prompt_line.value == "dra"
    async with opened(Setup(tmp_path)) as bench:
        await bench.pilot.press("up")
        assert bench.write.prompt_line.value == "two"


async def test_a_line_entered_while_the_model_writes_ends_that_and_goes_on_from_the_line(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path, engine=SLOW, settings=ENDLESS)) as bench:
        await bench.ready()
        await bench.pilot.press(*"Go", "enter")
        await bench.until(lambda: len(bench.by_model) > 5)
        await bench.pilot.press(*"more", "enter")
        await bench.until(lambda: bench.text.rpartition("more")[2] != "")
        first, _, second = bench.text.partition("more")
        assert first.startswith("Go")
        assert second
        await bench.pilot.press("escape")


async def test_writing_over_the_place_ends_the_continuation(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path, engine=SLOW, settings=ENDLESS)) as bench:
        await bench.ready()
        bench.manuscript.focus()
        await bench.pilot.press(*"ab", "left", "ctrl+j")
        await bench.until(lambda: len(bench.by_model) > 5)
        bench.manuscript.select_all()
        await bench.pilot.press("x")
        assert bench.text == "x"
        assert not bench.write.writer.busy


async def test_a_retry_after_an_undo_is_another_of_what_was_taken_back(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await bench.line("One")
        await bench.line("Two")
        await bench.pilot.press("ctrl+z")
        before = bench.text
        await bench.pilot.press("ctrl+r")
        await bench.pilot.pause()
        await bench.idle()
        assert bench.text.startswith(before)
        assert bench.studio.desk.story.position() == (2, 2)


async def test_the_window_bar_counts_while_the_model_writes(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path, engine=SLOW, settings=ENDLESS)) as bench:
        await bench.ready()
        await bench.pilot.press(*"Go", "enter")
        bar = bench.write.window_bar
        await bench.until(lambda: bar.fill.tokens > 3)
        assert bar.fill.n_positions == 512
        await bench.pilot.press("escape")


async def test_the_page_at_80_by_24(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await bench.ready()
        bench.manuscript.focus()
        await bench.pilot.pause()
        bench.manuscript.insert("Es war einmal ein König.")
        await bench.until(lambda: bench.write.window_bar.fill.words == 5 and "Untitled" not in bench.screen_text())
        lines = bench.screen_text().splitlines()
        assert lines[0] == "╭─ “Es war einmal ein König.” " + "─" * 49 + "╮"
        assert lines[1] == "│  Es war einmal ein König." + " " * 52 + "│"
        assert lines[19:22] == [
            "╭" + "─" * 78 + "╮",
            "│ Tab: write here. F5: the model goes on at the cursor." + " " * 24 + "│",
            "╰" + "─" * 78 + "╯",
        ]
        assert lines[22].endswith("toy · cpu · float32")
        assert lines[23] == "^j Continue ^r Retry ^l Sampling f3 Models f4 Train f1 Help"


async def test_an_engine_killed_in_mid_sentence_leaves_the_text_and_the_next_continue_works(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path, engine=(*SLOW, "--die-after", "3", str(tmp_path / "died")))) as bench:
        await bench.ready()
        await bench.line("Go")
        kept = bench.text
        assert len(bench.by_model) > 3
        assert bench.studio.desk.story.last_generation is not None
        assert bench.studio.desk.story.last_generation.finish == "interrupted"
        await bench.until(lambda: bench.told.count("Your text is safe") == 1)
        await bench.line("")
        assert bench.text.startswith(kept)
        assert len(bench.text) > len(kept)


async def test_the_cursor_is_where_it_was_left(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        bench.manuscript.focus()
        await bench.pilot.press(*"one two three", "left", "left")
    async with opened(Setup(tmp_path)) as bench:
        assert bench.text == "one two three"
        assert bench.manuscript.has_focus
        assert bench.manuscript.cursor_offset == len("one two thr")


def footer(bench: Bench) -> str:
    return bench.screen_text().splitlines()[-1]


async def test_stop_is_offered_only_while_there_is_something_to_stop(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path, engine=SLOW, settings=ENDLESS)) as bench:
        await bench.ready()
        assert "Stop" not in footer(bench)
        await bench.pilot.press("enter")
        await bench.until(lambda: "Stop" in footer(bench))
        await bench.pilot.press("f5")
        assert not bench.write.writer.busy
        await bench.until(lambda: "Stop" not in footer(bench))


async def test_a_line_that_was_begun_is_there_when_the_story_is_opened_again(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await bench.pilot.press(*"Once")
    async with opened(Setup(tmp_path)) as bench:
        assert bench.write.prompt_line.value == "Once"
        await bench.pilot.press(*"r", "enter")
        await bench.idle()
        assert bench.text.startswith("Oncer")
        story = bench.studio.desk.story.id
        await bench.pilot.press(*"Twice", "ctrl+n")
        assert bench.write.prompt_line.value == ""
        assert bench.text == ""
    async with opened(Setup(tmp_path, story=story)) as bench:
        assert bench.write.prompt_line.value == "Twice"


async def test_several_lines_pasted_into_the_prompt_line_stand_in_the_manuscript_as_they_are(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await bench.pilot.press(*"ad", "left")
        bench.write.prompt_line.post_message(events.Paste("b\r\nsecond\n\nc"))
        await bench.until(lambda: bench.text != "")
        assert bench.text == "ab\nsecond\n\ncd"
        assert bench.write.prompt_line.value == ""
        await bench.pilot.press("enter")
        await bench.idle()
        assert bench.by_model == bench.text.removeprefix("ab\nsecond\n\ncd")
        await bench.pilot.press("ctrl+z", "ctrl+z")
        assert bench.text == ""


async def test_a_page_that_changes_its_width_is_folded_and_painted_anew(tmp_path: Path) -> None:
    file = tmp_path / "tale.txt"
    file.write_text("The old king went home. " * 20)
    async with opened(Setup(tmp_path, file=file, size=(80, 24))) as bench:

        def rows() -> list[str]:
            return bench.screen_text().splitlines()[1:12]

        whole = rows()
        await bench.pilot.press("ctrl+l")
        await bench.until(lambda: bench.manuscript.size.width < 60)
        await bench.pilot.press("escape")
        await bench.until(lambda: rows() == whole)


async def test_a_way_that_leads_nowhere_says_so(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await bench.line(FIRST)
        for key, said in (("ctrl+y", "nothing to bring again"), ("alt+up", "no other branch here")):
            await bench.pilot.press(key)
            await bench.until(partial(lambda said: said in bench.screen_text(), said))
        await bench.pilot.press("ctrl+z", "ctrl+z", "ctrl+z")
        await bench.shows("nothing to take back")


async def test_the_cursor_stays_in_sight_when_the_terminal_is_resized(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path, size=(120, 40))) as bench:
        bench.manuscript.focus()
        await bench.pilot.pause()
        bench.manuscript.insert("\n".join(f"{n} " + "The fox ran home again. " * 9 for n in range(300)))
        for size in ((40, 12), (120, 40), (80, 24), (80, 12), (120, 12)):
            await bench.pilot.resize_terminal(*size)
            await bench.until(lambda: cursor_in_sight(bench))
        bench.manuscript.scroll_to(y=0, animate=False, immediate=True, force=True)
        await bench.pilot.resize_terminal(80, 24)  # who reads elsewhere reads on there
        await bench.pilot.pause()
        assert not cursor_in_sight(bench)


def cursor_in_sight(bench: Bench) -> bool:
    first, last = bench.manuscript.offsets_in_sight()
    return first <= bench.manuscript.cursor_offset <= last


async def test_the_prompt_line_says_what_to_do_where_the_keys_go(tmp_path: Path) -> None:
    file = tmp_path / "tale.txt"
    file.write_text("The old king")
    async with opened(Setup(tmp_path, file=file)) as bench:
        assert bench.manuscript.has_focus
        await bench.shows("Tab: write here.")
        await bench.pilot.press("tab")
        await bench.shows("Write a line, Enter: the model goes on.")


async def test_what_the_prompt_line_says_is_whole_or_shorter(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await bench.ready()
        await bench.pilot.press("ctrl+l")
        await bench.shows("Tab: write here. F5: go on at cursor.")
        await bench.pilot.resize_terminal(60, 24)
        await bench.shows("Tab: write here. ")
        assert "F5" not in bench.screen_text()
