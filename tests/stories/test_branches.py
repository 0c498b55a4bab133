"""Branches taken, starred, named, thrown away and brought back, and none of it lost."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gpt2studio.errors import StudioError
from gpt2studio.stories import chronicle
from gpt2studio.stories.story import Story
from gpt2studio.stories.tree import Shelf
from tests.stories.evening import page, token


def candidates(story: Story, *texts: str) -> list[int]:
    """Continuations at the text's end that stand beside it."""
    nodes = [story.begin(len(story.text), {"first_candidate": n}, current=False) for n, _ in enumerate(texts)]
    for node, text in zip(nodes, texts, strict=True):
        for word in text.split(" "):
            story.extend(node, [token(word + " ")])
    for node in nodes:
        story.end(node, "length")
    return nodes


def reopened(story: Story) -> Story:
    story.close()
    return Story.open(story.directory)


def by_fold(story: Story) -> Story:
    """Opened again without any snapshot."""
    story.close()
    for snapshot in story.directory.glob("snapshot-*"):
        snapshot.unlink()
    return Story.open(story.directory)


AGAIN = pytest.mark.parametrize("again", [reopened, by_fold])


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chronicle, "SNAPSHOT_EVERY", 100)


def test_a_candidate_is_taken_whole_and_the_choice_taken_back(tmp_path: Path) -> None:
    story = Story.create(tmp_path)
    story.edit(0, 0, "A fox ")
    first, second = candidates(story, "ran home", "sat down")
    assert story.text == "A fox "
    story.take(second)
    assert story.text == "A fox sat down "
    assert story.last_generation is not None
    assert story.last_generation.node == second
    assert story.position() == (2, 2)
    story.sibling(-1)
    assert story.text == "A fox ran home "
    story.undo()
    story.undo()
    assert story.text == "A fox "
    assert story.node(first).finish == "length"
    story.close()


def test_a_part_of_a_candidate_is_taken_and_knows_where_it_comes_from(tmp_path: Path) -> None:
    story = Story.create(tmp_path)
    story.edit(0, 0, "A fox ")
    _, second = candidates(story, "ran home", "sat down there")
    story.take(second, len("sat do"))
    assert page(story) == ("A fox sat do", b"\0" * 6 + b"\1" * 6)
    made = story.last_generation
    assert made is not None
    assert (made.at, made.end, made.finish) == (6, 12, "taken")
    assert story.node(made.node).source == second
    assert made.request == {"first_candidate": 1}
    assert [each.text for each in story.tokens(made.node)] == ["sat ", "down "]
    again = story.begin(0, {}, retry_of=made.node)
    story.extend(again, [token("flew")])
    assert story.text == "A fox flew"
    story.close()


def test_what_was_typed_since_stays_when_a_candidate_is_taken(tmp_path: Path) -> None:
    story = Story.create(tmp_path)
    story.edit(0, 0, "A fox .")
    node = story.begin(6, {}, current=False)
    story.extend(node, [token("ran")])
    story.edit(0, 1, "The")
    story.edit(len(story.text), 0, " End.")
    story.take(node)
    assert story.text == "The fox ran. End."
    story.undo()
    assert story.text == "The fox . End."
    story.close()


def test_a_candidate_of_a_text_that_was_left_is_taken_there(tmp_path: Path) -> None:
    story = Story.create(tmp_path)
    story.edit(0, 0, "A fox ")
    (node,) = candidates(story, "ran")
    story.undo()
    story.edit(0, 0, "Nothing")
    story.take(node, 2)
    assert story.text == "A fox ra"
    story.close()


@AGAIN
def test_a_branch_in_the_trash_is_no_road_and_comes_back(tmp_path: Path, again: Callable[[Story], Story]) -> None:
    story = Story.create(tmp_path)
    story.edit(0, 0, "A fox ")
    first, second, third = candidates(story, "ran home", "sat down", "slept")
    story.take(first)
    story.trash(second)
    story = again(story)
    assert story.trashed == [second]
    assert story.text == "A fox ran home "
    assert story.position() == (1, 2)
    story.sibling(1)
    assert story.text == "A fox slept "
    with pytest.raises(ValueError, match="no node"):
        story.go(second)
    story.restore(second)
    story = again(story)
    assert story.trashed == []
    assert story.position() == (3, 3)
    assert story.node(third).current
    story.close()


