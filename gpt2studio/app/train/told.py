"""News of runs, taken in wherever the person is: shown in the dock, told of, and the models looked for anew."""

import contextlib
from typing import TYPE_CHECKING

from gpt2studio.app.train.news import has_new_model, notes
from gpt2studio.app.train.watch import News
from gpt2studio.runs.queue import Queue

if TYPE_CHECKING:
    from gpt2studio.app.studio import Studio


class RunsTold:
    """Hears the watch of the runs for the studio."""

    def __init__(self, studio: "Studio") -> None:
        self._studio = studio
        self._watch = studio.runs

    def begin(self) -> None:
        """Watch the runs; those that waited when the machine was switched off wait on."""
        self._watch.on_news.append(self._heard)
        self._studio.run_worker(self._watch.watch(), group="runs")
        self._studio.run_worker(self._keep_queue, thread=True)

    def _keep_queue(self) -> None:
        with contextlib.suppress(OSError):
            Queue(self._watch.registry).keep()

    def _heard(self, news: News) -> None:
        studio = self._studio
        studio.write.runs_dock.show(self._watch.runs)
        studio.under_way = self._watch.under_way
        studio.who_writes.show_live_step()
        for note in notes(news, studio.who_writes.choice):
            studio.notify(note.text, title=note.title, severity=note.severity, markup=False, timeout=8)
        if has_new_model(news):
            studio.stock_watch.look()
