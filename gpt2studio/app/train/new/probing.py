"""Probes of new runs, one at a time, beside the app's own work."""

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path

from gpt2studio.errors import StudioError
from gpt2studio.runs.events import Event
from gpt2studio.runs.probe import Needs, Probe
from gpt2studio.runs.recipe import Recipe

Found = Event | Needs | StudioError
"""An event on the way, and last what it takes, or why that cannot be found out."""


class Probing:
    """Starts probes and ends them; *tell* hears, in another thread, of the one that was started last."""

    def __init__(self, folder: Path, tell: Callable[[int, Found], None]) -> None:
        self._folder = folder
        self._tell = tell
        self._lock = threading.Lock()
        self._probe: Probe | None = None
        self.number = 0
        """Which probe is the last; what others tell comes too late."""

    def start(self, recipe: Recipe) -> None:
        """Find out what this takes, and end the probe before it."""
        self.stop()
        threading.Thread(target=self._work, args=(recipe, self.number), daemon=True, name="probe").start()

    def stop(self) -> None:
        """End the probe, if one is under way."""
        with self._lock:
            self.number += 1
            if self._probe is not None:
                self._probe.close()
                self._probe = None

    def _work(self, recipe: Recipe, number: int) -> None:
        try:
            with self._lock:
                if number != self.number:
                    return
                probe = self._probe = Probe(recipe, self._folder)
            for event in probe.events():
                self._tell(number, event)
            if probe.needs is not None:
                self._tell(number, probe.needs)
        except StudioError as error:
            self._tell(number, error)
        except OSError as error:
            self._tell(
                number, StudioError(f"It cannot be measured: {error.strerror or error}.", "Start works all the same.")
            )
        finally:
            with self._lock, contextlib.suppress(OSError):
                if number == self.number and self._probe is not None:
                    self._probe.close()
                    self._probe = None
