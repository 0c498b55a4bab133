"""Questions that take long, asked in a thread of their own, which nobody waits for when the app is left."""

import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

from textual.message_pump import MessagePump

from gpt2studio.errors import StudioError

T = TypeVar("T")


def ask(
    asker: MessagePump, question: Callable[[], T], answered: Callable[[T], None], failed: Callable[[StudioError], None]
) -> None:
    """Have the question answered beside the app's work; the answer, or the fault, is given in the app's own thread.

    A widget or screen that is gone by then is told nothing.
    """

    def run() -> None:
        try:
            answer = question()
        except StudioError as error:
            _tell(asker, lambda error=error: failed(error))  # type: ignore[misc]
        else:
            _tell(asker, lambda: answered(answer))

    threading.Thread(target=run, daemon=True).start()


def _tell(asker: MessagePump, news: Callable[[], None]) -> None:
    def tell() -> None:
        if asker.is_attached:
            news()

    with contextlib.suppress(RuntimeError):  # the app's loop has been closed
        asker.app.call_later(tell)
