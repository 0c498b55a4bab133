"""The stories on disk, listed and put away."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from gpt2studio.errors import NotFoundError, StudioError
from gpt2studio.stories import about
from gpt2studio.stories.filestory import FileStory
from gpt2studio.stories.shelf import StoryShelf, edited_files
from gpt2studio.stories.story import Story


def made(folder: Path, text: str, when: int, *, title: str = "", killed: bool = False) -> str:
    """A story that was changed last at that second."""
    story = Story.create(folder, title=title)
    story.edit(0, 0, text)
    if killed:
        story._chronicle._journal.close()
    else:
        story.close()
    os.utime(story.directory / "journal.jsonl", (when, when))
    return story.id


def test_stories_are_listed_by_title_or_first_words_the_newest_first(tmp_path: Path) -> None:
    old = made(tmp_path, "\n\n  Once upon\ta time\nthere was", 100)
    new = made(tmp_path, "One two three", 300, title="The fox")
    lost = made(tmp_path, "Killed in mid-sentence", 200, title="", killed=True)
    shelf = StoryShelf(tmp_path)
    assert [story.id for story in shelf.stories()] == [new, lost, old]
    assert [story.label for story in shelf.stories()] == ["The fox", "Killed in mid-sentence", "Once upon a time"]
    assert [story.words for story in shelf.stories()] == [3, 3, 6]
    assert [story.modified for story in shelf.stories()] == [300, 200, 100]
    last = shelf.last()
    assert last is not None
    assert last.id == new
    assert shelf.directory(old) == tmp_path / old


def test_what_was_written_about_a_story_counts_only_while_it_holds(tmp_path: Path) -> None:
    id_ = made(tmp_path, "Before", 100, title="Old")
    story = Story.open(tmp_path / id_)
    story.rename("New")
    story.edit(0, 6, "After all")
    assert [(each.title, each.excerpt, each.words) for each in StoryShelf(tmp_path).stories()] == [
        ("New", "After all", 2)
    ]
    story.close()


def test_an_empty_shelf_has_no_last_story(tmp_path: Path) -> None:
    assert StoryShelf(tmp_path / "nowhere").stories() == []
    assert StoryShelf(tmp_path / "nowhere").last() is None


def test_a_story_without_words_is_untitled_and_a_damaged_one_is_listed_too(tmp_path: Path) -> None:
    story = Story.create(tmp_path)
    story.edit(0, 0, "x")
    story.edit(0, 1, "")
    story.close()
    for name in ("broken", "unreadable", "other"):
        (tmp_path / name).mkdir()
    (tmp_path / "broken" / "journal.jsonl").write_bytes(b"\0\0\0")
    (tmp_path / "broken" / "about.json").write_bytes(b"{}")
    (tmp_path / "unreadable" / "journal.jsonl").mkdir()
    assert {each.id: each.label for each in StoryShelf(tmp_path).stories()} == {
        story.id: "Untitled",
        "broken": "Untitled",
        "unreadable": "Untitled",
    }


@pytest.mark.parametrize(
    "wrong", [{"path": 3}, {"title": None}, {"excerpt": ["x"]}, {"words": "many"}, {"words": 1.5}, {"more": 1}]
)
def test_what_was_written_about_a_story_counts_only_where_it_is_sound(tmp_path: Path, wrong: dict[str, Any]) -> None:
    id_ = made(tmp_path, "Once upon a time", 100, title="The fox")
    file = tmp_path / id_ / "about.json"
    file.write_text(json.dumps(json.loads(file.read_bytes()) | wrong))
    (listed,) = StoryShelf(tmp_path).stories()
    assert (listed.label, listed.words, listed.path) == ("The fox", 4, None)


@pytest.mark.parametrize("id_", ["nothing", "", ".", "..", "../x", "/etc"])
def test_a_story_that_is_not_there_is_told(tmp_path: Path, id_: str) -> None:
    made(tmp_path / "stories", "Once", 100)
    with pytest.raises(NotFoundError, match="no story"):
        StoryShelf(tmp_path / "stories").directory(id_)


def test_a_story_in_the_trash_is_off_the_shelf_and_whole(tmp_path: Path) -> None:
    id_ = made(tmp_path, "Once", 100)
    shelf = StoryShelf(tmp_path)
    where = shelf.trash(id_)
    assert shelf.stories() == []
    story = Story.open(where)
    assert story.text == "Once"
    story.close()
    where.joinpath("keep").touch()
    where.rename(tmp_path / id_)
    (tmp_path / "trash" / id_).mkdir()
    assert shelf.trash(id_).name == f"{id_}-2"
    with pytest.raises(NotFoundError):
        shelf.trash(id_)


def test_a_story_that_came_back_beside_another_of_its_name_goes_by_its_new_one(tmp_path: Path) -> None:
    id_ = made(tmp_path, "Once", 100)
    shelf = StoryShelf(tmp_path)
    shelf.trash(id_)
    (tmp_path / id_).mkdir()
    back = shelf.put_back(id_)
    assert back.name == f"{id_}-2"
    story = Story.open(back)
    assert shelf.directory(story.id) == back
    story.close()


def test_a_story_that_is_put_away_while_they_are_listed_is_not_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_, other = made(tmp_path, "Once", 100), made(tmp_path, "Twice", 200)
    read = about.read

    def put_away(directory: Path) -> about.About | None:
        if directory.name == other:
            StoryShelf(tmp_path).trash(other)
        return read(directory)

    monkeypatch.setattr(about, "read", put_away)
    assert [each.id for each in StoryShelf(tmp_path).stories()] == [id_]


def test_an_edited_file_that_cannot_be_looked_for_is_not_listed(tmp_path: Path) -> None:
    path = tmp_path / "poem.txt"
    path.write_text("The fox")
    journals = tmp_path / "journals"
    story = FileStory.of(journals, path)
    story.edit(0, 0, "!")
    story.close()
    (listed,) = edited_files(journals)
    assert (listed.label, listed.path) == ("poem.txt", path)
    file = listed.directory / "about.json"
    file.write_text(json.dumps(json.loads(file.read_bytes()) | {"path": "/x" * 5000}))
    assert edited_files(journals) == []


def test_a_story_that_is_open_is_not_put_into_the_trash(tmp_path: Path) -> None:
    story = Story.create(tmp_path, title="The fox")
    with pytest.raises(StudioError, match="open"):
        StoryShelf(tmp_path).trash(story.id)
    story.close()
    StoryShelf(tmp_path).trash(story.id)
