"""Lines on their way to disk, when the disk does not take them."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gpt2studio.errors import StudioError
from gpt2studio.files import Lock
from gpt2studio.stories.journal import NAME, Journal

posix = pytest.mark.skipif(sys.platform == "win32", reason="limits and modes as POSIX has them")


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file grows beyond this: what a full disk does, short writes included."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def journal_in(folder: Path) -> Journal:
    return Journal(folder, Lock(folder / "lock"))


def test_nothing_is_on_disk_before_the_first_line_that_is_worth_it(tmp_path: Path) -> None:
    journal = journal_in(tmp_path / "story")
    journal.append(b"one\n", worth=False)
    journal.sync()
    assert not journal.path.parent.exists()
    assert not journal.worth
    assert journal.read(0, journal.end) == b"one\n"
    journal.append(b"two\n", worth=True)
    assert journal.path.read_bytes() == b"one\ntwo\n"
    journal.append(b"three\n", worth=False)
    assert journal.path.read_bytes() == b"one\ntwo\nthree\n"
    journal.close()


def test_a_line_is_on_disk_when_append_returns(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    for number in range(5):
        journal.append(b"%d\n" % number, worth=True)
        assert journal.path.stat().st_size == journal.end == 2 * (number + 1)
    journal.close()


@posix
def test_a_full_disk_tears_no_line_and_loses_none(tmp_path: Path) -> None:
    journal = journal_in(tmp_path / "story")
    lines = [b"line %d %s\n" % (number, b"x" * number) for number in range(12)]
    with room_for(37):
        for line in lines[:8]:
            journal.append(line, worth=True)
        assert journal.path.stat().st_size == 37
        assert journal.trouble is not None
        with pytest.raises(StudioError, match="cannot be written"):
            journal.sync()
        journal.sync()  # told once is enough
        assert journal.read(0, journal.end) == b"".join(lines[:8])
        assert journal.read(30, 50) == b"".join(lines)[30:50]
        assert journal.read(45, 60) == b"".join(lines)[45:60]
    with room_for(60):
        journal.append(lines[8], worth=True)
    for line in lines[9:]:
        journal.append(line, worth=True)
    assert journal.trouble is None
    journal.sync()
    assert journal.path.read_bytes() == b"".join(lines)
    journal.close()


@posix
def test_trouble_that_comes_again_is_told_again(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    for _ in range(2):
        with room_for(journal.end):
            journal.append(b"line\n", worth=True)
            with pytest.raises(StudioError):
                journal.sync()
        journal.sync()
    assert journal.path.read_bytes() == b"line\nline\n"
    journal.close()


def test_a_folder_that_cannot_be_made_is_told_and_tried_again(tmp_path: Path) -> None:
    (tmp_path / "stories").write_text("a file stands where the folder should be")
    journal = journal_in(tmp_path / "stories" / "one")
    journal.append(b"one\n", worth=True)
    with pytest.raises(StudioError, match="cannot be written"):
        journal.sync()
    (tmp_path / "stories").unlink()
    journal.append(b"two\n", worth=True)
    journal.sync()
    assert journal.path.read_bytes() == b"one\ntwo\n"
    journal.close()


def test_one_thread_may_sync_while_another_appends_and_closes(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    journal.append(b"start\n", worth=True)
    over = threading.Event()
    faults: list[BaseException] = []

    def sync() -> None:
        try:
            while not over.is_set():
                journal.sync()
        except BaseException as fault:
            faults.append(fault)

    thread = threading.Thread(target=sync)
    thread.start()
    for number in range(2000):
        journal.append(b"%d\n" % number, worth=True)
    end = journal.end
    journal.close()
    over.set()
    thread.join()
    assert faults == []
    assert journal.path.read_bytes() == b"start\n" + b"".join(b"%d\n" % number for number in range(2000))
    assert end == journal.path.stat().st_size


def test_two_who_began_alike_do_not_write_into_one_file(tmp_path: Path) -> None:
    one, other = journal_in(tmp_path), journal_in(tmp_path)
    one.append(b"one\n", worth=True)
    other.append(b"other\n", worth=True)
    with pytest.raises(StudioError, match="another window writes"):
        other.sync()
    one.close()
    other.append(b"more\n", worth=True)
    assert other.trouble is not None
    assert "another window wrote" in other.trouble.message
    assert one.path.read_bytes() == b"one\n"
    other.close()


def test_a_folder_that_is_taken_away_is_made_again_with_all_that_was_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "story"
    journal = journal_in(folder)
    journal.append(b"one\n", worth=True)
    folder.rename(tmp_path / "elsewhere")
    assert journal.read(0, journal.end) == b"one\n"
    journal.append(b"two\n", worth=True)
    journal.sync()
    assert (folder / NAME).read_bytes() == b"one\ntwo\n"
    assert journal.read(2, journal.end) == b"e\ntwo\n"
    assert Lock(folder / "lock").taken_elsewhere()
    journal.close()
