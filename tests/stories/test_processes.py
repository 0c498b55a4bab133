"""Two programs at one story, and a program that is killed."""

import subprocess
import sys
from pathlib import Path

from gpt2studio.stories.story import Story
from tests.stories.evening import Evening, page

WRITER = """
import sys
from pathlib import Path
from gpt2studio.stories.story import Story, TokenRecord
story = Story.create(Path(sys.argv[1]))
number = 0
while True:
    story.edit(len(story.text), 0, f"{number} ", join=number % 3 != 0)
    if number % 5 == 0:
        node = story.begin(len(story.text), {"seed": number})
        for part in range(4):
            story.extend(node, [TokenRecord(part, f"t{number}.{part} ", -1.0, 1)])
    print(len(story.text), story.directory, flush=True)
    number += 1
"""

HOLDER = """
import sys
from pathlib import Path
from gpt2studio.stories.story import Story
story = Story.open(Path(sys.argv[1]))
print(story.read_only, story.text, flush=True)
sys.stdin.read()
"""


def started(code: str, argument: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", code, str(argument)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_a_kill_in_mid_sentence_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    for lines in (1, 7, 60):
        with started(WRITER, tmp_path / str(lines)) as writer:
            for _ in range(lines - 1):
                line(writer)
            size, directory = line(writer).split(" ", 1)
            writer.kill()
        story = Story.open(Path(directory))
        whole = expected(lines + 10_000)
        assert len(story.text) >= int(size)
        assert whole.startswith(story.text)
        assert story.open_generations == ()
        while story.can_undo:
            story.undo()
        assert story.text == ""
        story.close()


def expected(count: int) -> str:
    """What the writer writes, if it is let."""
    parts = []
    for number in range(count):
        parts.append(f"{number} ")
        if number % 5 == 0:
            parts.extend(f"t{number}.{part} " for part in range(4))
    return "".join(parts)


def test_a_second_program_at_a_story_may_only_look_until_the_first_one_ends(tmp_path: Path) -> None:
    story = Story.create(tmp_path)
    story.edit(0, 0, "Once")
    with started(HOLDER, story.directory) as other:
        assert line(other) == "True Once"
        other.kill()
    story.close()
    with started(HOLDER, story.directory) as other:
        assert line(other) == "False Once"
        here = Story.open(story.directory)
        assert here.read_only
        other.kill()
        here.close()
    here = Story.open(story.directory)
    assert not here.read_only
    here.close()


def test_an_evening_written_by_a_program_that_was_killed_is_all_there(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from gpt2studio.stories.story import Story
from tests.stories.evening import Evening
evening = Evening(Story.create(Path(sys.argv[1])), 6)
for _ in range(150):
    evening.act()
print(evening.story.directory, flush=True)
sys.stdin.read()
"""
    with started(code, tmp_path / "theirs") as writer:
        directory = Path(line(writer))
        writer.kill()
    mine = Story.create(tmp_path / "mine")
    evening = Evening(mine, 6)
    for _ in range(150):
        evening.act()
    theirs = Story.open(directory)
    while True:
        assert page(theirs) == page(mine)
        assert theirs.can_undo == mine.can_undo
        if not mine.can_undo:
            break
        theirs.undo()
        mine.undo()
    theirs.close()
    mine.close()


def test_stories_are_read_without_torch_or_a_screen() -> None:
    code = """
import sys
import gpt2studio.stories.shelf, gpt2studio.stories.filestory
print({"torch", "textual"} & set(sys.modules))
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
