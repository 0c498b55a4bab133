"""What begins runs from the Train screen."""

from textual.screen import Screen

from gpt2studio.app.runs_watch import RunsWatch
from gpt2studio.app.screens.new_run import Filled, NewRunRoom, NewRunScreen


class NewRunsScreen(Screen[None]):
    """A screen from which runs are begun."""

    def __init__(self) -> None:
        super().__init__()
        self.filled = Filled()

    def new_run_room(self) -> NewRunRoom:
        """What the form of a new run works with."""
        raise NotImplementedError

    def open_run(self, name: str) -> None:
        """Show this run."""
        raise NotImplementedError

    @property
    def all_runs(self) -> RunsWatch:
        """The runs as they stand."""
        raise NotImplementedError

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
