"""A person's own text file, edited in place."""

import os
import stat
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2studio.errors import FormatError, NotFoundError, StudioError
from gpt2studio.stories.about import FILE
from gpt2studio.stories.filestory import FileStory, differences
from gpt2studio.stories.story import TokenRecord
from gpt2studio.stories.textfile import GuardedError

posix = pytest.mark.skipif(sys.platform == "win32", reason="links and modes as POSIX has them")


@pytest.fixture
def journals(tmp_path: Path) -> Path:
    return tmp_path / "journals"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "chapter1.md"
    path.write_bytes(b"One.\nTwo.\n")
    return path


def reopened(story: FileStory, journals: Path) -> FileStory:
    story.close()
    return FileStory.of(journals, story.path)


def test_a_file_that_is_only_looked_at_leaves_no_journal_and_is_not_touched(path: Path, journals: Path) -> None:
    before = path.stat().st_mtime_ns
    story = FileStory.of(journals, path)
    assert (story.text, story.path, story.unsaved) == ("One.\nTwo.\n", path, False)
    assert not story.can_undo
    story.close()
    assert list(journals.iterdir()) == []
    assert path.stat().st_mtime_ns == before


def test_a_file_is_written_when_it_is_saved_and_not_before(path: Path, journals: Path) -> None:
    story = FileStory.of(journals, path)
    story.edit(4, 0, " And a half.")
    assert story.unsaved
    assert path.read_bytes() == b"One.\nTwo.\n"
    story.save()
    assert not story.unsaved
    assert not story.changed_elsewhere()
    assert path.read_bytes() == b"One. And a half.\nTwo.\n"
    story = reopened(story, journals)
    assert story.notices == []
    story.undo()
    assert story.text == "One.\nTwo.\n"
    assert not story.can_undo
    story.close()


def test_who_wrote_what_is_remembered_beside_the_file(path: Path, journals: Path) -> None:
    story = FileStory.of(journals, path)
    node = story.begin(10, {})
    story.extend(node, [TokenRecord(1, "Three.", -1.0, 1)])
    story.end(node, "length")
    story.save()
    story = reopened(story, journals)
    assert story.ink(8, 16) == b"\0\0\1\1\1\1\1\1"
    story.close()


def test_what_was_not_saved_is_back(path: Path, journals: Path) -> None:
    story = FileStory.of(journals, path)
    story.edit(0, 0, "Zero. ")
    story = reopened(story, journals)
    assert story.text == "Zero. One.\nTwo.\n"
    assert story.unsaved
    assert "was not saved" in story.notices[0]
    story.undo()
    assert not story.unsaved
    story.close()


def test_a_note_about_the_file_that_means_nothing_is_no_harm(path: Path, journals: Path) -> None:
    story = FileStory.of(journals, path)
    story.edit(0, 0, "Zero. ")
    story.note(FILE, "what?")
    story = reopened(story, journals)
    assert story.text == "One.\nTwo.\n"
    story.undo()
    assert story.text == "Zero. One.\nTwo.\n"
    story.close()


def test_a_change_made_elsewhere_counts_and_what_was_here_is_one_undo_away(path: Path, journals: Path) -> None:
    story = FileStory.of(journals, path)
    story.edit(0, 0, "Zero. ")
    story.close()
    path.write_bytes(b"One.\nTwo and a half.\nThree.\n")
    story = FileStory.of(journals, path)
    assert story.text == "One.\nTwo and a half.\nThree.\n"
    assert "changed elsewhere" in story.notices[0]
    assert not story.unsaved
    story.undo()
    assert story.text == "Zero. One.\nTwo.\n"
    story.redo()
    story = reopened(story, journals)
    assert story.notices == []
    story.close()


def test_a_file_that_another_program_changed_is_not_written_over_unasked(path: Path, journals: Path) -> None:
    story = FileStory.of(journals, path)
    story.edit(0, 0, "Zero. ")
    path.write_bytes(b"Elsewhere.\n")
    assert story.changed_elsewhere()
    with pytest.raises(StudioError, match="another program"):
        story.save()
    assert path.read_bytes() == b"Elsewhere.\n"
    story.save(force=True)
    assert path.read_bytes() == b"Zero. One.\nTwo.\n"
    assert not story.changed_elsewhere()
    story.close()


