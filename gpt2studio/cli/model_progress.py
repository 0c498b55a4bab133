"""How far a download or a copy has come, on a terminal's last line."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from gpt2studio.library.progress import Progress, Watch, unwatched


@contextmanager
def shown_progress() -> Iterator[Watch]:
    """What to tell of progress: drawn on standard error where that is a terminal, with speed and time left."""
    if not sys.stderr.isatty():
        yield unwatched
        return
    from rich import progress as bars
    from rich.console import Console

    columns = (
        bars.TextColumn("{task.description}", markup=False),
        bars.BarColumn(),
        bars.TaskProgressColumn(),
        bars.DownloadColumn(),
        bars.TransferSpeedColumn(),
        bars.TimeRemainingColumn(),
    )
    with bars.Progress(*columns, console=Console(stderr=True), transient=True) as drawn:
        task = drawn.add_task("", total=None)

        def watch(progress: Progress) -> None:
            drawn.update(
                task, description=progress.what, completed=progress.done, total=progress.total or None, refresh=False
            )

        yield watch
