"""A run's events as lines on a terminal, in the words of the 2019 tools."""

import json
import sys

from gpt2studio.runs.events import (
    Device,
    Encoding,
    Event,
    Failed,
    Finished,
    HeldOut,
    Noted,
    Paused,
    Prepared,
    RateChanged,
    Resumed,
    Sampled,
    Saved,
    Stepped,
    WentOn,
    to_json,
)
from gpt2studio.runs.progress import Progress
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
        counter = f"[{self._progress.step} | {self._progress.elapsed:.2f}]"
        match event:
            case Stepped():
                if event.step % self._every:
                    return ""
                return f"{counter} loss={event.loss:.2f} avg={self._progress.average:.2f}"
            case HeldOut():
                return f"{counter} validation loss = {event.held_out_loss:.2f}"
            case Sampled():
                head = f"======== SAMPLE {event.number + 1} ========"
                return f"{head}\n{visible(event.prompt + event.text)}\n{_copied_line(event)}"
            case Saved():
                best = " (the best so far)" if event.best else ""
                return f"{counter} saved {event.path}{best}"
            case Prepared():
                return _data_line(event)
            case Device():
                return _device_line(event)
            case _:
                return _rarely(event)


def _rarely(event: Event) -> str:
    match event:
        case Resumed():
            return f"Going on from step {event.step}."
        case Paused():
            return f"Paused at step {event.step}."
        case WentOn():
            return "Going on."
        case RateChanged():
            return f"The learning rate is {event.learning_rate:g} from step {event.step} on."
        case Noted() | Failed():
            return visible(f"{event.message} {event.hint}".strip()) if isinstance(event, Noted) else ""
        case Finished():
            return f"Finished at step {event.step}: {_REASONS.get(event.reason, event.reason)}."
    return ""


_REASONS = {
    "steps": "all steps are done",
    "time": "the time is over",
    "early stop": "the held-out loss no longer falls",
}


def _copied_line(event: Sampled) -> str:
    """How much of a sample stands in the training texts; nothing where that was not measured."""
    if event.copied_tokens is None or event.copied_share is None:
        return ""
    share = f"{event.copied_share:.0%} of its 8-token stretches stand in the training texts"
    longest = f"the longest stretch that does has {event.copied_tokens} tokens: {shown_stretch(event.copied_text)}"
    return f"[copying] {share}; {longest}\n"


def shown_stretch(text: str, room: int = 60) -> str:
    """A stretch on one line, its middle left out where it is long."""
    text = " ".join(text.split())
    short = text if len(text) <= room else f"{text[: room // 2].rstrip()} … {text[-room // 2 :].lstrip()}"
    return f"“{visible(short)}”"


def _data_line(event: Prepared) -> str:
    text = f"The dataset has {event.tokens:,} tokens in {event.documents:,} texts: {event.windows:,} windows"
    held_out = f"; {event.held_out_tokens:,} more are held out" if event.held_out_tokens else "; none is held out"
    repeated = f" {event.duplicates:,} texts stand there twice." if event.duplicates else ""
    shared = f" {event.overlap:.0%} of the held-out text stands in the rest as well." if event.overlap > 0.005 else ""
    return f"{text}{held_out}.{repeated}{shared}"


def _device_line(event: Device) -> str:
    trained = (
        f"{event.trained:,} of {event.parameters:,}" if event.trained != event.parameters else f"{event.trained:,}"
    )
    processes = f", {event.processes} processes" if event.processes > 1 else ""
    return f"Training {trained} parameters on {event.label} in {event.dtype}{processes}: {event.steps:,} steps."
