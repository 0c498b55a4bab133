"""The models at hand and the work on them, followed while the app goes on: looked for, measured, told of."""

from typing import TYPE_CHECKING

from gpt2studio.app.models.stock import Inventory
from gpt2studio.library.installed import INDEX

if TYPE_CHECKING:
    from gpt2studio.app.models.jobs import Job
    from gpt2studio.app.studio import Studio

_LOOKS = 0.25
"""Seconds between two looks at the work."""


class StockWatch:
    """Keeps what the panes show of the stock true."""

    def __init__(self, studio: "Studio") -> None:
        self._studio = studio
        self._stock = studio.stock

    def begin(self) -> None:
        """Look for models once the first paint is done, and follow the work."""
        self._stock.on_stale = self.look
        self._stock.jobs.on_end = self._job_ended
        self._studio.set_interval(_LOOKS, self._follow_jobs)
        self._studio.call_after_refresh(self.look)

    def look(self) -> None:
        """Look what models are at hand: in a thread, since disks can be slow."""
        self._studio.run_worker(self._find, thread=True)

    def _find(self) -> None:
        # As a message: an app that is being left takes none, and that is no fault.
        self._studio.call_later(self.found, self._stock.look())

    def found(self, found: Inventory) -> None:
        """This lies on disk now."""
        self._stock.take_up(found)
        self._studio.write.offer_texts(tuple(each.path.name for each in found.models if each.origin == INDEX))
        self._studio.who_writes.show()
        self._stock.note_engine(self._studio.link.state)

    def measure(self) -> None:
        """Find out, in a thread, what the Models screen tells of the machine."""
        self._studio.run_worker(self._measure, thread=True)

    def _measure(self) -> None:
        self._stock.measure()
        self._studio.call_later(self._stock.changed)

    def _follow_jobs(self) -> None:
        if self._stock.jobs.all:
            self._stock.jobs.look()
        self._studio.write.show_work(self._stock.jobs.words)

    def _job_ended(self, job: "Job") -> None:
        """Tell of an end, wherever the person is."""
        if job.error is not None:
            self._studio.complain(job.error)
        elif job.said:
            title = f"{job.task.kind}: {job.task.name}"
            self._studio.notify(job.said, title=title, markup=False, timeout=6)