@AGAIN
def test_what_the_text_comes_from_goes_to_the_trash_and_undo_brings_it_back(
    tmp_path: Path, again: Callable[[Story], Story]
) -> None:
    story = Story.create(tmp_path)
    story.edit(0, 0, "A fox ")
    (first,) = candidates(story, "ran home")
    story.take(first)
    story.edit(len(story.text), 0, "and slept")
    whole = page(story)
    story.trash(first)
    assert story.text == "A fox "
    story = again(story)
    story.undo()
    assert page(story) == whole
    assert story.trashed == []
    story = again(story)
    story.redo()
    assert story.text == "A fox "
    assert story.trashed == [first]
    assert story.child() == []
    story.close()


@AGAIN
def test_an_emptied_trash_shows_nothing_and_the_journal_keeps_it(
    tmp_path: Path, again: Callable[[Story], Story]
) -> None:
    story = Story.create(tmp_path)
    story.edit(0, 0, "A fox ")
    first, second = candidates(story, "ran home", "sat down")
    story.trash(first)
    story.empty_trash()
    story = again(story)
    assert story.trashed == []
    assert story.node(first).shelf is Shelf.GONE
    assert story.node(story.node(first).parent or 0).children == (second,)
    assert b"home" in (story.directory / "journal.jsonl").read_bytes()
    story.undo()
    story = again(story)
    assert story.trashed == [first]
    story.undo()
    assert story.node(first).shelf is Shelf.TREE
    story.redo()
    story.redo()
    assert story.node(first).shelf is Shelf.GONE
    story.close()


def test_a_stream_that_goes_to_the_trash_ends(tmp_path: Path) -> None:
    story = Story.create(tmp_path)
    story.edit(0, 0, "A fox ")
    node = story.begin(6, {})
    story.extend(node, [token("ran")])
    below = story.begin(8, {}, current=False)
    story.trash(node)
    assert story.open_generations == ()
    assert story.text == "A fox "
    story.undo()
    assert story.text == "A fox ran"
    assert story.node(below).finish == "stopped"
    story.close()


def test_the_text_never_comes_from_what_is_in_the_trash(tmp_path: Path) -> None:
    story = Story.create(tmp_path)
    story.edit(0, 0, "A fox ")
    (first,) = candidates(story, "ran home")
    story.take(first)
    (below,) = candidates(story, "and slept")
    story.trash(first)
    for way in (lambda: story.take(below, 3), lambda: story.take(first), lambda: story.begin(0, {}, retry_of=below)):
        with pytest.raises(StudioError, match="in the trash"):
            way()
    assert story.text == "A fox "
    assert not story.in_trash(story.road()[-1].id)
    story.close()


def test_the_start_of_a_story_cannot_go(tmp_path: Path) -> None:
    story = Story.create(tmp_path)
    story.edit(0, 0, "A file", cause="import")
    with pytest.raises(ValueError, match="cannot go"):
        story.trash(1)
    story.close()


@AGAIN
def test_stars_and_names_stay_and_are_no_steps_to_undo(tmp_path: Path, again: Callable[[Story], Story]) -> None:
    story = Story.create(tmp_path)
    story.edit(0, 0, "A fox ")
    (first,) = candidates(story, "ran")
    story.star(first, True)
    story.name(first, "the sad end")
    story = again(story)
    view = story.node(first)
    assert (view.starred, view.name, view.tokens, view.logprob) == (True, "the sad end", 1, -0.25)
    story.undo()
    assert story.text == ""
    story.star(first, False)
    story.name(first, "")
    story = again(story)
    assert (story.node(first).starred, story.node(first).name) == (False, "")
    story.close()


def test_another_roads_text_is_seen_without_going_there(tmp_path: Path) -> None:
    story = Story.create(tmp_path)
    story.edit(0, 0, "A fox ")
    first, second = candidates(story, "ran", "sat")
    story.take(first)
    here = page(story)
    assert story.text_of(second).text == "A fox sat "
    assert story.text_of(second).ink(0, 10) == b"\0" * 6 + b"\1" * 4
    assert page(story) == here
    story.close()
