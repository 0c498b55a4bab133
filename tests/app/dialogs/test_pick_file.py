"""The file dialog: walking, typing, marking, and folders that cannot be read."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from gpt2studio.app.dialogs import pick_file
from gpt2studio.app.dialogs.folder_listing import Listing, completed, read_folder
from gpt2studio.app.dialogs.pick_file import Pick, PickFileScreen
from gpt2studio.app.memory import Memory, MemoryFile
from tests.app.waiting import until

ONE = Pick(title="Text", suffixes=(".txt", ".md"))
SEVERAL = Pick(title="Texts", suffixes=(".txt", ".md"), several=True, folders=True)


@dataclass
class Dialog:
    app: App[None]
    pilot: Pilot[None]
    screen: PickFileScreen
    taken: list[tuple[Path, ...] | None]

    def rows(self) -> list[str]:
        options = self.screen.query_one(OptionList)
        return [str(options.get_option_at_index(index).prompt).strip() for index in range(options.option_count)]

    async def until_rows(self, *first: str) -> None:
        await until(self.pilot, lambda: [row.split("  ")[0] for row in self.rows()][: len(first)] == list(first))

    async def type(self, text: str) -> None:
        self.screen.query_one(Input).insert_text_at_cursor(text)
        await self.pilot.pause()

    @property
    def highlighted(self) -> str:
        at = self.screen.query_one(OptionList).highlighted
        assert at is not None
        return self.rows()[at].split("  ")[0]


@asynccontextmanager
async def dialog(pick: Pick, folder: Path, home: Path) -> AsyncIterator[Dialog]:
    app: App[None] = App()
    memory = MemoryFile(home / "app.json")
    memory.change(Memory(folder=str(folder)))
    taken: list[tuple[Path, ...] | None] = []
    async with app.run_test(size=(80, 24)) as pilot:
        screen = PickFileScreen(pick, memory)
        await app.push_screen(screen, taken.append)
        yield Dialog(app, pilot, screen, taken)


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    folder = tmp_path / "shelf"
    (folder / "plays").mkdir(parents=True)
    (folder / ".secret").mkdir()
    for name in ("Beta.txt", "alpha.txt", "alpine.md", "photo.jpg", "my play.txt"):
        (folder / name).write_text("x" * 1500)
    (folder / "plays" / "one.txt").write_text("one")
    (folder / "plays" / "two.txt").write_text("two")
    return folder


async def test_folders_come_first_then_files_of_the_kind_with_sizes(shelf: Path, tmp_path: Path) -> None:
    async with dialog(ONE, shelf, tmp_path) as it:
        await it.until_rows(
            "plays/", "alpha.txt", "alpine.md", "Beta.txt", "my play.txt", "1 other file: type a part of the name"
        )
        assert it.rows()[1].endswith("1.5 kB")


async def test_enter_takes_the_file_and_the_folder_is_remembered(shelf: Path, tmp_path: Path) -> None:
    async with dialog(ONE, shelf, tmp_path) as it:
        await it.until_rows("plays/")
        await it.pilot.press("enter")
        await it.until_rows("one.txt", "two.txt")
        await it.pilot.press("down", "enter")
        assert it.taken == [(shelf / "plays" / "two.txt",)]
        assert MemoryFile(tmp_path / "app.json").memory.folder == str(shelf / "plays")


@pytest.mark.parametrize("key", ["backspace", "left"])
async def test_the_folder_above_opens_at_the_folder_that_was_left(shelf: Path, tmp_path: Path, key: str) -> None:
    async with dialog(SEVERAL, shelf / "plays", tmp_path) as it:
        await it.until_rows("this folder, with all that is in it", "one.txt")
        await it.pilot.press(key)
        await it.until_rows("this folder, with all that is in it", "plays/", "alpha.txt")
        assert it.highlighted == "plays/"


async def test_a_typed_part_narrows_and_a_typed_folder_is_read(shelf: Path, tmp_path: Path) -> None:
    async with dialog(ONE, tmp_path, tmp_path) as it:
        await it.until_rows("shelf/")
        await it.type("shelf/al")
        await it.until_rows("alpha.txt", "alpine.md")
        await it.pilot.press("tab")
        assert it.screen.query_one(Input).value == "shelf/alp"
        await it.type("i")
        await it.pilot.press("tab", "enter")
        await until(it.pilot, lambda: bool(it.taken))
        assert it.taken == [(shelf / "alpine.md",)]


async def test_enter_right_after_a_pasted_path_takes_what_was_pasted(shelf: Path, tmp_path: Path) -> None:
    async with dialog(ONE, tmp_path, tmp_path) as it:
        it.screen.query_one(Input).insert_text_at_cursor(f"'{shelf / 'photo.jpg'}' ")
        await it.pilot.press("enter")
        await until(it.pilot, lambda: bool(it.taken))
        assert it.taken == [(shelf / "photo.jpg",)]


async def test_hidden_names_are_there_when_a_dot_is_typed(shelf: Path, tmp_path: Path) -> None:
    async with dialog(ONE, shelf, tmp_path) as it:
        await it.until_rows("plays/")
        await it.pilot.press("full_stop")
        await it.until_rows(".secret/")


async def test_space_marks_several_and_enter_takes_them(shelf: Path, tmp_path: Path) -> None:
    async with dialog(SEVERAL, shelf, tmp_path) as it:
        await it.until_rows("this folder, with all that is in it")
        await it.pilot.press("down", "space", "space", "enter")
        assert it.taken == [(shelf / "alpha.txt", shelf / "alpine.md")]


async def test_space_is_typed_where_a_name_goes_on_with_one(shelf: Path, tmp_path: Path) -> None:
    async with dialog(SEVERAL, shelf, tmp_path) as it:
        await it.until_rows("this folder, with all that is in it")
        await it.pilot.press("m", "y", "space", "p", "enter")
        assert it.taken == [(shelf / "my play.txt",)]


async def test_a_folder_is_taken_by_its_own_row(shelf: Path, tmp_path: Path) -> None:
    async with dialog(SEVERAL, shelf, tmp_path) as it:
        await it.until_rows("this folder, with all that is in it")
        await it.pilot.press("up", "enter")
        assert it.taken == [(shelf,)]


async def test_a_pattern_takes_all_files_that_match(shelf: Path, tmp_path: Path) -> None:
    async with dialog(SEVERAL, shelf, tmp_path) as it:
        await it.until_rows("this folder, with all that is in it")
        await it.pilot.press("a", "asterisk", "enter")
        assert it.taken == [(shelf / "alpha.txt", shelf / "alpine.md")]


async def test_what_cannot_be_read_says_so_and_escape_leaves(shelf: Path, tmp_path: Path) -> None:
    async with dialog(ONE, shelf, tmp_path) as it:
        await it.until_rows("plays/")
        await it.type("nowhere/")
        await it.until_rows("There is no such folder.")
        await it.pilot.press("enter")
        assert not it.taken
        await it.pilot.press("escape")
        assert it.taken == [None]


async def test_a_remembered_folder_that_is_gone_gives_way_to_the_working_one(
    shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shelf)
    async with dialog(ONE, tmp_path / "gone", tmp_path) as it:
        await it.until_rows("plays/", "alpha.txt")


async def test_a_disk_that_does_not_answer_stops_nobody_from_leaving(
    shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never = threading.Event()

    def stuck(folder: Path, suffixes: tuple[str, ...], *, files: bool) -> Listing:
        never.wait()
        return read_folder(folder, suffixes, files=files)

    monkeypatch.setattr(pick_file, "read_folder", stuck)
    async with dialog(ONE, shelf, tmp_path) as it:
        await it.until_rows("Reading the folder …")
        await it.pilot.press("enter", "escape")
        assert it.taken == [None]
    never.set()


async def test_names_with_markup_and_terminal_codes_are_shown_as_they_are(tmp_path: Path) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / "[red]\x1b[2J.txt").write_text("x")
    async with dialog(ONE, folder, tmp_path) as it:
        await it.until_rows("[red]␛[2J.txt")


def test_what_is_no_file_is_left_out(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    assert read_folder(tmp_path).entries == ()


def test_completion_goes_as_far_as_all_names_agree() -> None:
    assert completed("Al", ["alpha.txt", "alpine.md", "beta"]) == "alp"
    assert completed("x", ["alpha"]) == "x"
    assert completed("", []) == ""
