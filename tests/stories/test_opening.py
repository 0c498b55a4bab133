"""What is found when a story is opened whose files are not as they should be."""

import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from gpt2studio.errors import StudioError
from gpt2studio.stories import chronicle, opening
from gpt2studio.stories.lines import from_line
from gpt2studio.stories.state import State
from gpt2studio.stories.story import Story, TokenRecord
from tests.stories.evening import Evening, page

JOURNAL = "journal.jsonl"


@pytest.fixture(autouse=True)
def quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here is about power cuts."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)


def written(folder: Path, steps: int, seed: int = 1) -> Path:
    """The directory of a story that somebody wrote and closed."""
    story = Story.create(folder, title="An evening")
    evening = Evening(story, seed)
    for _ in range(steps):
        evening.act()
    story.close()
    return story.directory


def folded(lines: list[bytes]) -> State:
    state = State()
    for line in lines:
        state.apply(from_line(line))
    return state


def test_a_journal_cut_at_any_byte_opens_to_what_its_whole_lines_say(tmp_path: Path) -> None:
    directory = written(tmp_path, 25)
    data = (directory / JOURNAL).read_bytes()
    for path in directory.iterdir():
        if path.name != JOURNAL:
            path.unlink()
    dice = random.Random(5)
    ends = [place + 1 for place, byte in enumerate(data) if byte == 10]
    for cut in sorted({*dice.sample(range(1, len(data)), 150), *ends[:40], *(end - 1 for end in ends[:40])}):
        copy = tmp_path / "copies" / str(cut)
        copy.mkdir(parents=True)
        (copy / JOURNAL).write_bytes(data[:cut])
        whole = data[:cut].rfind(b"\n") + 1
        state = folded(data[:whole].splitlines(keepends=True))
        story = Story.open(copy)
        document = state.tree.document
        assert page(story) == (document.text, document.ink(0, len(document)))
        assert len(story.notices) == (cut != whole)
        if cut != whole:
            assert (copy / "journal.damaged-1").read_bytes() == data[whole:cut]
        story.edit(0, 0, "went on ")
        story.close()
        again = Story.open(copy)
        assert again.notices == []
        assert again.text == "went on " + document.text
        again.close()


