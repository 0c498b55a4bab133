"""The tree of branches: seen, moved about in, starred, named, searched, thrown away, brought back, compared."""

import random
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from gpt2studio.app.branches.comparing import Gap, Pair, side_by_side
from gpt2studio.app.branches.roads import Road, roads, words
from gpt2studio.app.branches.side_by_side import SideBySideScreen
from gpt2studio.app.branches.tree import TreeScreen
from gpt2studio.stories.story import Story, TokenRecord
from gpt2studio.stories.tree import Shelf
from tests.app.studios import Bench, Setup, opened


def grown(home: Path, branches: int = 0) -> Story:
    """A story with three roads on from its beginning, one of them gone on with; and more branches, if wanted."""
    story = Story.create(home / "stories")
    story.edit(0, 0, "A fox")
    for text in (" ran home", " sat down", " slept"):
        write(story, text)
    story.take(2)
    story.edit(len(story.text), 0, " and ate")
    write(story, " a hen")
    dice = random.Random(3)
    for number in range(branches):
        write(story, f" way {number}")
        if dice.random() < 0.1:
            story.take(story.nodes - 1)
    return story


def write(story: Story, text: str) -> None:
    node = story.begin(len(story.text), {"model_name": "toy", "seed": 7}, current=False)
    story.extend(node, [TokenRecord(1, text, -2.0, 1)])
    story.end(node, "length")


async def tree(bench: Bench) -> TreeScreen:
    await bench.pilot.press("f10")
    await bench.until(lambda: isinstance(bench.studio.screen, TreeScreen))
    await bench.pilot.pause()
    assert isinstance(bench.studio.screen, TreeScreen)
    return bench.studio.screen


def shown_rows(bench: Bench) -> list[str]:
    return [line for line in bench.screen_text().split("\n") if any(mark in line for mark in "○●★≠")]


async def test_the_tree_shows_who_wrote_what_and_enter_goes_there(tmp_path: Path) -> None:
    grown(tmp_path).close()
    async with opened(Setup(tmp_path)) as bench:
        assert bench.text == "A fox ran home and ate"
        screen = await tree(bench)
        rows = shown_rows(bench)
        assert "you   A fox" in rows[1]
        assert "├╴" in rows[2]
        assert "model sat down" in rows[2]
        assert "1  −2.00" in rows[2]
        assert "● you   and ate" in rows[5]
        await bench.shows("The text now")
        await bench.pilot.press("k", "k", "k")
        await bench.shows("toy · seed 7")
        await bench.pilot.press("enter")
        await bench.until(lambda: bench.studio.screen is not screen)
        await bench.until(lambda: bench.text == "A fox sat down")
        await bench.pilot.press("ctrl+z")
        assert bench.text == "A fox ran home and ate"


async def test_the_preview_is_the_text_at_the_highlighted_row(tmp_path: Path) -> None:
    grown(tmp_path).close()
    async with opened(Setup(tmp_path)) as bench:
        await tree(bench)
        await bench.pilot.press("home", "down", "down")
        await bench.shows("A fox sat down")
        assert bench.text == "A fox ran home and ate"


async def test_a_star_and_a_name_are_seen_and_kept(tmp_path: Path) -> None:
    grown(tmp_path).close()
    async with opened(Setup(tmp_path)) as bench:
        await tree(bench)
        await bench.pilot.press("home", "down", "down", "m", "r", *"lazy", "enter")
        await bench.shows("★ model lazy sat down")
        await bench.pilot.press("escape")
    async with opened(Setup(tmp_path)) as bench:
        await tree(bench)
        await bench.shows("★ model lazy sat down")


