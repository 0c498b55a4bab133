"""The program that started the server: what it says on standard input, and that it has ended."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO

from gpt2studio.errors import StudioError, UsageError, WireError
from gpt2studio.paths import shipped
from gpt2studio.text.tokenizer import Tokenizer
from gpt2studio.web.borrowing import Borrower
from gpt2studio.web.service import Service
from gpt2studio.wire.lines import from_line
from gpt2studio.wire.messages import STITCH
from gpt2studio.wire.sharing import Share


def first_share() -> Share:
    """What is to be served at first. Raises UsageError where standard input does not say it."""
    with contextlib.suppress(WireError):
        share = from_line(_standard_input().readline(), (Share,))
        if share is not None:
            return share
    raise UsageError("Standard input does not say what to share.", "This option is for the app.")


class Starter:
    """Hears what is said, in a thread, for as long as the server runs."""

    def __init__(self, ended: Callable[[], None]) -> None:
        self._ended = ended
        self._loop = asyncio.get_running_loop()
        self._shares: asyncio.Queue[Share] = asyncio.Queue()

    def listen(self) -> None:
        """Begin."""
        threading.Thread(target=self._read, daemon=True, name="starter").start()

    async def turn(self, service: Service, keeper: Borrower) -> None:
        """Serve what is said to be served, until cancelled."""
        while True:
            share = await self._shares.get()
            try:
                tokenizer = await asyncio.to_thread(Tokenizer.of_folder, vocabulary_of(share.vocabulary))
            except (StudioError, OSError):
                keeper.turn(replace(share, control="", why="The words of this model cannot be read here."))
                continue
            service.turn(share.name, share.sampling, tokenizer)
            keeper.turn(share)

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            for line in _standard_input():
                with contextlib.suppress(WireError, RuntimeError):  # the loop may be at its end
                    if share := from_line(line, (Share,)):
                        self._loop.call_soon_threadsafe(self._shares.put_nowait, share)
        self._ended()


def _standard_input() -> IO[bytes]:
    """Unbuffered: a thread that waits in a buffered read cannot be left behind at the end of the program."""
    return open(0, "rb", buffering=0, closefd=False)  # it is not ours to close


def vocabulary_of(model: str) -> Path:
    """The folder in which a model's vocabulary lies."""
    if model.startswith(STITCH):
        return shipped("models") / "storyteller"  # in whose tokens texts are stitched
    path = Path(model)
    return path if path.is_dir() else path.parent
