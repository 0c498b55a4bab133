"""A process that spends a part of an evening on a story, and tells of the page after every step until it is killed.

    python -m tests.stories.one_evening DIRECTORY SEED STEPS [back|forth]

A line a step: how many characters, and a hash of text, ink and trash. Without *back* or *forth* it does whatever comes
to mind; else it undoes or redoes. After the last step it waits for its end.
"""

import hashlib
import sys
import time
from pathlib import Path

from gpt2studio.stories.story import Story
from tests.stories.evening import Evening, page, shelves


def mark(story: Story) -> str:
    """The page, and what is in the trash, in a word."""
    text, ink = page(story)
    return f"{len(text)}:{hashlib.sha256(repr((text, ink, shelves(story))).encode('utf-8', 'replace')).hexdigest()}"


def main() -> None:
    directory, seed, steps, *way = sys.argv[1:]
    story = Story.open(Path(directory))
    assert story.notices == []
    evening = Evening(story, int(seed))
    for _ in range(int(steps)):
        if way == ["back"]:
            story.undo()
        elif way == ["forth"]:
            story.redo()
        else:
            evening.act()
        print(mark(story), story.can_undo, story.can_redo, flush=True)
    time.sleep(600)


if __name__ == "__main__":
    main()