async def test_a_branch_is_thrown_away_shown_in_the_trash_and_brought_back(tmp_path: Path) -> None:
    grown(tmp_path).close()
    async with opened(Setup(tmp_path)) as bench:
        await tree(bench)
        await bench.pilot.press("home", "down", "down", "d")
        assert "sat down" not in "".join(shown_rows(bench))
        await bench.shows("1 branch in the trash")
        await bench.pilot.press("t")
        assert "sat down" in "".join(shown_rows(bench))
        await bench.pilot.press("enter")
        assert "sat down" in "".join(shown_rows(bench))
        assert bench.studio.desk.story.trashed == []
        await bench.pilot.press("d", "ctrl+z")
        assert bench.studio.desk.story.trashed == []


async def test_throwing_away_what_the_text_comes_from_goes_back_to_before_it(tmp_path: Path) -> None:
    grown(tmp_path).close()
    async with opened(Setup(tmp_path)) as bench:
        await tree(bench)
        await bench.pilot.press("up", "d")
        assert bench.text == "A fox"
        await bench.pilot.press("escape", "ctrl+z")
        assert bench.text == "A fox ran home and ate"


async def test_the_beginning_stays(tmp_path: Path) -> None:
    grown(tmp_path).close()
    async with opened(Setup(tmp_path)) as bench:
        await tree(bench)
        await bench.pilot.press("home", "d")
        assert bench.text == "A fox ran home and ate"
        await bench.shows("stays")


async def test_the_trash_is_emptied_when_asked_twice_and_undo_brings_it_back(tmp_path: Path) -> None:
    grown(tmp_path).close()
    async with opened(Setup(tmp_path)) as bench:
        await tree(bench)
        story = bench.studio.desk.story
        story.go(3)
        write(story, " on a stone")
        story.go(2)
        await bench.pilot.press("home", "down", "down", "d", "t", "E")
        await bench.shows("(1 branch, 2 steps)? The journal keeps the words")
        await bench.pilot.press("escape", "y")
        assert story.trashed == [3]
        await bench.pilot.press("E", "y")
        assert story.trashed == []
        assert story.node(3).shelf is Shelf.GONE
        await bench.pilot.press("ctrl+z")
        assert story.trashed == [3]


async def test_a_search_goes_from_branch_to_branch_and_unfolds_them(tmp_path: Path) -> None:
    story = grown(tmp_path)
    story.go(3)
    write(story, " on a STONE")
    story.go(2)
    story.close()
    async with opened(Setup(tmp_path)) as bench:
        screen = await tree(bench)
        assert "STONE" not in "".join(shown_rows(bench))
        await bench.pilot.press("slash", *"stone")
        await bench.shows("Branches · 1 found")
        await bench.shows("mean log-probability")
        assert "STONE" in "".join(shown_rows(bench))
        await bench.pilot.press("escape", "slash", *"s", "enter", "home", "n")
        first = screen._list.highlighted
        await bench.pilot.press("n")
        assert screen._list.highlighted > first
        await bench.pilot.press("N")
        assert screen._list.highlighted == first


async def test_two_branches_stand_side_by_side_and_one_is_taken(tmp_path: Path) -> None:
    grown(tmp_path).close()
    async with opened(Setup(tmp_path)) as bench:
        await tree(bench)
        await bench.pilot.press("home", "down", "down", "c")
        await bench.until(lambda: isinstance(bench.studio.screen, SideBySideScreen))
        await bench.pilot.pause()
        assert any("A fox ran home" in line and "A fox sat down" in line for line in bench.screen_text().split("\n"))
        await bench.pilot.press("escape")
        await bench.until(lambda: isinstance(bench.studio.screen, TreeScreen))
        await bench.pilot.press("v", "down", "c")
        await bench.until(lambda: isinstance(bench.studio.screen, SideBySideScreen))
        await bench.pilot.pause()
        await bench.shows("A fox slept")
        await bench.pilot.press("left", "enter")
        await bench.until(lambda: bench.studio.screen is bench.write)
        await bench.until(lambda: bench.text == "A fox sat down")


