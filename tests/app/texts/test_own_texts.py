"""A person's own texts in the app: indexed, written with, looked into."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input, OptionList

from gpt2studio.app.engine.link import EngineLink
from gpt2studio.app.engine.model_choice import ModelChoice
from gpt2studio.app.memory import MemoryFile
from gpt2studio.app.models.index_texts import IndexScreen, KeptScreen
from gpt2studio.app.models.jobs import Job, State, Task
from gpt2studio.app.studio import Opening, Studio
from gpt2studio.app.texts.own_texts import OwnTexts, Passage, words_in
from gpt2studio.app.texts.passage import PassageScreen
from gpt2studio.app.write.desk import open_story
from gpt2studio.library.progress import Progress
from gpt2studio.settings import Settings
from gpt2studio.wire.messages import Source
from gpt2studio.wire.process import EngineProcess
from tests.app.studios import Bench, Setup, opened, places

TALE = (
    "There was once a miller who had a grey cat. The grey cat sang at the mill, and the miller danced.\n\n"
    "One day the king rode by. “What a cat!” said the king, and he gave the miller a golden hat.\n"
) * 3


@pytest.fixture
def texts(home: Path) -> OwnTexts:
    folder = home / "books"
    folder.mkdir(parents=True)
    (folder / "miller.txt").write_text(TALE, encoding="utf-8")
    (folder / "sea.md").write_text("The sea was silent, and the ship went down to the sea.\n", encoding="utf-8")
    own = OwnTexts(places(home))
    own.build("tales", [folder], lambda what, done, total: None)
    return own


@asynccontextmanager
async def stitching(home: Path, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Bench]:
    """A studio in which the stitcher itself writes."""
    here = places(home)
    choice = ModelChoice.stitched("stitch:tales", here)
    link = EngineLink(lambda command: EngineProcess.start((), command), choice)
    keeping = asyncio.create_task(link.run())
    story = open_story(here.stories, here.data / "files")
    studio = Studio(Opening(here, Settings(pace=0, length=12), MemoryFile(here.state / "app.json"), link, story, ()))
    try:
        async with studio.run_test(size=size, notifications=True) as pilot:
            await pilot.pause()
            yield Bench(studio, pilot)
    finally:
        studio.put_away()
        keeping.cancel()
        await link.close()


async def test_a_model_of_texts_writes_and_says_where_each_word_comes_from(home: Path, texts: OwnTexts) -> None:
    async with stitching(home) as bench:
        await bench.ready()
        await bench.shows("stitch:tales · search and stitch")
        await bench.line("The grey cat")
        assert bench.by_model
        story = bench.studio.desk.story
        for offset in range(len("The grey cat"), len(story.text)):
            found = story.token_at(offset)
            assert found is not None
            source = found[1].source
            assert source is not None
            passage = texts.passage("stitch:tales", source, story.text)
            assert passage.found == found[1].text
        await bench.shows("miller.txt, line")


async def test_the_source_of_a_word_opens_in_its_text(home: Path, texts: OwnTexts) -> None:
    async with stitching(home) as bench:
        await bench.ready()
        await bench.line("The grey cat")
        await bench.pilot.press("alt+s")
        await bench.until(lambda: isinstance(bench.studio.screen, PassageScreen))
        await bench.shows("(tales)")
        await bench.pilot.press("escape")
        await bench.until(lambda: bench.studio.screen is bench.write)


async def test_a_passage_is_in_sight_however_late_its_lines_are_laid_out(home: Path) -> None:
    text = "\n".join(f"the line of number {number}" for number in range(1, 1001))
    passage = Passage("long.txt", "tales", text, text.index("number 766"), len("number 766"))
    async with opened(Setup(home)) as bench:
        screen = PassageScreen("Where this word comes from", f"Line {passage.line}", passage)
        await bench.studio.push_screen(screen)
        lines = screen.query_one("#text")
        lines.display = False
        await bench.until(lambda: "number" not in bench.screen_text())
        await bench.pilot.pause()
        lines.display = True
        await bench.shows("the line of number 766 ")


async def test_stages_that_mean_nothing_to_the_stitcher_cannot_be_turned(home: Path, texts: OwnTexts) -> None:
    async with stitching(home) as bench:
        await bench.ready()
        panel = bench.write.sampling_panel
        fields = [dial.field for dial in panel.dials]
        assert fields[0] == "wildness"
        before = panel.settings
        panel.focus()
        panel.chosen = fields.index("top_k") + 1
        await bench.pilot.press("right", "5", "enter")
        assert panel.settings == before
        panel.chosen = 1
        await bench.pilot.press("right")
        assert panel.settings.sampling.wildness == 0.35


async def test_the_style_dial_is_off_until_it_is_turned_and_names_the_indexes(home: Path, texts: OwnTexts) -> None:
    async with opened(Setup(home, size=(120, 40))) as bench:
        await bench.ready()
        panel = bench.write.sampling_panel
        await bench.until(lambda: [dial.field for dial in panel.dials][-1] == "style_texts")
        assert panel.settings.style.weight == 0
        await bench.until(lambda: len(panel.dials[-1].stops) == 2)
        panel.focus()
        panel.chosen = len(panel.dials) - 1
        await bench.pilot.press("right", "down", "right")
        assert (panel.settings.style.index, panel.settings.style.weight) == ("tales", 0.05)
        await bench.shows("tales")
        await bench.line("The cat")
        last = bench.studio.desk.story.last_generation
        assert last is not None
        assert last.request["style"] == {"index": "tales", "weight": 0.05}


async def test_words_of_ones_own_are_found_in_ones_texts(home: Path, texts: OwnTexts) -> None:
    async with opened(Setup(home, size=(120, 40))) as bench:
        await bench.ready()
        bench.studio.desk.add(0, "I said: the miller had a grey cat, and the king rode by. ‘What a cat!’ said nobody.")
        bench.write.set_focus(bench.manuscript)
        bench.manuscript.select_all()
        await bench.pilot.press("alt+m")
        await bench.until(lambda: isinstance(bench.studio.screen, PassageScreen))
        await bench.shows("of 18 words")
        await bench.shows("(tales)")


async def test_nothing_selected_is_said_so(home: Path) -> None:
    async with opened(Setup(home)) as bench:
        await bench.pilot.press("alt+m")
        await bench.until(lambda: "Select some words" in bench.told)


async def test_texts_are_indexed_from_the_app_and_listed_at_once(home: Path) -> None:
    book = home / "mine.txt"
    book.parent.mkdir(parents=True, exist_ok=True)
    book.write_text(TALE, encoding="utf-8")
    async with opened(Setup(home, size=(120, 40))) as bench:
        await bench.ready()
        await bench.pilot.press("f3", "a")
        await bench.until(lambda: bool(bench.studio.screen.query(Input)))
        bench.studio.screen.query_one(Input).value = str(book)
        await bench.pilot.pause()
        await bench.pilot.press("enter")
        await bench.until(lambda: isinstance(bench.studio.screen, IndexScreen))
        await bench.shows("1 text")
        assert bench.studio.screen.query_one(Input).value == "mine"
        await bench.pilot.press("enter")
        await bench.until(lambda: "stitch:mine" in [each.name for each in bench.studio.stock.models])
        await bench.until(lambda: len(bench.write.sampling_panel.dials[-1].stops) == 2)


async def test_a_text_is_taken_out_of_an_index(home: Path, texts: OwnTexts) -> None:
    async with opened(Setup(home, size=(120, 40))) as bench:
        await bench.ready()
        await bench.until(lambda: "stitch:tales" in [each.name for each in bench.studio.stock.models])
        await bench.pilot.press("f3")
        bench.studio.models.pane.look_at("stitch:tales")
        await bench.pilot.pause()
        await bench.pilot.press("o")
        await bench.until(lambda: isinstance(bench.studio.screen, KeptScreen))
        await bench.until(lambda: bench.studio.screen.query_one(OptionList).option_count == 2)
        await bench.pilot.press("delete", "y")
        await bench.until(lambda: [text.name for text in texts.kept("tales")] == ["sea.md"])


def test_the_longest_stretch_is_found_with_its_place(texts: OwnTexts) -> None:
    mine = texts.mine("Now the king rode by. What a day!", lambda what, done, total: None)
    assert mine.passage is not None
    assert mine.passage.found.strip() == "the king rode by."
    assert (mine.passage.file, mine.passage.index, mine.passage.line) == ("miller.txt", "tales", 3)
    assert mine.searched == 3


def test_a_place_that_is_no_more_is_said_so(texts: OwnTexts) -> None:
    with pytest.raises(Exception, match="any more"):
        texts.passage("stitch:tales", Source(file="gone.txt", offset=0, length=3), "")
    with pytest.raises(Exception, match="any more"):
        texts.passage("stitch:tales", replace(Source(file="sea.md", offset=0, length=3), offset=9999), "")


def test_words_are_counted_without_marks() -> None:
    assert words_in(", and said, \"If you don't") == 5
    assert words_in("正传 — 1921") == 3
    assert words_in(" … ") == 0


def test_work_of_which_nobody_knows_how_much_it_is_says_what_it_does() -> None:
    job = Job(Task("Index", "tales", lambda handle: ""))
    job.state = State.RUNNING
    for what, done, total, words in (
        ("", 0, 0, ""),
        ("Reading", 0, 0, "Reading"),
        ("Reading", 2, 3, "Reading 2 bytes of 3 bytes"),
    ):
        job._handle.progress = Progress(what, done, total)
        assert job.words == words
