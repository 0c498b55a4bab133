"""A run's events as lines on a terminal, in the words of the 2019 tools."""

import json

from gpt2studio.cli.streams import on_last_line
from gpt2studio.runs.events import Encoding, Event, to_json
from gpt2studio.runs.progress import Progress
from gpt2studio.runs.telling import printed


class Printer:
    """Prints events as they come: as JSON, or for people."""

    def __init__(self, as_json: bool, print_every: int = 1, progress: Progress | None = None) -> None:
        """*progress* is what the run had come to before the first of them."""
        self._json = as_json
        self._every = max(1, print_every)
        self._progress = progress or Progress()

    def show(self, event: Event) -> None:
        """Print the event."""
        self._progress.add(event)
        if isinstance(event, Encoding):
            self._encoding(event)
        elif self._json:
            print(json.dumps(to_json(event), separators=(",", ":")), flush=True)
        elif line := printed(event, self._progress, self._every):
            print(line, flush=True)

    def _encoding(self, event: Encoding) -> None:
        share = 100 * event.done // max(event.total, 1)
        on_last_line(f"Reading the texts… {share} %" if event.done < event.total else "")