@pytest.mark.parametrize("seed", range(40))
def test_whatever_bytes_are_spoilt_the_story_opens_and_what_is_cut_is_kept(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    directory = written(tmp_path, 15, seed)
    path = directory / JOURNAL
    data = bytearray(path.read_bytes())
    for _ in range(dice.randint(1, 3)):
        place = dice.randrange(len(data))
        match dice.randrange(4):
            case 0:
                data[place] = dice.randrange(256)
            case 1:
                del data[place : place + dice.randint(1, 300)]
            case 2:
                data[place:] = bytes(len(data) - place)
            case 3:
                data[place:place] = bytes(data[: dice.randint(1, 300)])
    path.write_bytes(data)
    story = Story.open(directory)
    if not story.read_only:
        story.edit(0, 0, "went on ")
    kept = [each for each in directory.iterdir() if each.name.startswith("journal.damaged")]
    assert len(kept) == len(story.notices) or story.read_only
    if kept:
        assert path.read_bytes().startswith(bytes(data)[: -len(kept[0].read_bytes())])
        assert data.endswith(kept[0].read_bytes())
    text = story.text
    story.close()
    again = Story.open(directory)
    assert again.text == text
    again.close()


def test_a_number_beyond_all_others_is_damage_like_any_other(tmp_path: Path) -> None:
    story = Story.create(tmp_path)
    story.edit(0, 0, "Once ")
    node = story.begin(5, {})
    story.extend(node, [TokenRecord(1, "upon", -0.125, 1)])
    story.close()
    path = story.directory / JOURNAL
    path.write_bytes(path.read_bytes().replace(b"-0.125", b"-" + b"9" * 400))
    story = Story.open(story.directory)
    assert story.text == "Once "
    assert "damaged" in story.notices[0]
    story.close()


def test_the_text_that_was_saved_is_kept_where_the_journal_is_damaged(tmp_path: Path) -> None:
    directory = written(tmp_path, 30)
    text = (directory / "story.txt").read_text()
    data = (directory / JOURNAL).read_bytes()
    half = data.index(b"\n", len(data) // 2) + 1
    (directory / JOURNAL).write_bytes(data[:half] + b"\0\0\0\0\n" + data[half:])
    story = Story.open(directory)
    assert "damaged" in story.notices[0]
    assert "journal.damaged-1" in story.notices[0]
    story.close()
    assert (directory / "story.damaged-1.txt").read_text() == text
    assert (directory / "journal.damaged-1").read_bytes() == b"\0\0\0\0\n" + data[half:]
    with (directory / JOURNAL).open("ab") as file:
        file.write(b"{")
    Story.open(directory).close()
    assert (directory / "journal.damaged-2").read_bytes() == b"{"


def test_a_story_that_another_window_writes_is_read_as_far_as_it_is_whole(tmp_path: Path) -> None:
    story = Story.create(tmp_path)
    story.edit(0, 0, "Once")
    path = story.directory / JOURNAL
    with path.open("ab") as file:
        file.write(b'{"v":1,"se')
    other = Story.open(story.directory)
    assert (other.text, other.read_only, len(other.notices)) == ("Once", True, 1)
    assert path.read_bytes().endswith(b'{"v":1,"se')
    other.close()
    story.close()


@pytest.mark.parametrize("line", [b'{"v":1,"seq":%d,"time":1,"kind":"dream"}\n', b'{"v":9,"seq":%d,"kind":"edit"}\n'])
def test_what_a_newer_program_wrote_is_shown_and_not_touched(tmp_path: Path, line: bytes) -> None:
    directory = written(tmp_path, 10)
    before = Story.open(directory)
    text, count = before.text, before._state.seq
    before.close()
    path = directory / JOURNAL
    with path.open("ab") as file:
        file.write(line % count)
    data = path.read_bytes()
    story = Story.open(directory)
    assert (story.text, story.read_only) == (text, True)
    assert "newer" in story.notices[0]
    story.close()
    assert path.read_bytes() == data
    assert not (directory / "journal.damaged-1").exists()


def test_a_record_that_may_be_skipped_is_skipped(tmp_path: Path) -> None:
    story = Story.create(tmp_path)
    story.edit(0, 0, "Once")
    story.close()
    with (story.directory / JOURNAL).open("ab") as file:
        file.write(b'{"v":1,"seq":2,"time":1,"kind":"dream","optional":true}\n')
        file.write(b'{"v":1,"seq":3,"time":1,"kind":"edit","at":4,"inserted":" more"}\n')
    again = Story.open(story.directory)
    assert (again.text, again.notices, again.read_only) == ("Once more", [], False)
    again.close()


def test_a_story_whose_journal_is_gone_comes_back_from_its_text(tmp_path: Path) -> None:
    directory = written(tmp_path, 12)
    text = (directory / "story.txt").read_text()
    (directory / JOURNAL).unlink()
    story = Story.open(directory)
    assert story.text == text
    assert "gone" in story.notices[0]
    story.close()
    again = Story.open(directory)
    assert (again.text, again.notices) == (text, [])
    again.close()


def test_an_empty_journal_is_an_empty_story(tmp_path: Path) -> None:
    (tmp_path / JOURNAL).touch()
    story = Story.open(tmp_path)
    story.edit(0, 0, "Once")
    story.close()
    again = Story.open(tmp_path)
    assert (again.text, again.notices) == ("Once", [])
    again.close()


def test_a_journal_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / JOURNAL).mkdir()
    with pytest.raises(StudioError, match="cannot be read"):
        Story.open(tmp_path)


# --- snapshots -------------------------------------------------------------------------------------------------------


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chronicle, "SNAPSHOT_EVERY", 1)


def snapshots(directory: Path) -> list[Path]:
    return sorted(directory.glob("snapshot-*.json"))


def gone_on(directory: Path, seed: int) -> None:
    story = Story.open(directory)
    evening = Evening(story, seed)
    for _ in range(5):
        evening.act()
    story.close()


