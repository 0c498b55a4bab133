"""A run's events as lines in a notebook, in the words of the 2019 tools."""

from gpt2studio.api.notebook import shown_share
from gpt2studio.runs.events import Encoding, Event
from gpt2studio.runs.progress import Progress
from gpt2studio.runs.telling import printed


class Lines:
    """Prints events as they come."""

    def __init__(self, every: int, progress: Progress | None) -> None:
        """Each *every*-th step is printed; *progress* is what the run had come to before."""
        self._every = every
        self._progress = progress or Progress()
        self._share = shown_share()

    def show(self, event: Event) -> None:
        """Print the event."""
        self._progress.add(event)
        if isinstance(event, Encoding):
            if self._share:
                self._share("Reading the texts…", event.done, event.total)
        elif line := printed(event, self._progress, self._every):
            print(line, flush=True)
