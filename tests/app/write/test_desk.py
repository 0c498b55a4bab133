"""The desk: whatever is done to a story, the manuscript shows it, character by character and ink by ink."""

import random
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from textual.app import App, ComposeResult

from gpt2studio.app.themes import VARIABLES
from gpt2studio.app.write.desk import Desk, open_story
from gpt2studio.errors import StudioError
from gpt2studio.stories.records import TokenRecord
from gpt2studio.stories.splice import Author, Piece
from gpt2studio.stories.story import Story
from tests.app.studios import Setup, opened

TEXTS = st.text(alphabet="ab \n你👩\u200d\u0301\t\r", min_size=1, max_size=8)


class DeskApp(App[None]):
    """A page with a desk and nothing else."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.faults: list[StudioError] = []
        self.desk = Desk(Story.create(folder), self.faults.append)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict.fromkeys(VARIABLES, "#444444")

    def compose(self) -> ComposeResult:
        yield self.desk.manuscript

    def agrees(self) -> bool:
        story, manuscript = self.desk.story, self.desk.manuscript
        ink = story.ink(0, len(story.text))
        shown = bytes(10 if character == "\n" else code for character, code in zip(story.text, ink, strict=True))
        return manuscript.text == story.text and b"".join(row + b"\n" for row in manuscript.ink.rows)[:-1] == shown


KINDS = "type type delete line begin tokens tokens end retry undo undo redo previous next parent child again"
STEPS = st.lists(st.tuples(st.sampled_from(KINDS.split()), st.floats(0, 1), TEXTS), min_size=5, max_size=40)


def do(desk: Desk, step: str, where: float, text: str) -> None:
    """One step of a person or a model."""
    story, document = desk.story, desk.manuscript.plain_document
    at = round(where * document.length)
    match step:
        case "type":
            desk.manuscript.insert(text, document.location_of(at))
        case "delete":
            desk.manuscript.delete(document.location_of(at), document.location_of(at + len(text)))
        case "line":
            desk.add(document.length, text)
        case "begin" if story.open_generation is None:
            story.begin(at, {})
            desk.mirror(story.moved)
        case "retry" if story.last_generation is not None:
            story.begin(0, {}, retry_of=story.last_generation.node)
            desk.mirror(story.moved)
        case "tokens" if story.open_generation is not None:
            desk.mirror([story.extend(story.open_generation, [TokenRecord(1, text, -1.0, 1)])])
        case "end" if story.open_generation is not None:
            desk.mirror([story.end(story.open_generation, "stopped", text)])
        case "undo" | "redo" | "parent" | "child":
            desk.travel(getattr(story, step))
        case "previous" | "next":
            desk.travel(lambda: story.sibling(-1 if step == "previous" else 1))
        case "again":
            assert desk.close() is None
            desk.story = Story.open(story.directory) if (story.directory / "journal.jsonl").exists() else story
            if desk.story is story:
                desk.story = Story.create(story.directory.parent)
            desk.show()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
async def test_story_and_manuscript_agree_through_everything(steps: list[tuple[str, float, str]]) -> None:
    folder = Path(tempfile.mkdtemp())
    app = DeskApp(folder)
    try:
        async with app.run_test(size=(40, 12)) as pilot:
            for step, where, text in steps:
                do(app.desk, step, where, text)
                assert app.agrees(), step
                assert 0 <= app.desk.manuscript.cursor_offset <= len(app.desk.story.text)
            await pilot.pause()
        assert app.faults == []
    finally:
        assert app.desk.close() is None
        shutil.rmtree(folder)


def test_a_story_is_found_by_id_by_title_or_as_the_last_one(tmp_path: Path) -> None:
    first = Story.create(tmp_path, title="The Fox")
    first.edit(0, 0, "A fox.")
    first.close()
    second = Story.create(tmp_path)
    second.edit(0, 0, "A wolf.")
    second.close()
    for asked, last in (("the fox", ""), (first.id, ""), ("", first.id)):
        found = open_story(tmp_path, tmp_path / "files", story=asked, last=last)
        assert found.text == "A fox."
        found.close()
    gone = open_story(tmp_path, tmp_path / "files", last="gone")
    assert gone.text == "A wolf."
    gone.close()


async def test_many_changes_at_once_are_shown_as_one_that_comes_to_the_same(tmp_path: Path) -> None:
    async with opened(Setup(tmp_path)) as bench:
        story = bench.studio.desk.story
        story.edit(0, 0, [Piece(Author.MODEL, "one\ntwo\n"), Piece(Author.PERSON, "three\nfour")])
        bench.studio.desk.show()
        dice = random.Random(5)
        for _ in range(40):
            splices = []
            for _ in range(dice.randint(17, 25)):
                at = dice.randint(0, len(story.text))
                author = dice.choice([Author.MODEL, Author.PERSON])
                taken = min(dice.randint(0, 2), len(story.text) - at)
                splices.append(story.edit(at, taken, [Piece(author, dice.choice(["a", "\n", "", "狐"]))]))
            bench.studio.desk.mirror(splices)
            assert bench.text == story.text


async def test_what_cannot_be_kept_is_told_to_who_leaves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = DeskApp(tmp_path)
    async with app.run_test(size=(40, 12)):
        with monkeypatch.context() as full:
            full.setattr(app.desk.story, "close", lambda: raised(StudioError("The disk is full.", "It is in /tmp/it.")))
            trouble = app.desk.close()
            assert trouble is not None
            assert trouble.hint == "It is in /tmp/it."
            app.desk.replace(Story.create(tmp_path))  # another story in its place, and it is told all the same
            assert [fault.message for fault in app.faults] == ["The disk is full."]
        assert app.desk.close() is None


def raised(error: Exception) -> None:
    raise error