@pytest.mark.usefixtures("often")
def test_a_snapshot_has_the_whole_state(tmp_path: Path) -> None:
    directory = written(tmp_path, 60)
    opened = opening.read(directory)
    assert opened.fresh == 0
    snapshots(directory)[0].unlink()
    plainly = opening.read(directory)
    assert plainly.fresh == plainly.end == opened.end
    one, other = opened.state, plainly.state
    assert one.tree.nodes == other.tree.nodes
    assert one.tree.document.text == other.tree.document.text
    names = ("visited", "place", "typing", "open", "id", "title", "notes", "seq")
    assert [getattr(one, name) for name in names] == [getattr(other, name) for name in names]


@pytest.mark.usefixtures("often")
def test_only_the_two_newest_snapshots_are_kept(tmp_path: Path) -> None:
    directory = written(tmp_path, 10)
    for seed in range(4):
        gone_on(directory, seed)
    assert len(snapshots(directory)) == 2


@pytest.mark.usefixtures("often")
@pytest.mark.parametrize(
    "harm",
    [
        lambda data: data[: len(data) // 2],
        lambda data: b"",
        lambda data: data.replace(b'"visited":[0', b'"visited":[1'),
        lambda data: data.replace(b'"format":', b'"format":9'),
        lambda data: data.replace(b'"end":', b'"end":9'),
        lambda data: data.replace(b'"last":"', b'"last":"0'),
        lambda data: data.replace(b'"length":', b'"length":-'),
        lambda data: b"[" * 100_000,
        lambda data: b"[]\n[]\n",
    ],
)
def test_a_damaged_snapshot_is_passed_over(tmp_path: Path, harm: Callable[[bytes], bytes]) -> None:
    directory = written(tmp_path, 20)
    gone_on(directory, 3)
    good = Story.open(directory)
    expected = page(good)
    good.close()
    for path in snapshots(directory):
        data = path.read_bytes()
        assert harm(data) != data
        path.write_bytes(harm(data))
    assert opening.read(directory).fresh == (directory / JOURNAL).stat().st_size
    story = Story.open(directory)
    assert page(story) == expected
    assert story.notices == []
    story.close()


@pytest.mark.usefixtures("often")
def test_a_snapshot_of_another_journal_is_passed_over(tmp_path: Path) -> None:
    one, other = written(tmp_path / "one", 20, 1), written(tmp_path / "other", 20, 2)
    for path in snapshots(one):
        path.unlink()
    shutil.copy(snapshots(other)[0], one)
    assert opening.read(one).fresh == (one / JOURNAL).stat().st_size


@pytest.mark.usefixtures("often")
def test_a_snapshot_saves_what_came_after_a_damaged_line(tmp_path: Path) -> None:
    directory = written(tmp_path, 20)
    path = directory / JOURNAL
    data = path.read_bytes()
    lines = data.splitlines(keepends=True)
    lines[4] = b"\0" * (len(lines[4]) - 1) + b"\n"
    path.write_bytes(b"".join(lines))
    story = Story.open(directory)
    assert story.notices == []
    assert story.text == (directory / "story.txt").read_text()
    story.close()


def test_a_story_that_was_killed_after_much_writing_gets_its_snapshot_at_the_next_opening(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = written(tmp_path, 20)
    assert snapshots(directory) == []
    monkeypatch.setattr(chronicle, "SNAPSHOT_EVERY", 10)
    story = Story.open(directory)
    assert len(snapshots(directory)) == 1
    assert opening.read(directory).fresh == 0
    story.close()


def test_the_journal_is_plain_for_other_programs_to_read(tmp_path: Path) -> None:
    directory = written(tmp_path, 20)
    rows = [json.loads(line) for line in (directory / JOURNAL).read_text("utf-8").splitlines()]
    assert [row["seq"] for row in rows] == list(range(len(rows)))
    assert {row["v"] for row in rows} == {1}
    assert all(row["time"] > 0 for row in rows)
    assert {"story", "rename", "edit", "begin", "tokens", "end"} <= {row["kind"] for row in rows}