async def test_what_the_tree_says_is_said_whole_in_80_columns(tmp_path: Path) -> None:
    grown(tmp_path).close()
    async with opened(Setup(tmp_path)) as bench:
        await tree(bench)
        await bench.pilot.press("c")
        await bench.shows("or pick one by v.")
        await bench.pilot.press("/")
        await bench.shows("then n and N go through them")
        await bench.pilot.press("escape", "home", "down", "down", "d", "t", "E", "y")
        await bench.shows("and Ctrl+Z brings them back.")


async def test_rows_are_folded_and_unfolded(tmp_path: Path) -> None:
    story = grown(tmp_path, branches=60)
    story.go(1)
    story.take(4)
    story.close()
    async with opened(Setup(tmp_path)) as bench:
        await tree(bench)
        await bench.pilot.press("Z")
        many = len(roads(bench.studio.desk.story, frozenset(range(200))))
        screen = bench.studio.screen
        assert isinstance(screen, TreeScreen)
        assert len(screen._list.roads) == many
        await bench.pilot.press("Z")
        assert len(screen._list.roads) < 10
        folded = next(y for y, road in enumerate(screen._list.roads) if road.below)
        await bench.pilot.press("home", *["down"] * folded, "right")
        assert len(screen._list.roads) > 10
        await bench.pilot.press("left")
        assert len(screen._list.roads) < 10


def test_a_row_shows_what_is_left_of_what_was_typed(tmp_path: Path) -> None:
    story = grown(tmp_path)
    story.go(1)
    end = len(story.text)
    story.edit(end, 0, " X")
    story.edit(end + 1, 1, "")
    story.edit(end + 1, 0, "an egg")
    kept = Road(story.nodes - 1, story.nodes - 3, 0, False)
    assert words(story, kept) == "an egg"
    story.edit(end, len(story.text) - end, "")
    assert words(story, Road(story.nodes - 1, kept.first, 0, False)) == "‹nothing›"
    story.edit(0, 1, "")
    assert words(story, Road(story.nodes - 1, story.nodes - 1, 0, False)) == "− A"
    assert words(story, Road(story.ground, story.ground, 0, False)) == ""
    story.close()


def test_every_node_but_the_trash_is_in_a_row_when_all_is_unfolded(tmp_path: Path) -> None:
    story = grown(tmp_path, branches=50)
    story.trash(9)
    rows = roads(story, frozenset(range(story.nodes)))
    seen = set()
    for road in rows:
        node = road.node
        while node != story.parent_of(road.first):
            seen.add(node)
            node = story.parent_of(node)
    assert seen == {node for node in range(story.nodes) if not story.in_trash(node)}
    assert sum(max(road.below, 0) for road in roads(story, frozenset())) + len(roads(story, frozenset())) <= story.nodes
    story.close()


WORDS = st.lists(st.sampled_from(["fox", "hen", "狐狸", ".", "\n", "\n\n", " ", "  ", "It's"]), max_size=30).map(
    "".join
)


@given(WORDS, WORDS)
@settings(deadline=None)
def test_what_is_not_marked_is_alike_on_both_sides(left: str, right: str) -> None:
    for row in side_by_side(left, right):
        if isinstance(row, Pair):
            rests = []
            for text, (start, end), marks in ((left, row.left, row.left_marks), (right, row.right, row.right_marks)):
                gone = {place for low, high in marks for place in range(low, high)}
                rests.append("".join(text[place] for place in range(start, end) if place not in gone))
            assert rests[0] == rests[1]


@given(WORDS, WORDS)
@settings(deadline=None)
def test_all_of_both_texts_is_in_the_pairs_or_said_to_be_alike(left: str, right: str) -> None:
    rows = side_by_side(left, right)
    shown = "".join(left[slice(*row.left)] for row in rows if isinstance(row, Pair))
    hidden = sum(row.words for row in rows if isinstance(row, Gap))
    assert len(shown.replace("\n", " ").split()) <= len(left.split())
    assert hidden <= len(left.split())
    if left == right:
        assert all(isinstance(row, Gap) for row in rows)
