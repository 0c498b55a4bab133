"""A long evening in processes that are killed: nothing is lost, and all of it can be undone and redone."""

import signal
import subprocess
import sys
from pathlib import Path

from gpt2studio.stories.story import Story
from tests.stories.evening import page
from tests.stories.one_evening import mark

ROOT = Path(__file__).parents[2]
STEPS = 500
LIVES = 5
"""How many processes share the steps; each ends by SIGKILL."""


def life(directory: Path, seed: int, steps: int, *way: str) -> list[tuple[str, bool, bool]]:
    """What a process told of its steps until it was killed: the page, and whether there is a way back and forth."""
    command = [sys.executable, "-m", "tests.stories.one_evening", str(directory), str(seed), str(steps), *way]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        rows = [process.stdout.readline().split() for _ in range(steps)]
        process.kill()
    assert process.returncode == -signal.SIGKILL
    return [(word, back == "True", forth == "True") for word, back, forth in rows]


def test_an_evening_of_killed_processes_is_undone_to_the_empty_page_and_redone(tmp_path: Path) -> None:
    story = Story.create(tmp_path)
    story.edit(0, 0, "Once")
    directory = story.directory
    story.close()
    for seed in range(LIVES):
        rows = life(directory, seed, STEPS // LIVES)
        story = Story.open(directory)
        assert story.notices == []
        assert mark(story) == rows[-1][0]
        story.close()

    pages = []
    story = Story.open(directory)
    while story.can_undo:
        pages.append(mark(story))
        story.undo()
    assert page(story) == ("", b"")
    assert len(pages) > STEPS / 2
    while story.can_redo:
        story.redo()
        assert mark(story) == pages.pop()
    story.close()
    assert pages == []


def test_undo_and_redo_go_on_from_process_to_killed_process(tmp_path: Path) -> None:
    story = Story.create(tmp_path)
    story.edit(0, 0, "Once")
    directory = story.directory
    story.close()
    there = life(directory, 7, 60)[-1][0]
    told = [there]
    for _ in range(3):
        rows = life(directory, 0, 12, "back")
        told += [word for word, _, _ in rows]
        assert rows[-1][1]
    back = told[-1]
    for _ in range(3):
        rows = life(directory, 0, 12, "forth")
        assert [word for word, _, _ in rows] == told[-2:-14:-1]
        del told[-12:]
    assert rows[-1][0] == there != back


def test_a_damaged_tail_is_cut_and_told_and_the_rest_can_still_be_undone(tmp_path: Path) -> None:
    story = Story.create(tmp_path)
    story.edit(0, 0, "Once")
    directory = story.directory
    story.close()
    life(directory, 3, 80)
    journal = directory / "journal.jsonl"
    data = journal.read_bytes()
    end = data.rfind(b"\n", 0, len(data) * 4 // 5)
    journal.write_bytes(data[:end] + b'\n{"v":1,"seq":\x00\xff\n' + data[end + 40 :])
    story = Story.open(directory)
    assert len(story.notices) == 1
    assert "damaged" in story.notices[0]
    assert (directory / "journal.damaged-1").read_bytes().startswith(b'{"v":1,"seq":\x00')
    steps = 0
    while story.can_undo:
        story.undo()
        steps += 1
    assert story.text == ""
    assert steps > 20
    story.close()
