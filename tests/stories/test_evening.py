"""A long evening, undone to the empty page and redone to its end, the program started again in between."""

import os
from pathlib import Path

import pytest

from gpt2studio.stories import chronicle
from gpt2studio.stories.document import Document
from gpt2studio.stories.story import Story
from tests.stories.evening import Evening, page, shelves, token

STEPS = 500


@pytest.fixture(autouse=True)
def quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here is about power cuts."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    monkeypatch.setattr(chronicle, "SNAPSHOT_EVERY", 3000)


def restarted(story: Story, step: int) -> Story:
    """The story in a new process: closed well, or killed, or going on."""
    if step % 7 == 3:
        story.close()
    elif step % 7 == 5:
        story._chronicle._journal.close()
    else:
        return story
    again = Story.open(story.directory)
    assert again.notices == []
    assert not again.read_only
    return again


def test_an_evening_is_undone_to_the_empty_page_and_redone_to_its_end(tmp_path: Path) -> None:
    story = Story.create(tmp_path)
    evening = Evening(story, 1)
    for step in range(STEPS):
        evening.act()
        evening.story = restarted(evening.story, step)
    story, pages = evening.story, []
    while story.can_undo:
        pages.append((page(story), shelves(story)))
        story.undo()
        story = restarted(story, len(pages))
    assert len(pages) > STEPS / 2
    assert story.text == ""
    while pages:
        assert story.can_redo
        story.redo()
        assert (page(story), shelves(story)) == pages.pop()
        story = restarted(story, len(pages))
    assert not story.can_redo
    story.close()


def test_every_node_of_an_evenings_tree_is_its_parent_changed(tmp_path: Path) -> None:
    story = Story.create(tmp_path)
    evening = Evening(story, 11)
    for _ in range(200):
        evening.act()
    before = page(story)
    for node in story._state.tree.nodes[1:]:
        document = story.text_of(node.parent)
        for splice in node.splices:
            assert document.pieces(splice.at, splice.at + splice.taken) == splice.removed
            document.apply(splice)
        there = story.text_of(node.id)
        assert (there.text, there.ink(0, len(there))) == (document.text, document.ink(0, len(document)))
    assert page(story) == before
    story.close()


def test_several_streams_at_once_each_go_on_at_their_own_place(tmp_path: Path) -> None:
    story = Story.create(tmp_path)
    story.edit(0, 0, "[][][]")
    evening = Evening(story, 4)
    nodes = [story.begin(at, {}) for at in (1, 3, 5)]
    editor = Document(story._state.tree.document.pieces(0, len(story.text)))
    for step in range(120):
        node = evening.dice.choice(nodes)
        mark = "abc"[nodes.index(node)]
        splice = story.extend(node, [token(mark)])
        assert splice is not None
        editor.apply(splice)
        if step % 3 == 0:
            place = evening.dice.randint(0, len(story.text))
            editor.apply(story.edit(place, 0, "-", join=step % 2 == 0))
    assert editor.text == story.text
    inside = "".join(char for char in story.text if char != "-")
    counts = [story.text.count(mark) for mark in "abc"]
    assert inside == "".join(f"[{mark * count}]" for mark, count in zip("abc", counts, strict=True))
    again = Story.open(story.directory)
    assert page(again) == page(story)
    again.close()
    story.close()


@pytest.mark.parametrize("seed", range(4))
def test_whatever_streams_at_once_the_tree_holds_together(tmp_path: Path, seed: int) -> None:
    story = Story.create(tmp_path)
    evening = Evening(story, seed)
    dice = evening.dice
    for _ in range(250):
        if dice.random() < 0.3 and len(story.open_generations) < 4:
            story.begin(evening.place(), {})
        elif story.open_generations and dice.random() < 0.5:
            story.extend(dice.choice(story.open_generations), [token(evening.words())])
        elif story.open_generations and dice.random() < 0.1:
            story.end(dice.choice(story.open_generations), "length")
        else:
            evening.act()
        at = dice.randint(0, len(story.text))
        story.edit(at, min(dice.choice([0, 0, 1, 6]), len(story.text) - at), dice.choice(["", "y"]), join=True)
    tree = story._state.tree
    fresh = Document()
    for node in reversed(list(tree.ancestors())):
        for splice in node.splices:
            assert fresh.pieces(splice.at, splice.at + splice.taken) == splice.removed
            fresh.apply(splice)
    assert page(story) == (fresh.text, fresh.ink(0, len(fresh)))
    story.close()
    again = Story.open(story.directory)
    assert page(again) == page(story)
    again.close()