def test_what_another_program_writes_just_after_the_file_was_read_is_not_written_over(
    path: Path, journals: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_then_written_elsewhere(self: Path) -> bytes:
        data = read_bytes(self)
        if self == path:
            monkeypatch.undo()
            path.write_bytes(b"Elsewhere, just now.\n")
        return data

    read_bytes = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", read_then_written_elsewhere)
    story = FileStory.of(journals, path)
    assert story.text == "One.\nTwo.\n"
    story.edit(0, 0, "Zero. ")
    with pytest.raises(StudioError, match="another program"):
        story.save()
    assert path.read_bytes() == b"Elsewhere, just now.\n"
    story.close()


def test_what_another_program_writes_just_after_the_file_was_saved_is_not_written_over(
    path: Path, journals: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def replaced_then_written_elsewhere(self: Path, target: Path) -> Path:
        replaced = replace(self, target)
        if target == path:
            monkeypatch.undo()
            path.write_bytes(b"Elsewhere, just now.\n")
        return replaced

    replace = Path.replace
    story = FileStory.of(journals, path)
    story.edit(0, 0, "Zero. ")
    monkeypatch.setattr(Path, "replace", replaced_then_written_elsewhere)
    story.save()
    assert story.changed_elsewhere()
    story.edit(0, 0, "Minus one. ")
    with pytest.raises(StudioError, match="another program"):
        story.save()
    assert path.read_bytes() == b"Elsewhere, just now.\n"
    story.close()


def test_a_file_that_was_only_touched_is_not_changed(path: Path, journals: Path) -> None:
    story = FileStory.of(journals, path)
    os.utime(path, ns=(1, 1))
    assert not story.changed_elsewhere()
    path.unlink()
    assert story.changed_elsewhere()
    story.close()


def test_a_change_made_elsewhere_is_taken_in_as_one_step_that_keeps_the_ink_around_it(
    path: Path, journals: Path
) -> None:
    story = FileStory.of(journals, path)
    node = story.begin(5, {})
    story.extend(node, [TokenRecord(1, "Model.\n", -1.0, 1)])
    story.end(node, "length")
    story.save()
    path.write_bytes(b"Uno.\nModel.\nDue.\n")
    assert isinstance(story, FileStory)
    splices = story.reload()
    assert [(splice.at, splice.taken, splice.put) for splice in splices] == [(12, 3, 3), (0, 5, 5)]
    assert story.text == "Uno.\nModel.\nDue.\n"
    assert story.ink(0, 17) == bytes(5) + b"\1" * 7 + bytes(5)
    assert not story.unsaved
    story.undo()
    assert story.text == "One.\nModel.\nTwo.\n"
    story.close()


@pytest.mark.parametrize(
    ("data", "text", "saved"),
    [
        (b"a\r\nb\r\n", "a\nb\n", b"!a\r\nb\r\n"),
        (b"\xef\xbb\xbfa\nb", "a\nb", b"\xef\xbb\xbf!a\nb"),
        (b"\xef\xbb\xbfa\r\nb", "a\nb", b"\xef\xbb\xbf!a\r\nb"),
        (b"a\rb\r", "a\nb\n", b"!a\rb\r"),
        (b"a\nb\rc\n", "a\nb\rc\n", b"!a\nb\rc\n"),
        (b"a\r\nb\r\nc\n", "a\nb\nc\n", b"!a\r\nb\r\nc\r\n"),
        (b"", "", b"!"),
        ("狐🦊\n".encode(), "狐🦊\n", "!狐🦊\n".encode()),
    ],
)
def test_a_file_keeps_its_style(journals: Path, path: Path, data: bytes, text: str, saved: bytes) -> None:
    path.write_bytes(data)
    story = FileStory.of(journals, path)
    assert story.text == text
    assert bool(story.notices) == (data == b"a\r\nb\r\nc\n")
    story.edit(0, 0, "!")
    story.save()
    assert path.read_bytes() == saved
    story.close()


@posix
def test_a_link_stays_a_link_and_a_mode_stays_a_mode(path: Path, journals: Path, tmp_path: Path) -> None:
    path.chmod(0o640)
    link = tmp_path / "link.md"
    link.symlink_to(path.name)
    story = FileStory.of(journals, link)
    story.edit(0, 0, "!")
    story.save()
    story.close()
    assert link.is_symlink()
    assert path.read_bytes() == b"!One.\nTwo.\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    again = FileStory.of(journals, path)
    assert again.can_undo  # one journal for both names
    again.close()


@posix
def test_both_names_of_a_file_have_what_is_saved(path: Path, journals: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.md"
    other.hardlink_to(path)
    story = FileStory.of(journals, path)
    story.edit(0, 0, "Zero.\n")
    story.save()
    assert other.read_bytes() == path.read_bytes() == b"Zero.\nOne.\nTwo.\n"
    assert not story.changed_elsewhere()
    story.close()


def test_a_write_protected_file_is_saved_only_when_forced_and_stays_protected(
    path: Path, journals: Path, windows_files: None
) -> None:
    path.chmod(0o444)
    story = FileStory.of(journals, path)
    story.edit(0, 0, "Zero. ")
    with pytest.raises(GuardedError, match="write-protected"):
        story.save()
    assert path.read_bytes() == b"One.\nTwo.\n"
    story.save(force=True)
    assert path.read_bytes() == b"Zero. One.\nTwo.\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o444
    story.close()


def test_a_file_that_is_not_there_yet_is_made_when_it_is_saved(tmp_path: Path, journals: Path) -> None:
    path = tmp_path / "new" / "chapter2.md"
    story = FileStory.of(journals, path)
    assert (story.text, story.unsaved, story.notices) == ("", False, [])
    story.edit(0, 0, "It begins.\n")
    story.undo()
    assert story.text == ""
    story.redo()
    story.save()
    story.close()
    assert path.read_bytes() == b"It begins.\n"


def test_a_file_that_went_away_is_kept_here(path: Path, journals: Path) -> None:
    story = FileStory.of(journals, path)
    story.edit(0, 0, "!")
    story.save()
    story.close()
    path.unlink()
    story = FileStory.of(journals, path)
    assert story.text == "!One.\nTwo.\n"
    assert "not there any more" in story.notices[0]
    assert story.unsaved
    story.save()
    assert path.read_bytes() == b"!One.\nTwo.\n"
    story.close()


@pytest.mark.parametrize("data", [b"caf\xe9\n", "text".encode("utf-16"), b"\x7fELF\0\0"])
def test_what_is_not_utf8_text_is_told_and_left_alone(path: Path, journals: Path, data: bytes) -> None:
    path.write_bytes(data)
    with pytest.raises(FormatError) as caught:
        FileStory.of(journals, path)
    assert caught.value.hint
    assert path.read_bytes() == data
    assert not journals.exists()


def test_a_folder_is_no_file(tmp_path: Path, journals: Path) -> None:
    with pytest.raises(NotFoundError, match="is a folder"):
        FileStory.of(journals, tmp_path)


def test_a_file_that_cannot_be_saved_is_told_and_kept(path: Path, journals: Path) -> None:
    story = FileStory.of(journals, path)
    story.edit(0, 0, "!")
    path.unlink()
    path.mkdir()
    with pytest.raises(StudioError, match="could not be saved"):
        story.save(force=True)
    assert story.unsaved
    path.rmdir()
    story.save(force=True)
    assert path.read_bytes() == b"!One.\nTwo.\n"
    story.close()


def test_two_files_of_one_name_have_two_journals(tmp_path: Path, journals: Path) -> None:
    for folder in ("a", "b"):
        path = tmp_path / folder / "text.md"
        path.parent.mkdir()
        path.write_text(folder)
        story = FileStory.of(journals, path)
        story.edit(0, 0, "!")
        story.close()
    assert len(list(journals.iterdir())) == 2


def test_a_file_in_another_window_may_be_looked_at(path: Path, journals: Path) -> None:
    story = FileStory.of(journals, path)
    story.edit(0, 0, "!")
    other = FileStory.of(journals, path)
    assert (other.read_only, other.text) == (True, "!One.\nTwo.\n")
    with pytest.raises(StudioError, match="read-only"):
        other.save()
    other.close()
    story.close()


def test_the_first_window_on_a_file_has_it_even_before_it_writes(path: Path, journals: Path) -> None:
    story = FileStory.of(journals, path)
    other = FileStory.of(journals, path)
    assert (other.read_only, other.text) == (True, "One.\nTwo.\n")
    assert "another window" in other.notices[0]
    story.edit(0, 0, "!")
    other.close()
    story.close()
    again = FileStory.of(journals, path)
    assert (again.read_only, again.text) == (False, "!One.\nTwo.\n")
    again.close()


LINES = st.lists(st.sampled_from(["a", "b", "狐", "", "longer line"]), max_size=8).map("\n".join)


@given(LINES, LINES)
def test_the_differences_of_two_texts_make_the_one_the_other(old: str, new: str) -> None:
    text = old
    for at, removed, inserted in differences(old, new):
        assert removed or inserted
        text = text[:at] + inserted + text[at + removed :]
    assert text == new


def test_texts_with_very_many_lines_are_compared_quickly_as_one_change() -> None:
    old, new = "\n".join(map(str, range(9000))), "\n".join(map(str, range(1, 9001)))
    ((at, removed, inserted),) = differences(old, new)
    assert old[:at] + inserted + old[at + removed :] == new
