"""Long work on models, each piece in a thread of its own: followed, paused, stopped, never in the way of writing."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from gpt2studio.app.common.wording import duration, size
from gpt2studio.errors import StudioError
from gpt2studio.library.progress import Progress

_REMEMBERED = 8.0
"""Seconds over which the speed is taken."""
_QUIET = 2.0
"""Seconds without a byte after which no speed is told."""


class Stopped(Exception):  # noqa: N818  # what ends work that a person has stopped: no error
    """A person has stopped this."""


class State(StrEnum):
    """How a piece of work stands."""

    RUNNING = "running"
    STOPPING = "stopping"
    PAUSED = "paused"
    STOPPED = "stopped"
    FAILED = "failed"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done."""

    kind: str
    """In a word: ``Download``, ``Verify``."""
    name: str
    """The model's."""
    work: "Callable[[Handle], str]"
    """Does it, telling the handle of every step; gives the sentence for its end. What `Handle.watch` raises ends it."""
    resumable: bool = False
    """Whether it goes on where it stopped when it is begun again."""
    measure: Callable[[int], str] = size
    """How its progress is told, which counts bytes as a rule."""
    when_done: Callable[[], None] = lambda: None
    """Called in the app's own thread at a good end."""


@dataclass(slots=True)
class Handle:
    """What work tells of itself, and is told."""

    ended: threading.Event = field(default_factory=threading.Event)
    progress: Progress = field(default_factory=lambda: Progress("", 0, 0))
    notice: str = ""
    """What holds it up, where something does."""

    def watch(self, progress: Progress) -> None:
        """Take note of a step. Raises Stopped when the person wants no more of it."""
        self.progress, self.notice = progress, ""
        if self.ended.is_set():
            raise Stopped

    def wait(self, seconds: float) -> None:
        """Wait between two attempts. Raises Stopped as `watch` does."""
        self.notice = f"the line was cut; again in {seconds:.0f} s"
        if self.ended.wait(seconds):
            raise Stopped


class Job:
    """A piece of work, from its beginning to its end."""

    def __init__(self, task: Task, clock: Callable[[], float] = time.monotonic) -> None:
        self.task = task
        self.state = State.PAUSED
        self.error: StudioError | None = None
        self.said = ""
        """What there is to say of its end."""
        self._clock = clock
        self._handle = Handle()
        self._thread: threading.Thread | None = None
        self._marks: deque[tuple[float, int]] = deque()
        self._wanted = State.STOPPED

    @property
    def active(self) -> bool:
        """Whether its thread is at work."""
        return self.state in (State.RUNNING, State.STOPPING)

    @property
    def progress(self) -> Progress:
        """How far it is."""
        return self._handle.progress

    @property
    def share(self) -> float | None:
        """How much of it is done; None where nobody knows."""
        progress = self.progress
        return min(1.0, progress.done / progress.total) if progress.total else None

    def start(self) -> None:
        """Begin, or go on after a pause."""
        if self.active:
            return
        self._handle = Handle(progress=self.progress)
        self._marks.clear()
        self.error, self.said, self.state = None, "", State.RUNNING
        self._thread = threading.Thread(target=self._run, args=(self._handle,), daemon=True, name=self.task.kind)
        self._thread.start()

    def stop(self, then: State = State.STOPPED) -> None:
        """End it; what it has left is as the work itself leaves it."""
        self._wanted = then
        if self.active:
            self.state = State.STOPPING
            self._handle.ended.set()
        else:
            self.state = then

    def join(self, seconds: float) -> None:
        """Wait for the end."""
        if self._thread is not None:
            self._thread.join(seconds)

    def look(self) -> None:
        """Note how far it is now, for its speed."""
        now, done = self._clock(), self.progress.done
        if self._marks and done < self._marks[-1][1]:
            self._marks.clear()  # a new stage, or begun again
        if not self._marks or done > self._marks[-1][1]:
            self._marks.append((now, done))
        while len(self._marks) > 2 and now - self._marks[0][0] > _REMEMBERED:
            self._marks.popleft()

    @property
    def speed(self) -> float:
        """Bytes a second of late; 0 where that cannot be told."""
        if len(self._marks) < 2 or self._clock() - self._marks[-1][0] > _QUIET:
            return 0.0
        (begin, before), (end, after) = self._marks[0], self._marks[-1]
        return (after - before) / (end - begin) if end > begin else 0.0

    @property
    def words(self) -> str:
        """How it stands, in one line for people."""
        if self.state in (State.FAILED, State.DONE, State.STOPPED):
            return self.error.message if self.error is not None else self.said or self.state.value
        progress = self.progress
        measure = self.task.measure
        parts = [f"{measure(progress.done)} of {measure(progress.total)}"] if progress.total else []
        if not progress.total and progress.done:
            parts.append(measure(progress.done))
        if progress.what and not self.task.resumable:
            parts[:1] = [" ".join([progress.what, *parts[:1]])]  # of a download it would be a file's name
        if self.state is not State.RUNNING:
            parts.append(self.state.value)
        elif self._handle.notice:
            parts.append(self._handle.notice)
        elif speed := self.speed:
            parts.append(f"{size(round(speed))}/s")
            if progress.total > progress.done:
                parts.append(f"{duration((progress.total - progress.done) / speed)} left")
        return " · ".join(parts)

    def _run(self, handle: Handle) -> None:
        try:
            self.said = self.task.work(handle)
            self.state = State.DONE
        except Stopped:
            self.state = self._wanted
        except StudioError as error:
            self.error, self.state = error, State.FAILED
        except Exception as error:  # a fault of ours: told, and the app lives on
            message = f"{self.task.kind} of {self.task.name} failed: {type(error).__name__}: {error}"
            self.error, self.state = StudioError(message, "Try it again; if it stays so, report it."), State.FAILED


