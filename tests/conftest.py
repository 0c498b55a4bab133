"""What every test stands on: a home of its own, and no network; on a busy machine no example is too slow."""

import contextlib
import errno
import os
import signal
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# Engines of several tests compute at once: none is to wait awake for its next product.
os.environ["GOMP_SPINCOUNT"] = "0"

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

SHARED = Path(__file__).parents[1].parent / "shared" / "data"


def pytest_configure() -> None:
    """Have Ctrl+C mean something to the programs that tests start.

    A shell without job control starts what it runs in the background with it ignored, and children inherit that.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: tests of the app wait a quarter of their time."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty studio home, so that no test sees or touches a person's own."""
    folder = tmp_path / "studio-home"
    monkeypatch.setenv("GPT2STUDIO_HOME", str(folder))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "huggingface"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    return folder


@pytest.fixture
def lock(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Locks a folder as mode 000 does, which root would not feel: nothing in it can be seen, and it not be listed."""

    def lock(folder: Path) -> None:
        def refusing(function: Callable[..., Any], *, itself: bool) -> Callable[..., Any]:
            def ask(path: Any = ".", *arguments: Any, **named: Any) -> Any:
                asked = Path(path) if isinstance(path, str | os.PathLike) else None
                if asked is not None and (folder in asked.parents or (itself and asked == folder)):
                    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(asked))
                return function(path, *arguments, **named)

            return ask

        for name in ("stat", "listdir", "scandir"):
            monkeypatch.setattr(os, name, refusing(getattr(os, name), itself=name != "stat"))

    return lock


@pytest.fixture
def windows_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has files be removed and renamed as on Windows: none that this process has open or mapped, and none protected."""
    if sys.platform == "linux":

        def refusing(function: Callable[..., Any], *, lost: int) -> Callable[..., Any]:
            """*lost*: which of the paths is of the file that will be there no longer."""

            def act(*paths: Any, dir_fd: int | None = None) -> Any:
                inside = Path.cwd() if dir_fd is None else Path(f"/proc/self/fd/{dir_fd}").readlink()
                asked = [inside / os.fsdecode(path) for path in paths]
                in_use = any(path == each or path in each.parents for path in asked for each in _in_use())
                if in_use or (asked[lost].is_file() and not asked[lost].stat().st_mode & stat.S_IWUSR):
                    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(asked[lost]))
                return function(*paths) if dir_fd is None else function(*paths, dir_fd=dir_fd)

            return act

        monkeypatch.setattr(os, "unlink", refusing(os.unlink, lost=0))
        monkeypatch.setattr(os, "rename", refusing(os.rename, lost=1))
        monkeypatch.setattr(os, "replace", refusing(os.replace, lost=1))


def _in_use() -> set[Path]:
    """The files that this process has open or mapped."""
    files = set()
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            files.add(link.readlink())
    mapped = Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
    return {file for file in files if not file.is_dir()} | {
        Path(line.split(maxsplit=5)[-1]) for line in mapped if "/" in line
    }
