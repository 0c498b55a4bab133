"""The work of indexing texts: counted in texts, stopped between two of them."""

from collections.abc import Callable, Sequence
from pathlib import Path

from gpt2studio.app.common.wording import counted
from gpt2studio.app.models.jobs import Handle, Task
from gpt2studio.app.texts.own_texts import OwnTexts
from gpt2studio.library.progress import Progress

INDEX = "Index"


def index_task(own_texts: OwnTexts, name: str, paths: Sequence[Path], when_done: Callable[[], None]) -> Task:
    """Add the texts of these files and folders to the index of this name."""

    def work(handle: Handle) -> str:
        def report(what: str, done: int, total: int) -> None:
            handle.watch(Progress("", done, total))
            handle.notice = what.lower()  # in place of a speed, which would be of bytes

        new, kept = own_texts.build(name, paths, report)
        return f"{counted(new, 'new text')}, {kept:,} in all: stitch:{name} can write" if new else "all known already"

    return Task(INDEX, name, work, when_done=when_done, measure=lambda texts: f"{texts:,}")