class Jobs:
    """All work under way, the latest last.

    Threads only take notes; the app looks at them from its own thread, with `look`, as often as an eye wants it.
    """

    def __init__(self) -> None:
        self.all: list[Job] = []
        self.on_end: Callable[[Job], None] = lambda job: None
        self._told: set[int] = set()

    @property
    def active(self) -> list[Job]:
        """Those at work."""
        return [job for job in self.all if job.active]

    @property
    def words(self) -> str:
        """What is under way, in as few words as there can be."""
        if not self.active:
            return ""
        job = self.active[-1]
        share = f" {job.share:.0%}" if job.share is not None else ""
        others = f" +{len(self.active) - 1}" if len(self.active) > 1 else ""
        return f"{job.task.kind.lower()} {job.task.name}{share}{others}"

    def begin(self, task: Task) -> Job:
        """Have this done; a job of the same kind and name that is over gives way."""
        self.all = [job for job in self.all if job.active or (job.task.kind, job.task.name) != (task.kind, task.name)]
        job = Job(task)
        self.all.append(job)
        job.start()
        return job

    def wait_with(self, task: Task, progress: Progress) -> Job:
        """Show this as paused: work that an earlier day has left."""
        job = Job(task)
        job._handle.progress = progress
        self.all.append(job)
        self._told.add(id(job))
        return job

    def find(self, kind: str, name: str) -> Job | None:
        """The job of this kind on this model."""
        return next((job for job in self.all if (job.task.kind, job.task.name) == (kind, name)), None)

    def forget(self, job: Job) -> None:
        """Show it no more."""
        if not job.active and job in self.all:
            self.all.remove(job)

    def look(self) -> None:
        """Take note of how far all are, and tell of those that have ended."""
        for job in list(self.all):
            job.look()
            if job.active:
                self._told.discard(id(job))
            elif id(job) not in self._told:
                self._told.add(id(job))
                if job.state is State.DONE:
                    job.task.when_done()
                self.on_end(job)

    def close(self, patience: float = 3.0) -> None:
        """Stop everything, as at the end of the day: downloads keep what has come."""
        active = self.active
        for job in active:
            job.stop(State.PAUSED)
        deadline = time.monotonic() + patience
        for job in active:
            job.join(max(0.0, deadline - time.monotonic()))
