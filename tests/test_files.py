"""Files written whole, and locks that end with their process."""

import contextlib
import errno
import os
import subprocess
import sys
from pathlib import Path
from threading import Timer
from typing import cast

import pytest

from gpt2studio import files
from gpt2studio.files import Lock, write_whole, written_whole

posix = pytest.mark.skipif(sys.platform == "win32", reason="links and modes as POSIX has them")

HOLDER = """
import sys
from pathlib import Path
from gpt2studio.files import Lock
lock = Lock(Path(sys.argv[1]))
print(lock.acquire(), flush=True)
sys.stdin.read()
"""


def holder(path: Path) -> "subprocess.Popen[str]":
    """Another process that takes the lock and keeps it until it dies."""
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def said(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_a_file_is_replaced_whole_and_keeps_the_mode_it_is_given(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "text"
    write_whole(path, b"one")
    write_whole(path, b"two", mode=0o600)
    assert path.read_bytes() == b"two"
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["text"]


@posix
def test_a_file_keeps_its_mode_and_a_new_one_has_what_the_system_gives(tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.touch(mode=0o640)
    mask = os.umask(0o077)
    try:
        write_whole(old, b"new words")
        write_whole(tmp_path / "new", b"new words")
    finally:
        os.umask(mask)
    assert old.stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o600


def test_a_disk_that_knows_no_modes_takes_files_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(self: Path, mode: int) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(Path, "chmod", refused)
    path = tmp_path / "text"
    write_whole(path, b"one", mode=0o644)
    write_whole(path, b"two")
    assert path.read_bytes() == b"two"


@pytest.mark.skipif(sys.platform == "win32", reason="names are counted in bytes elsewhere")
def test_a_file_may_have_the_longest_name_that_there_is(tmp_path: Path) -> None:
    path = tmp_path / f"{'狐' * 83}.txt"
    path.write_bytes(b"old")
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"


@posix
def test_a_file_with_another_name_is_written_in_place_where_that_is_asked_for(tmp_path: Path) -> None:
    path, other = tmp_path / "text", tmp_path / "other"
    path.write_bytes(b"quite a few old words")
    other.hardlink_to(path)
    with written_whole(path, links=True) as file:
        file.write(b"new words")
        assert other.read_bytes() == b"quite a few old words"
    assert (path.read_bytes(), other.read_bytes()) == (b"new words", b"new words")
    assert {each.name for each in tmp_path.iterdir()} == {"text", "other"}
    write_whole(path, b"its own words")
    assert other.read_bytes() == b"new words"


@pytest.mark.parametrize("links", [False, True])
def test_a_protected_file_is_replaced_and_stays_protected(tmp_path: Path, windows_files: None, links: bool) -> None:
    path = tmp_path / "text"
    path.write_bytes(b"old")
    if links:
        (tmp_path / "text too").hardlink_to(path)
    path.chmod(0o444)
    with written_whole(path, links=links) as file:
        file.write(b"new")
    with pytest.raises(ZeroDivisionError), written_whole(path, links=links) as file:
        file.write(bytes([1 // 0]))
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o444
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("readers", [3, 1 << 30])
def test_on_windows_a_file_is_replaced_when_others_have_read_it(
    readers: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, refusals = os.replace, iter(range(readers))

    def refusing(part: Path, path: Path) -> None:
        if next(refusals, None) is not None:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        replace(part, path)

    path = tmp_path / "text"
    write_whole(path, b"old")
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(files, "_PATIENCE", 0.2)
    monkeypatch.setattr(os, "replace", refusing)
    with contextlib.suppress(PermissionError):
        write_whole(path, b"new")
    assert path.read_bytes() == (b"new" if readers == 3 else b"old")
    assert [each.name for each in tmp_path.iterdir()] == ["text"]


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "text"
    write_whole(path, b"old")
    with pytest.raises(TypeError), written_whole(path) as file:
        file.writelines([b"half of the n", cast("bytes", "not bytes")])
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["text"]


def test_a_second_handle_cannot_take_a_held_lock(tmp_path: Path) -> None:
    first, second = Lock(tmp_path / "lock"), Lock(tmp_path / "lock")
    assert first.acquire()
    assert first.acquire()
    assert not second.acquire()
    assert not second.held
    assert second.taken_elsewhere()
    assert not first.taken_elsewhere()
    first.release()
    assert not second.taken_elsewhere()
    with second:
        assert second.acquire()
        assert first.taken_elsewhere()
    assert first.acquire()
    first.release()


def test_a_lock_that_was_never_taken_is_free_and_makes_no_file(tmp_path: Path) -> None:
    lock = Lock(tmp_path / "lock")
    lock.release()
    assert not lock.taken_elsewhere()
    assert not lock.path.exists()


def test_another_process_holds_a_lock_until_it_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    lock = Lock(path)
    with holder(path) as other:
        assert said(other) == "True"
        assert not lock.acquire()
        other.kill()
    assert lock.acquire()
    with holder(path) as other:
        assert said(other) == "False"
        other.kill()
    lock.release()


def test_a_lock_that_is_let_go_is_free_though_its_holder_has_just_forked(tmp_path: Path) -> None:
    lock, other = Lock(tmp_path / "lock"), Lock(tmp_path / "lock")
    assert lock.acquire()
    assert lock._file is not None
    copy = os.dup(lock._file.fileno())  # as a child has it between its fork and its program
    try:
        lock.release()
        assert other.acquire()
        other.release()
    finally:
        os.close(copy)


def test_a_lock_is_not_inherited_by_the_programs_that_its_holder_starts(tmp_path: Path) -> None:
    lock = Lock(tmp_path / "lock")
    assert lock.acquire()
    assert lock._file is not None
    assert not os.get_inheritable(lock._file.fileno())
    lock.release()


def test_a_lock_in_a_folder_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Lock(tmp_path / "nowhere" / "lock").acquire()


def test_a_lock_that_is_let_go_in_a_moment_is_waited_for(tmp_path: Path) -> None:
    first, second = Lock(tmp_path / "lock"), Lock(tmp_path / "lock")
    assert first.acquire()
    assert not second.acquire_soon(patience=0)
    letting_go = Timer(0.05, first.release)
    letting_go.start()
    assert second.acquire_soon(patience=60)
    letting_go.join()
    second.release()
