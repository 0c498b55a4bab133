"""Folders that are there, and drives that are not."""

import shutil
from pathlib import Path

import pytest

from gpt2studio.errors import StudioError
from gpt2studio.formats.room import check_room
from gpt2studio.runs.machine import free_disk


def test_room_is_that_of_the_next_folder_that_is_there(tmp_path: Path) -> None:
    check_room(tmp_path / "not" / "yet", 1)
    assert free_disk(tmp_path / "not" / "yet") > 0
    with pytest.raises(StudioError, match="GB left"):
        check_room(tmp_path / "not" / "yet", 1 << 62)


def test_a_drive_that_is_not_there_has_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(path: Path) -> None:
        raise FileNotFoundError(2, "The system cannot find the path specified", str(path))

    monkeypatch.setattr(Path, "exists", lambda self: False)
    monkeypatch.setattr(shutil, "disk_usage", absent)
    folder = Path("novels/models")
    assert free_disk(folder) == 0
    with pytest.raises(StudioError, match="is not there"):
        check_room(folder, 1)
