"""Stories as a whole: begun, opened, named, exported, edited as files, and safe whatever happens."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.widgets import Input, OptionList

from gpt2studio.app.dialogs.ask import AskScreen
from gpt2studio.app.dialogs.confirm import ConfirmScreen
from gpt2studio.app.stories.export import ExportTextScreen
from gpt2studio.app.stories.open_story import OpenStoryScreen
from gpt2studio.errors import StudioError
from gpt2studio.paths import shipped
from gpt2studio.stories.shelf import StoryShelf
from gpt2studio.stories.story import Story
from tests.app.studios import Bench, Setup, opened


@asynccontextmanager
async def notes(folder: Path) -> AsyncIterator[tuple[Bench, Path]]:
    """A studio with a text file open."""
    file = folder / "notes.txt"
    file.write_text("One\n")
    async with opened(Setup(folder / "home", file=file)) as bench:
        yield bench, file


async def written(bench: Bench, text: str) -> None:
    bench.manuscript.focus()
    await bench.pilot.pause()
    bench.manuscript.insert(text)
    await bench.pilot.pause()


async def test_a_new_story_opens_at_once_and_the_old_one_is_in_the_list(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await written(bench, "The first story of all.")
        await bench.pilot.press("ctrl+n")
        assert bench.text == ""
        assert bench.write.prompt_line.has_focus
        await written(bench, "Another one.")
        await bench.pilot.press("ctrl+o")
        assert isinstance(bench.studio.screen, OpenStoryScreen)
        await bench.pilot.press(*"first")
        await bench.until(lambda: bench.studio.screen.query_one(OptionList).option_count == 1)
        await bench.shows("The first story of all.")
        await bench.pilot.press("enter")
        await bench.until(lambda: bench.text == "The first story of all.")


async def test_a_story_is_thrown_away_after_a_question_and_lies_in_the_trash_folder(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await written(bench, "The first story of all.")
        first = bench.studio.desk.story.id
        await bench.pilot.press("ctrl+n")
        await written(bench, "Another one.")
        await bench.pilot.press("ctrl+o")
        await bench.shows("The first story")
        await bench.shows("Ctrl+D")
        await bench.pilot.press(*"first")
        await bench.until(lambda: bench.studio.screen.query_one(OptionList).option_count == 1)
        await bench.pilot.press("ctrl+d")
        await bench.until(lambda: isinstance(bench.studio.screen, ConfirmScreen))
        await bench.pilot.press("escape")
        await bench.until(lambda: isinstance(bench.studio.screen, OpenStoryScreen))
        await bench.pilot.press("ctrl+d")
        await bench.until(lambda: isinstance(bench.studio.screen, ConfirmScreen))
        assert (tmp_path / "stories" / first).exists()
        await bench.pilot.press("y")
        await bench.shows("No story has that")
        assert (tmp_path / "stories" / "trash" / first / "journal.jsonl").exists()
        await bench.pilot.press(*["backspace"] * 5)
        await bench.shows("Another one.")
        await bench.pilot.press("ctrl+d")
        await bench.until(lambda: "open here" in bench.told)
        assert isinstance(bench.studio.screen, OpenStoryScreen)


async def test_what_was_thrown_away_is_put_back_or_deleted_for_good(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        for text in ("The first story of all.", "The second one.", "The third."):
            await bench.pilot.press("ctrl+n")
            await written(bench, text)
        await bench.pilot.press("ctrl+o")
        await bench.shows("The first story of all.")
        for word, yes in (("first", "y"), ("second", "Y")):
            await bench.pilot.press(*word)
            await bench.until(lambda: bench.studio.screen.query_one(OptionList).option_count == 1)
            await bench.pilot.press("ctrl+d")
            await bench.until(lambda: isinstance(bench.studio.screen, ConfirmScreen))
            await bench.pilot.press(yes)
            await bench.shows("No story has that")
            await bench.pilot.press(*["backspace"] * len(word))
        await bench.pilot.press("tab")
        await bench.shows("Thrown away")
        await bench.shows("The first story of all.")
        assert "The third." not in list_of(bench)
        await bench.pilot.press(*"second", "ctrl+d")
        await bench.until(lambda: isinstance(bench.studio.screen, ConfirmScreen))
        await bench.pilot.press("y")
        await bench.shows("No story has that")
        await bench.pilot.press(*["backspace"] * 6, "enter")
        await bench.until(lambda: bench.text == "The first story of all.")
        await bench.pilot.press("ctrl+o", "tab")
        await bench.shows("Nothing is in the trash.")
        await bench.pilot.press("tab")
        await bench.shows("The third.")
        assert "The first story" in list_of(bench)


async def test_what_another_window_took_out_of_the_trash_is_told_and_leaves_the_list(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await written(bench, "The first story of all.")
        first = bench.studio.desk.story.id
        await bench.pilot.press("ctrl+n")
        shelf = StoryShelf(tmp_path / "stories")
        shelf.trash(first)
        await bench.pilot.press("ctrl+o", "tab")
        await bench.shows("The first story of all.")
        shelf.put_back(first)
        await bench.pilot.press("enter")
        await bench.shows("Nothing is in the trash.")
        assert "There is no story" in bench.told


async def test_the_story_that_is_chosen_stays_chosen_in_another_width(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        for text in ("One.", "Two.", "Three."):
            await bench.pilot.press("ctrl+n")
            await written(bench, text)
        await bench.pilot.press("ctrl+o")
        await bench.shows("Two.")
        await bench.pilot.press("down")
        await bench.pilot.resize_terminal(100, 30)
        await bench.pilot.pause()
        assert bench.studio.screen.query_one(OptionList).highlighted == 1


async def test_a_text_file_that_was_edited_is_in_the_list(tmp_path: Path) -> None:
    poem = tmp_path / "poem.txt"
    poem.write_text("The fox ran home.")
    async with opened(Setup(tmp_path, file=poem)) as bench:
        await bench.until(lambda: bench.text == "The fox ran home.")
        bench.manuscript.focus()
        await bench.pilot.press("ctrl+end", "space", "H", "a", "!")
        await bench.until(lambda: bench.text.endswith("Ha!"))
    async with opened(Setup(tmp_path)) as bench:
        await written(bench, "A story.")
        await bench.pilot.press("ctrl+o", *"poem")
        await bench.shows("file · 5 words")
        await bench.pilot.press("ctrl+d")
        await bench.until(lambda: "yours to remove" in bench.told)
        await bench.pilot.press("enter")
        await bench.until(lambda: bench.studio.desk.story.path == poem)
        assert bench.text == "The fox ran home. Ha!"


def list_of(bench: Bench) -> str:
    """What is listed."""
    options = bench.studio.screen.query_one(OptionList)
    return "\n".join(str(options.get_option_at_index(at).prompt) for at in range(options.option_count))


async def test_an_empty_page_is_not_kept_as_a_story(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await bench.pilot.press("ctrl+n", "ctrl+n")
    assert list((tmp_path / "stories").glob("*/journal.jsonl")) == []


async def test_a_story_is_renamed_by_a_line(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await written(bench, "x")
        bench.write.action_rename()
        await bench.until(lambda: isinstance(bench.studio.screen, AskScreen))
        await bench.pilot.press(*"[b]King", "enter")
        await bench.shows("[b]King")
        assert bench.studio.desk.story.title == "[b]King"


async def test_an_export_replaces_a_file_when_asked_and_is_proposed_there_again(tmp_path: Path) -> None:
    target = tmp_path / "out.txt"
    async with opened(Setup(tmp_path / "home")) as bench:
        await written(bench, "Grüße\n")
        await exported(bench, target)
        await bench.until(lambda: not isinstance(bench.studio.screen, ExportTextScreen))
        assert target.read_text() == "Grüße\n"
        await written(bench, "more")
        await bench.pilot.press("ctrl+s")
        await bench.until(lambda: isinstance(bench.studio.screen, ExportTextScreen))
        assert bench.studio.screen.query_one(Input).value == str(target)
        await bench.pilot.press("enter")
        await bench.shows("is there already")
        await bench.pilot.press("escape")
        await bench.until(lambda: isinstance(bench.studio.screen, ExportTextScreen))
        assert target.read_text() == "Grüße\n"
        await bench.pilot.press("enter")
        await bench.shows("is there already")
        await bench.pilot.press("y")
        await bench.until(lambda: bench.studio.screen is bench.write)
        assert target.read_text() == "Grüße\nmore"


@pytest.mark.parametrize(("text", "name"), [("A king", "A king.txt"), ("Con", "story.txt")])
async def test_an_export_is_proposed_where_the_studio_was_started(
    text: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with opened(Setup(tmp_path / "home")) as bench:
        await written(bench, text)
        await bench.pilot.press("ctrl+s")
        await bench.until(lambda: isinstance(bench.studio.screen, ExportTextScreen))
        assert bench.studio.screen.query_one(Input).value == str(tmp_path / name)


async def test_an_export_never_replaces_the_file_that_is_edited(tmp_path: Path) -> None:
    file = tmp_path / "tale.txt"
    file.write_text("One\n")
    async with opened(Setup(tmp_path / "home", file=file)) as bench:
        await written(bench, "more ")
        await bench.studio.write.run_action("export")
        await bench.until(lambda: isinstance(bench.studio.screen, ExportTextScreen))
        field = bench.studio.screen.query_one(Input)
        field.value = str(file)
        await bench.pilot.pause()
        await bench.pilot.press("enter")
        # The sentence is folded wherever the path, whose length is not ours, has it folded.
        await bench.until(lambda: "open here" in " ".join(bench.screen_text().replace("│", " ").split()))
        assert file.read_text() == "One\n"


async def test_an_exported_page_has_what_the_model_thought_of_each_word(tmp_path: Path) -> None:
    target = tmp_path / "out.html"
    async with opened(Setup(tmp_path / "home", model=str(shipped("models") / "storyteller"))) as bench:
        await bench.ready()
        await written(bench, "The old king")
        await exported(bench, target)
        await bench.until(target.exists)
        assert "rank" in target.read_text()
        assert "The" in target.read_text()


async def exported(bench: Bench, target: Path) -> None:
    """Ask for an export to that file."""
    await bench.pilot.press("ctrl+s")
    await bench.until(lambda: isinstance(bench.studio.screen, ExportTextScreen))
    bench.studio.screen.query_one(Input).value = str(target)
    await bench.pilot.press("enter")


async def test_a_text_file_is_edited_in_place_and_saved(tmp_path: Path) -> None:
    file = tmp_path / "chapter.md"
    file.write_bytes(b"One\r\nTwo\r\n")
    async with opened(Setup(tmp_path / "home", file=file)) as bench:
        assert bench.text == "One\nTwo\n"
        bench.manuscript.focus()
        bench.manuscript.cursor_offset = 3
        await bench.pilot.press("exclamation_mark")
        await bench.shows("chapter.md*")
        await bench.pilot.press("ctrl+s")
        assert file.read_bytes() == b"One!\r\nTwo\r\n"
        assert "chapter.md*" not in bench.screen_text()
        file.write_bytes(b"Elsewhere\r\n")
        await bench.pilot.press("question_mark", "ctrl+s")
        assert file.read_bytes() == b"Elsewhere\r\n"
        await bench.pilot.press("ctrl+s")
        assert file.read_bytes() == b"One!?\r\nTwo\r\n"


async def test_a_write_protected_file_is_saved_when_that_is_said_twice(tmp_path: Path) -> None:
    file = tmp_path / "chapter.md"
    file.write_text("One\n")
    file.chmod(0o444)
    async with opened(Setup(tmp_path / "home", file=file)) as bench:
        await written(bench, "Zero ")
        await bench.pilot.press("ctrl+s")
        await bench.until(lambda: "write-protected" in bench.told)
        assert file.read_text() == "One\n"
        await bench.pilot.press("ctrl+s")
        assert file.read_text() == "One\nZero "


async def test_a_story_that_another_window_has_is_read_only_here(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as first:
        await written(first, "Mine.")
        held = first.studio.desk.story
        held.sync()
        async with opened(Setup(tmp_path, story=held.id)) as second:
            assert second.text == "Mine."
            second.manuscript.focus()
            await second.pilot.press("x", "ctrl+z")
            assert second.text == "Mine."
            assert "read-only" in second.screen_text()
            await second.ready()
            await second.pilot.press("f5")
            await second.idle()
            assert second.text == "Mine."


async def test_a_disk_that_takes_nothing_is_told_and_writing_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(story: Story) -> None:
        monkeypatch.undo()
        raise StudioError("The disk is full.", "Make room.")

    async with opened(Setup(tmp_path)) as bench:
        monkeypatch.setattr(Story, "sync", full)
        await written(bench, "On and on")
        await bench.until(lambda: "The disk is full." in bench.told)
        await bench.pilot.press("x")
        assert bench.text == "On and onx"


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from tests.app.studios import Setup, opened
from gpt2studio.settings import Settings

async def main():
    setup = Setup(Path(sys.argv[1]), engine=("--pace", "40"), settings=Settings(pace=0, length=0))
    async with opened(setup) as bench:
        await bench.ready()
        await bench.pilot.press(*"Go", "enter")
        await bench.until(lambda: len(bench.by_model) > 10)
        await asyncio.to_thread(bench.studio.desk.story.sync)
        print(bench.text, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_an_app_killed_in_mid_sentence_has_everything_when_it_opens_again(tmp_path: Path) -> None:
    child = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        cwd=Path(__file__).parents[3],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()
    kept = child.stdout.decode().rstrip("\n")
    async with opened(Setup(tmp_path)) as bench:
        assert bench.text.startswith(kept)
        assert bench.by_model
        await bench.pilot.press("ctrl+z")
        assert bench.text == "Go"


async def test_a_file_changed_elsewhere_is_taken_in_where_nothing_here_is_unsaved(tmp_path: Path) -> None:
    async with notes(tmp_path) as (bench, file):
        file.write_text("One\nTwo\n")
        await bench.until(lambda: bench.text == "One\nTwo\n")
        await written(bench, "mine ")
        file.write_text("Theirs\n")
        await bench.until(lambda: "Another program has changed the file." in bench.told)
        assert "mine " in bench.text
        bench.write.action_reload()
        assert bench.text == "Theirs\n"
        await bench.pilot.press("ctrl+z")
        assert "mine " in bench.text


async def test_a_file_changed_elsewhere_is_told_once_where_saving_it_is_refused(tmp_path: Path) -> None:
    async with notes(tmp_path) as (bench, file):
        await written(bench, "mine")
        file.write_text("Theirs\n")
        await bench.pilot.press("ctrl+s")
        await bench.until(lambda: "was changed by another program" in bench.told)
        bench.write.look_at_file()
        await bench.pilot.pause()
        assert bench.told.casefold().count("another program") == 1


async def test_leave_to_write_over_a_file_is_for_the_change_that_was_told_of(tmp_path: Path) -> None:
    async with notes(tmp_path) as (bench, file):
        await written(bench, "mine")
        file.write_text("Theirs\n")
        await bench.pilot.press("ctrl+s")
        bench.write.action_reload()
        assert bench.text == "Theirs\n"
        await written(bench, "mine again")
        file.write_text("Theirs again\n")
        await bench.pilot.press("ctrl+s")
        assert file.read_text() == "Theirs again\n"


async def test_a_file_that_goes_away_leaves_its_text_here_and_is_made_again(tmp_path: Path) -> None:
    async with notes(tmp_path) as (bench, file):
        file.unlink()
        await bench.until(lambda: "not there any more" in bench.told or not bench.text)
        assert bench.text == "One\n"
        await bench.pilot.press("ctrl+s")
        assert file.read_text() == "One\n"


async def test_a_file_that_becomes_no_text_is_told_and_not_written_over_unasked(tmp_path: Path) -> None:
    async with notes(tmp_path) as (bench, file):
        file.write_bytes(b"caf\xe9\n")
        await bench.until(lambda: "not UTF-8" in bench.told)
        await written(bench, "mine")
        await bench.pilot.press("ctrl+s")
        assert file.read_bytes() == b"caf\xe9\n"
        await bench.pilot.press("ctrl+s")
        assert file.read_text() == "One\nmine"


async def test_what_is_in_sight_when_the_story_is_left_is_in_sight_when_it_opens(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        await written(bench, "".join(f"line {number}\n" for number in range(100)))
        bench.manuscript.cursor_offset = 0
        await bench.pilot.pause()
        bench.manuscript.scroll_to(y=40, animate=False, force=True)
        await bench.pilot.pause()
    async with opened(Setup(tmp_path)) as bench:
        await bench.until(lambda: bench.manuscript.scroll_offset.y == 40)
        assert bench.manuscript.cursor_offset == 0


async def test_a_line_on_a_read_only_page_is_refused_in_words(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as first:
        await written(first, "Mine.")
        first.studio.desk.story.sync()
        async with opened(Setup(tmp_path, story=first.studio.desk.story.id)) as second:
            second.write.prompt_line.focus()
            await second.pilot.press("x", "enter")
            await second.idle()
            assert second.text == "Mine."
            assert "read-only" in second.told
