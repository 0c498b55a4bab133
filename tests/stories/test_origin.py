"""Which token a character of the text came with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gpt2studio.stories.lines import from_line, to_line
from gpt2studio.stories.records import Entry, TokenRecord, Tokens
from gpt2studio.stories.story import Story
from gpt2studio.wire.messages import Source


def told(*texts: str) -> list[TokenRecord]:
    return [
        TokenRecord(number, text, -1.0, 1, source=Source(file="tale.txt", offset=10 * number, length=len(text)))
        for number, text in enumerate(texts)
    ]


def token_texts(story: Story) -> list[str]:
    """The token of each character, a dot for a person's."""
    found = (story.token_at(offset) for offset in range(len(story.text)))
    return [each[1].text if each is not None else "." for each in found]


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    story = Story.create(tmp_path)
    story.edit(0, 0, "Oh ")
    node = story.begin(3, {})
    story.extend(node, told("the", " ca"))
    story.extend(node, told("t"))
    story.end(node, "length")
    yield story
    story.close()


def test_each_character_knows_the_token_that_it_came_with(story: Story) -> None:
    assert token_texts(story) == [*"...", *["the"] * 3, *[" ca"] * 3, "t"]
    assert story.token_at(len(story.text)) is None
    assert story.token_at(-1) is None


def test_what_a_person_writes_around_and_into_it_moves_it_along(story: Story) -> None:
    story.edit(0, 0, "“")
    story.edit(6, 0, "XY")
    assert story.text == "“Oh thXYe cat"
    assert token_texts(story) == [*"....", "the", "the", ".", ".", "the", *[" ca"] * 3, "t"]
    story.edit(3, 3, "")
    assert token_texts(story) == [*"...", ".", ".", "the", *[" ca"] * 3, "t"]


def test_undo_and_another_continuation_tell_of_what_is_there_now(story: Story) -> None:
    node = story.begin(3, {}, retry_of=story.last_generation.node if story.last_generation else None)
    story.extend(node, told("dog"))
    story.end(node, "length")
    assert story.text == "Oh dog"
    assert token_texts(story) == [*"...", *["dog"] * 3]
    story.undo()
    assert token_texts(story)[3:6] == ["the"] * 3


def test_a_source_comes_back_from_the_journal() -> None:
    with_source = told("one", " two")[1]
    record = Tokens(3, (with_source, TokenRecord(7, "x", None, None)))
    assert from_line(to_line(Entry(0, 1.0, record))).record == record
