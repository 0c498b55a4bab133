"""The commands of the program, run for tests: as programs, or here with an engine that several share."""

import io
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from gpt2studio.cli import main
from gpt2studio.wire.connecting import connect
from gpt2studio.wire.conversation import Conversation
from gpt2studio.wire.process import ENGINE, EngineProcess

PATIENCE = 60.0


def program(*arguments: str, given: bytes = b"", status: int = 0) -> bytes:
    """What the program prints on standard output; where it is to fail, on standard error."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "gpt2studio", *arguments], input=given, capture_output=True, check=False
    )
    assert done.returncode == status, done.stderr.decode()
    return done.stdout if status == 0 else done.stderr


def here(*arguments: str, given: bytes = b"", status: int = 0) -> bytes:
    """The same, in this process."""
    out, complaints = io.BytesIO(), io.BytesIO()
    with (
        patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(given))),
        patch.object(sys, "stdout", io.TextIOWrapper(out, write_through=True)),
        patch.object(sys, "stderr", io.TextIOWrapper(complaints, write_through=True)),
    ):
        got = main(arguments)
        assert got == status, complaints.getvalue().decode()
        return out.getvalue() if status == 0 else complaints.getvalue()


@contextmanager
def one_engine(folder: Path) -> Iterator[None]:
    """An engine that is there for all commands that are run here, in place of one for each."""
    control = folder / "engine.json"
    child = subprocess.Popen([*ENGINE, "--listen", str(control)], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + PATIENCE
        while not control.exists():
            assert child.poll() is None
            assert time.monotonic() < until
            time.sleep(0.01)

        def start(command: Any) -> Conversation:
            assert command == ENGINE
            return connect(control)

        with patch.object(EngineProcess, "start", start):
            yield
    finally:
        child.kill()
        child.communicate()
