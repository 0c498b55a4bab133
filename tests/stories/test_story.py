"""What a person does with a story, and what they find."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gpt2studio.errors import NotFoundError, StudioError
from gpt2studio.stories.story import Author, Piece, Splice, Story, TokenRecord


def token(text: str, id_: int = 1) -> TokenRecord:
    return TokenRecord(id_, text, -1.5, 2)


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    story = Story.create(tmp_path)
    yield story
    story.close()


def continued(story: Story, text: str, at: int | None = None) -> int:
    """A continuation that has ended."""
    node = story.begin(len(story.text) if at is None else at, {"seed": 1})
    story.extend(node, [token(text)])
    story.end(node, "length")
    return node


def test_a_story_that_was_never_touched_leaves_nothing_behind(tmp_path: Path) -> None:
    story = Story.create(tmp_path / "stories")
    story.note("writing", {"length": 64})
    node = story.begin(0, {})
    story.end(node, "failed")
    assert story.undo() == []
    story.save_text()
    story.sync()
    story.close()
    assert list(tmp_path.iterdir()) == []


def test_a_title_is_worth_keeping(tmp_path: Path) -> None:
    story = Story.create(tmp_path, title="The fox")
    story.note("writing", {"length": 3})
    story.note("writing", {"length": 7})
    story.close()
    again = Story.open(story.directory)
    assert (again.title, again.text, again.notes) == ("The fox", "", {"writing": {"length": 7}})
    assert again.id == story.id == story.directory.name
    again.close()


def test_a_closed_story_comes_back_as_it_was_and_its_text_lies_beside_the_journal(story: Story) -> None:
    story.edit(0, 0, "Once upon a time")
    continued(story, " there was")
    story.edit(0, 4, "Then")
    story.close()
    story.close()
    assert (story.directory / "story.txt").read_text() == "Then upon a time there was"
    again = Story.open(story.directory)
    assert again.text == "Then upon a time there was"
    assert again.ink(0, 99) == bytes(16) + b"\1" * 10
    assert again.notices == []
    again.close()


def test_typing_goes_into_one_step_until_it_may_not(story: Story) -> None:
    for place, letter in enumerate("fox"):
        story.edit(place, 0, letter, join=True)
    story.note("place", 3)
    story.edit(3, 0, "es", join=True)
    story.edit(0, 0, "The ")
    assert story.undo() == [Splice(0, (Piece(Author.PERSON, "The "),), ())]
    assert story.text == "foxes"
    story.edit(5, 0, "!", join=True)  # not with what was typed before the undo
    story.undo()
    assert story.text == "foxes"
    story.undo()
    assert (story.text, story.can_undo, story.can_redo) == ("", False, True)


def test_edits_of_another_cause_are_another_step(story: Story) -> None:
    story.edit(0, 0, "a", join=True)
    story.edit(1, 0, "b", join=True, cause="replace")
    story.edit(2, 0, "c", join=True, cause="replace")
    story.undo()
    assert story.text == "a"


def test_typing_beside_a_branch_that_grows_is_a_step_of_its_own(story: Story) -> None:
    story.edit(0, 0, "Once", join=True)
    node = story.begin(4, {}, current=False)
    story.edit(4, 0, " more", join=True)
    story.extend(node, [token(" a fox")])
    assert story.text == "Once more"
    story.go(node)
    assert story.text == "Once a fox"


def test_one_step_of_typing_on_both_sides_of_a_stream_stays_on_both_sides(story: Story) -> None:
    story.edit(0, 0, "<x>")
    node = story.begin(1, {})
    story.extend(node, [token("ab")])
    story.edit(3, 0, "1")  # where the words go: after them
    story.edit(2, 1, "", join=True)  # up to there: before them
    story.extend(node, [token("c")])
    assert story.text == "<ac1x>"
    story.edit(2, 1, "y", join=True)
    story.edit(3, 0, "2", join=True)
    story.extend(node, [token("d")])
    story.end(node, "length")
    assert story.text == "<ayd21x>"
    for text in ("<abcdx>", "<x>"):
        story.undo()
        assert story.text == text


def test_what_one_stream_leaves_behind_when_it_is_undone_stays_on_its_side_of_another(story: Story) -> None:
    story.edit(0, 0, "<x>")
    first = story.begin(1, {})
    story.extend(first, [token("ab")])
    second = story.begin(5, {})
    story.extend(second, [token(" more")])
    story.edit(3, 0, "1")
    story.edit(2, 1, "")
    story.undo()
    assert (story.text, story.open_generation) == ("<a1x>", first)
    story.extend(first, [token("c")])
    assert story.text == "<ac1x>"


def test_undo_of_a_stream_with_another_continuation_since_goes_back_before_both(story: Story) -> None:
    story.edit(0, 0, "One. Three. ")
    first = story.begin(5, {})
    story.extend(first, [token("Two. ")])
    second = story.begin(17, {})
    story.extend(second, [token("Four.")])
    story.end(second, "length")
    assert story.open_generation == first
    story.undo()
    assert story.text == "One. Three. "
    story.redo()
    story.redo()
    assert story.text == "One. Two. Three. Four."


def test_a_continuation_is_one_step_and_grows_where_it_began(story: Story) -> None:
    story.edit(0, 0, "One. Three.")
    node = story.begin(5, {"seed": 7})
    assert story.open_generation == node
    assert story.extend(node, [token("Tw"), token("")]) == Splice(5, (), (Piece(Author.MODEL, "Tw"),))
    assert story.extend(node, [token("")]) is None
    story.edit(0, 0, ">> ")
    assert story.extend(node, [token("o")]) == Splice(10, (), (Piece(Author.MODEL, "o"),))
    assert story.end(node, "length", ". ") == Splice(11, (), (Piece(Author.MODEL, ". "),))
    assert story.text == ">> One. Two. Three."
    assert story.open_generation is None
    assert story.extend(node, [token("late")]) is None
    assert story.end(node, "late") is None
    story.undo()
    assert story.text == "One. Two. Three."
    story.undo()
    assert story.text == "One. Three."


def test_undo_during_a_stream_takes_the_continuation_and_leaves_what_was_typed(story: Story) -> None:
    story.edit(0, 0, "One. Three.")
    node = story.begin(5, {})
    story.extend(node, [token("Two. ")])
    story.edit(16, 0, " Four.")
    story.edit(6, 1, "W")  # inside the model's words: goes with them
    assert story.undo() == [
        Splice(5, (Piece(Author.MODEL, "T"), Piece(Author.PERSON, "W"), Piece(Author.MODEL, "o. ")), ())
    ]
    assert story.text == "One. Three. Four."
    assert story.open_generations == ()
    assert story.extend(node, [token("late")]) is None
    story.redo()
    assert story.text == "One. TWo. Three. Four."
    story.undo()
    story.undo()
    assert story.text == "One. Three."
    story.undo()
    assert story.text == ""


def test_undo_before_the_first_token_just_stops(story: Story) -> None:
    story.edit(0, 0, "One.")
    story.begin(4, {})
    assert story.undo() == []
    assert (story.open_generation, story.text) == (None, "One.")
    story.undo()
    assert story.text == ""


def test_a_continuation_that_came_to_nothing_is_no_step_and_no_road(story: Story) -> None:
    story.edit(0, 0, "One.")
    story.end(story.begin(4, {}), "failed")
    continued(story, " Two.")
    assert story.position() == (1, 1)
    story.undo()
    assert story.text == "One."
    assert story.child() != []
    assert story.text == "One. Two."


def test_an_edit_across_the_mark_ends_the_continuation(story: Story) -> None:
    story.edit(0, 0, "One. Three.")
    node = story.begin(5, {})
    story.extend(node, [token("Two. ")])
    story.edit(8, 4, "-")
    assert story.open_generation is None
    assert story.text == "One. Two-ree."
    story.undo()
    assert story.text == "One. Two. Three."


def test_deleting_all_that_came_ends_the_continuation(story: Story) -> None:
    node = story.begin(0, {})
    story.extend(node, [token("Once")])
    story.edit(3, 1, "")
    assert story.open_generation == node
    story.edit(0, 3, "")
    assert story.open_generation is None
    assert story.text == ""


def test_retry_takes_the_old_one_out_and_keeps_it_as_a_branch(story: Story) -> None:
    story.edit(0, 0, "Once ")
    first = continued(story, "a fox")
    last = story.last_generation
    assert last is not None
    assert (last.node, last.at, last.end, last.request, last.finish) == (first, 5, 10, {"seed": 1}, "length")
    second = story.begin(last.at, {"seed": 2}, retry_of=last.node)
    assert story.moved == [Splice(5, (Piece(Author.MODEL, "a fox"),), ())]
    story.extend(second, [token("a hen")])
    story.end(second, "length")
    assert story.text == "Once a hen"
    assert story.position() == (2, 2)
    story.sibling(1)
    assert (story.text, story.position()) == ("Once a fox", (1, 2))
    story.undo()
    assert story.text == "Once a hen"
    story.undo()
    assert story.text == "Once a fox"
    story.undo()
    assert story.text == "Once "


def test_retry_keeps_what_was_typed_elsewhere_since(story: Story) -> None:
    story.edit(0, 0, "Onec ")
    first = continued(story, "a fox")
    story.edit(2, 2, "ce")
    last = story.last_generation
    assert last is not None
    second = story.begin(last.at, {}, retry_of=first)
    story.extend(second, [token("a hen")])
    assert story.text == "Once a hen"
    story.undo()  # of the stream
    assert story.text == "Once a fox"
    third = story.begin(5, {}, retry_of=first)
    story.extend(third, [token("a cow")])
    story.end(third, "length")
    assert story.text == "Once a cow"
    assert story.position() == (2, 2)
    story.undo()
    assert story.text == "Once a fox"


def test_retry_of_one_before_the_last_goes_back_to_where_it_began(story: Story) -> None:
    first = continued(story, "One. ")
    continued(story, "Two. ")
    node = story.begin(0, {}, retry_of=first)
    story.extend(node, [token("Uno. ")])
    assert story.text == "Uno. "
    story.end(node, "length")
    story.undo()
    assert story.text == "One. Two. "


def test_candidates_grow_as_branches_beside_the_text(story: Story) -> None:
    story.edit(0, 0, "Once ")
    first = story.begin(5, {"candidate": 0})
    second = story.begin(5, {"candidate": 1}, retry_of=first, current=False)
    assert story.extend(second, [token("a hen")]) is None
    assert story.extend(first, [token("a fox")]) is not None
    story.edit(0, 0, "> ")
    story.extend(second, [token("s")])
    assert story.open_generations == (first, second)
    for node in (first, second):
        story.end(node, "length")
    assert story.text == "> Once a fox"
    assert story.position() == (1, 2)
    story.sibling(1)
    assert story.text == "Once a hens"
    story.undo()
    assert story.text == "> Once a fox"


def test_a_stream_goes_on_where_it_is_while_the_person_is_elsewhere_in_the_tree(story: Story) -> None:
    story.edit(0, 0, "Once ")
    node = story.begin(5, {})
    story.extend(node, [token("a f")])
    story.parent()
    assert story.open_generation is None
    assert story.extend(node, [token("ox")]) is None
    assert story.text == "Once "
    story.child()
    assert story.text == "Once a fox"
    assert story.open_generation == node


def test_the_road_comes_back_where_the_person_left_it(story: Story) -> None:
    story.edit(0, 0, "A")
    story.edit(1, 0, "1")
    story.edit(2, 0, "2")
    story.undo()
    story.undo()
    story.undo()
    story.edit(0, 0, "B")
    story.sibling(-1)
    assert story.text == "A"  # undone to there, and not further down
    story.child()
    story.child()
    story.sibling(1)
    story.sibling(1)
    assert story.text == "A12"
    assert [node.excerpt for node in story.road()] == ["", "A", "1", "2"]
    assert [node.current for node in story.road()] == [False, False, False, True]


def test_parent_and_child_go_to_the_ends_and_no_further(story: Story) -> None:
    story.edit(0, 0, "A")
    story.edit(1, 0, "B")
    assert story.child() == []
    story.parent()
    story.parent()
    assert story.text == ""
    assert story.parent() == []
    assert story.sibling(1) == []
    assert story.position() == (1, 1)
    story.child()
    story.child()
    assert story.text == "AB"
    story.go(0)
    assert story.text == ""
    assert story.go(0) == []


def test_undo_goes_no_further_than_the_text_that_was_brought_in(story: Story) -> None:
    story.edit(0, 0, "An old text.", cause="import")
    assert not story.can_undo
    story.edit(0, 0, "> ")
    story.undo()
    story.undo()
    assert story.text == "An old text."
    assert story.parent() == []
    assert [node.parent for node in story.road()] == [None]


def test_every_token_is_kept_with_its_place(story: Story) -> None:
    node = story.begin(0, {"seed": 5, "sampling": {"temperature": 0.9}, "model": "m"})
    story.extend(node, [token("One", 11), token("", 12)])
    story.edit(0, 0, "> ")
    other = story.begin(0, {"seed": 6})
    story.extend(other, [token("x", 14)])
    story.extend(node, [token("é狐", 13)])
    story.end(node, "stop")
    assert story.tokens(node) == [
        TokenRecord(11, "One", -1.5, 2, 0, 3),
        TokenRecord(12, "", -1.5, 2, 3, 3),
        TokenRecord(13, "é狐", -1.5, 2, 3, 5),
    ]
    assert story.request(node) == {"seed": 5, "sampling": {"temperature": 0.9}, "model": "m"}
    assert story.request(other) == {"seed": 6}
    assert story.generations == 2
    story.close()
    again = Story.open(story.directory)
    assert [each.id for each in again.tokens(node)] == [11, 12, 13]
    assert again.node(other).finish == "interrupted"
    assert again.node(node).finish == "stop"
    again.close()


def test_a_continuation_that_was_open_when_the_program_died_is_ended(tmp_path: Path) -> None:
    story = Story.create(tmp_path)
    node = story.begin(0, {})
    story.extend(node, [token("Once")])
    story._chronicle._journal.close()  # as a kill does
    again = Story.open(story.directory)
    assert again.text == "Once"
    assert again.node(node).finish == "interrupted"
    assert again.open_generation is None
    again.undo()
    assert again.text == ""
    again.close()


@pytest.mark.parametrize(("at", "removed"), [(-1, 0), (4, 0), (2, 2), (0, -1)])
def test_an_edit_beyond_the_text_is_refused_and_leaves_no_trace(story: Story, at: int, removed: int) -> None:
    story.edit(0, 0, "abc")
    size = (story.directory / "journal.jsonl").stat().st_size
    with pytest.raises(ValueError, match="beyond"):
        story.edit(at, removed, "x")
    with pytest.raises(ValueError, match="beyond"):
        story.begin(9, {})
    with pytest.raises(ValueError, match="no node"):
        story.go(9)
    with pytest.raises(ValueError, match="no continuation"):
        story.request(1)
    assert (story.directory / "journal.jsonl").stat().st_size == size
    assert story.text == "abc"


def test_an_edit_of_nothing_is_no_step(story: Story) -> None:
    assert story.edit(0, 0, "").nothing
    assert not story.can_undo


def test_a_pasted_text_may_have_both_inks(story: Story) -> None:
    pieces = [Piece(Author.MODEL, "a"), Piece(Author.MODEL, "b"), Piece(Author.PERSON, ""), Piece(Author.PERSON, "c")]
    assert story.edit(0, 0, pieces).inserted == (Piece(Author.MODEL, "ab"), Piece(Author.PERSON, "c"))
    assert story.ink(0, 3) == b"\1\1\0"


def test_a_second_window_on_a_story_may_only_look(story: Story) -> None:
    story.edit(0, 0, "Once")
    node = story.begin(4, {})
    story.extend(node, [token(" a")])
    other = Story.open(story.directory)
    assert other.read_only
    assert "another window" in other.notices[0]
    assert other.text == "Once a"
    assert other.tokens(node) == story.tokens(node)
    for change in (lambda: other.edit(0, 0, "x"), other.undo, lambda: other.rename("x"), lambda: other.begin(0, {})):
        with pytest.raises(StudioError, match="read-only"):
            change()
    before = sorted((path.name, path.stat().st_size) for path in story.directory.iterdir())
    other.save_text()
    other.sync()
    other.close()
    assert sorted((path.name, path.stat().st_size) for path in story.directory.iterdir()) == before
    assert story.extend(node, [token(" fox")]) is not None


def test_a_story_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no story"):
        Story.open(tmp_path / "nothing")


def test_two_stories_made_at_once_have_two_names(tmp_path: Path) -> None:
    names = {Story.create(tmp_path).id for _ in range(20)}
    assert len(names) == 20


def test_a_text_that_can_be_written_nowhere_else_is_put_where_it_is_found(tmp_path: Path) -> None:
    (tmp_path / "stories").write_text("a file stands where the folder should be")
    story = Story.create(tmp_path / "stories")
    story.edit(0, 0, "Once")
    with pytest.raises(StudioError, match="cannot be written"):
        story.sync()
    story.edit(4, 0, " more")
    with pytest.raises(StudioError, match="cannot be written"):
        story.save_text()
    with pytest.raises(StudioError) as caught:
        story.close()
    rescue = Path(caught.value.hint.split("“")[1].split("”")[0])
    assert rescue.read_text() == "Once more"
    rescue.unlink()


def test_a_story_whose_lock_cannot_be_had_is_read_only(story: Story) -> None:
    story.edit(0, 0, "Once")
    story.close()
    (story.directory / "lock").unlink()
    (story.directory / "lock").mkdir()
    again = Story.open(story.directory)
    assert (again.text, again.read_only, len(again.notices)) == ("Once", True, 1)
    with pytest.raises(StudioError) as refused:
        again.edit(4, 0, "!")
    assert refused.value.hint.startswith("Give access to its folder")  # there is no other window to close
    again.close()


def test_the_page_before_a_text_that_was_brought_in_cannot_be_gone_to(story: Story) -> None:
    story.edit(0, 0, "An old text.", cause="import")
    with pytest.raises(ValueError, match="no node"):
        story.go(0)


def test_a_long_beginning_is_told_with_an_ellipsis(tmp_path: Path) -> None:
    story = Story.create(tmp_path)
    story.edit(0, 0, "神" * 61)
    assert story.road()[-1].excerpt == "神" * 59 + "…"
    story.undo()
    story.edit(0, 0, "Two\nlines, no more.")
    assert story.road()[-1].excerpt == "Two lines, no more."
    story.close()
