"""What begins runs from the Train screen, has them wait, and compares them."""

import asyncio
from abc import abstractmethod
from collections.abc import Callable

from textual.screen import Screen

from gpt2studio.app.train.new.filling import Filled, NewRunRoom
from gpt2studio.app.train.new.screen import NewRunScreen
from gpt2studio.app.train.table import RunsTable
from gpt2studio.app.train.watch import RunsWatch, WatchedRun
from gpt2studio.errors import StudioError
from gpt2studio.runs.launch import Launch, start
from gpt2studio.runs.queue import Queue


class NewRunsScreen(Screen[None]):
    """A screen from which runs are begun, queued and compared."""

    runs_table: RunsTable

    def __init__(self) -> None:
        super().__init__()
        self.filled = Filled()

    @abstractmethod
    def new_run_room(self) -> NewRunRoom:
        """What the form of a new run works with."""

    @abstractmethod
    def open_run(self, name: str) -> None:
        """Show this run."""

    @abstractmethod
    def complain(self, error: StudioError) -> None:
        """Tell the person of a fault, and what to do next."""

    @property
    @abstractmethod
    def run_in_view(self) -> WatchedRun | None:
        """The run that is shown."""

    @property
    @abstractmethod
    def all_runs(self) -> RunsWatch:
        """The runs as they stand."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A command is offered while it has something to do."""
        run = self.run_in_view
        match action:
            case "begin_run":
                return run is not None and (run.waits or (not run.alive and run.progress.started is None))
            case "queue_first":
                return run is not None and run.waits
            case "queue_run":
                return run is not None and not run.alive and not run.progress.complete
            case "compare":
                return len(self.all_runs.runs) > 1
        return super().check_action(action, parameters)

    def action_new_run(self) -> None:
        """Fill in a new run."""
        self.app.push_screen(NewRunScreen(self.new_run_room()), self._begun)

    def _begun(self, name: str | None) -> None:
        if name is not None:
            self.run_worker(self._look_at(name))

    async def _look_at(self, name: str) -> None:
        """Show the run that was begun, as soon as it is known."""
        await self.all_runs.look()
        self.open_run(name)

    # --- the queue ---------------------------------------------------------------------------------------------------

    def action_begin_run(self) -> None:
        """Begin the run in view at once, whatever else is under way."""

        def begin(queue: Queue, run: WatchedRun) -> None:
            queue.take_out(run.run)
            start(run.run, Launch(detach=True))

        self._in_queue(begin)

    def action_queue_run(self) -> None:
        """Have the run in view wait until the others have ended; one that waits does so no longer."""

        def turn(queue: Queue, run: WatchedRun) -> None:
            if run.waits:
                queue.take_out(run.run)
            else:
                queue.add(run.run)

        self._in_queue(turn)

    def action_queue_first(self) -> None:
        """Have the run in view be the next."""
        self._in_queue(lambda queue, run: queue.to_front(run.run))

    def _in_queue(self, act: Callable[[Queue, WatchedRun], None]) -> None:
        run = self.run_in_view
        if run is not None:
            self.run_worker(self._change_queue(run, act), group="queue")

    async def _change_queue(self, run: WatchedRun, act: Callable[[Queue, WatchedRun], None]) -> None:
        try:
            await asyncio.to_thread(act, Queue(self.all_runs.registry), run)
        except StudioError as error:
            self.complain(error)
        except OSError as error:
            self.complain(StudioError(f"The queue cannot be changed: {error.strerror or error}.", "Check the disk."))
        await self.all_runs.look()

    # --- two of them -------------------------------------------------------------------------------------------------

    def action_compare(self) -> None:
        """Two runs in one chart: those that are marked, else the one in view and the one that is, or the one below."""
        from gpt2studio.app.train.compare import CompareRunsScreen

        names = list(self.runs_table.marked)
        known = [run.name for run in self.all_runs.runs]
        seen = self.runs_table.looked_at
        if len(names) < 2 and seen and seen not in names:
            names.append(seen)
        if len(names) < 2 and names:
            at = known.index(names[0])
            names.append(known[at + 1] if at + 1 < len(known) else known[at - 1])
        if len(names) == 2:
            self.app.push_screen(CompareRunsScreen(self.all_runs, names[0], names[1]))
