"""Long work beside the app: how it is followed, paused, stopped, and what is told of its end."""

import threading
from collections.abc import Callable

import pytest

from gpt2studio.app.models.jobs import Handle, Job, Jobs, State, Task
from gpt2studio.errors import StudioError
from gpt2studio.library.progress import Progress


class Gate:
    """Work that takes a step each time it is let, and ends after the last."""

    def __init__(self, steps: int = 3) -> None:
        self.steps = steps
        self.may = threading.Semaphore(0)
        self.did = threading.Semaphore(0)
        self.begun = 0

    def work(self, handle: Handle) -> str:
        self.begun += 1
        for step in range(1, self.steps + 1):
            self.may.acquire(timeout=10)
            self.did.release()
            handle.watch(Progress("writing", step * 100, self.steps * 100))
        return "written"

    def step(self) -> None:
        self.may.release()
        assert self.did.acquire(timeout=10)

    def task(self, kind: str = "Export", name: str = "tales", resumable: bool = False) -> Task:
        return Task(kind, name, self.work, resumable)


def ended(job: Job) -> Job:
    job.join(10)
    assert not job.active
    return job


def test_work_that_ends_well_says_so_once() -> None:
    jobs = Jobs()
    told: list[object] = []
    jobs.on_end = lambda job: told.append((job.state, job.said))
    job = jobs.begin(Task("Verify", "tales", lambda handle: "Whole.", when_done=lambda: told.append("done")))
    ended(job)
    jobs.look()
    jobs.look()
    assert told == ["done", (State.DONE, "Whole.")]
    assert job.words == "Whole."


def test_a_stop_ends_it_at_its_next_step() -> None:
    gate, jobs = Gate(), Jobs()
    job = jobs.begin(gate.task())
    gate.step()
    job.stop()
    assert job.state is State.STOPPING
    gate.may.release()
    assert ended(job).state is State.STOPPED


def test_a_pause_keeps_how_far_it_was_and_going_on_begins_the_work_again() -> None:
    gate = Gate()
    job = Jobs().begin(gate.task(resumable=True))
    gate.step()
    gate.step()
    job.stop(State.PAUSED)
    gate.may.release()
    assert ended(job).state is State.PAUSED
    assert "paused" in job.words
    assert job.progress.done >= 200
    job.start()
    for _ in range(3):
        gate.may.release()
    assert ended(job).state is State.DONE
    assert gate.begun == 2


def test_a_wait_between_two_attempts_is_told_and_ends_with_a_stop() -> None:
    handle = Handle()
    waiting = threading.Event()

    def work(given: Handle) -> str:
        handle.ended = given.ended
        waiting.set()
        given.wait(60)
        return "never"

    job = Jobs().begin(Task("Download", "tales", work))
    assert waiting.wait(10)
    job.stop()
    assert ended(job).state is State.STOPPED


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (StudioError("The disk is full.", "Make room."), "The disk is full."),
        (RuntimeError("oh"), "Verify of tales failed: RuntimeError: oh"),
    ],
)
def test_a_fault_is_told_and_no_more(error: Exception, words: str) -> None:
    def work(handle: Handle) -> str:
        raise error

    job = ended(Jobs().begin(Task("Verify", "tales", work)))
    assert (job.state, job.words) == (State.FAILED, words)
    assert job.error is not None
    assert job.error.hint


def clocked(progress: Callable[[Handle], None]) -> tuple[Job, list[float]]:
    """A job that is not begun, whose clock a test sets."""
    now = [0.0]
    job = Job(Task("Download", "tales", lambda handle: "", resumable=True), clock=lambda: now[0])
    progress(job._handle)
    job.state = State.RUNNING
    return job, now


def test_the_speed_is_that_of_the_last_seconds_and_tells_the_time_left() -> None:
    job, now = clocked(lambda handle: None)
    for second in range(30):
        now[0] = float(second)
        done = 1_000_000 * second if second < 15 else 15_000_000 + 2_000_000 * (second - 15)
        job._handle.watch(Progress("model", done, 100_000_000))
        job.look()
    assert job.speed == pytest.approx(2_000_000)
    assert job.words == "43 MB of 100 MB · 2.0 MB/s · 28 s left"
    assert job.share == pytest.approx(0.43)


def test_work_in_stages_names_the_one_it_is_at() -> None:
    job = Job(Task("Import", "tales", lambda handle: ""))
    job.state = State.RUNNING
    job._handle.watch(Progress("checking", 2_000_000, 4_000_000))
    assert job.words == "checking 2.0 MB of 4.0 MB"


def test_no_speed_is_told_when_nothing_comes() -> None:
    job, now = clocked(lambda handle: None)
    for second, done in ((0, 0), (1, 5_000_000), (9, 5_000_000)):
        now[0] = float(second)
        job._handle.watch(Progress("model", done, 10_000_000))
        job.look()
    assert job.words == "5.0 MB of 10 MB"


def test_what_is_under_way_fits_in_a_few_words() -> None:
    gates = Gate(), Gate()
    jobs = Jobs()
    first = jobs.begin(gates[0].task("Download", "124M"))
    second = jobs.begin(gates[1].task("Import", "tales"))
    assert jobs.words == "import tales +1"
    for gate, job in zip(gates, (first, second), strict=True):
        for _ in range(3):
            gate.may.release()
        ended(job)
    assert jobs.words == ""


def test_the_end_of_the_day_stops_everything() -> None:
    gate, jobs = Gate(), Jobs()
    job = jobs.begin(gate.task())
    gate.step()
    gate.may.release()
    jobs.close(patience=10)
    assert not job.active


def test_beginning_anew_takes_the_place_of_what_is_over() -> None:
    jobs = Jobs()
    ended(jobs.begin(Task("Verify", "tales", lambda handle: "")))
    again = ended(jobs.begin(Task("Verify", "tales", lambda handle: "")))
    assert jobs.all == [again]
    jobs.forget(again)
    assert jobs.all == []
