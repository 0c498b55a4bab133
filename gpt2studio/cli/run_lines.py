"""A run's events as lines on a terminal, in the words of the 2019 tools."""

import json
import sys

from gpt2studio.runs.events import Encoding, Event, Failed, Sampled, Stepped, to_json
from gpt2studio.runs.progress import Progress
from gpt2studio.runs.telling import copied, told
from gpt2studio.wire.terminal import visible


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
        elif line := self._line(event):
            print(line, flush=True)

    def _encoding(self, event: Encoding) -> None:
        if sys.stderr.isatty():
            end = "\r\x1b[K" if event.done >= event.total else ""
            share = 100 * event.done // max(event.total, 1)
            print(f"\rReading the texts… {share} %{end}", end="", file=sys.stderr, flush=True)

    def _line(self, event: Event) -> str:
        match event:
            case Stepped() if event.step % self._every:
                return ""
            case Sampled():
                copying = f"[copying] {said}\n" if (said := copied(event)) else ""
                text = f"======== SAMPLE {event.number + 1} ========\n{event.prompt}{event.text}\n{copying}"
                return visible(text)
            case Failed():  # the command says it when it ends
                return ""
            case _:
                return visible(told(event, self._progress))
